using Sluice.Contracts;
using Sluice.Gateway.Routing;
using Sluice.ServiceDefaults;

namespace Sluice.Gateway.Access;

/// <summary>
/// Finds out who sends a request, by its headers and what the gateway knows: for keys one SHA-256 and one look-up. The same for every protocol.
/// </summary>
internal sealed partial class CallerCheck(AccessPolicy policy, TimeProvider time, ILogger<CallerCheck> logger)
{
    private const string Scheme = "Bearer ";
    private const int SecretLength = 47; // KeySecret.Prefix and 43 characters
    private const int LoggedPerMinute = 20;

    private long _minute;
    private int _logged;

    /// <summary>Whether inference is let through: who sends it, whether he may, and not too fast.</summary>
    /// <param name="context">The request: its headers and where it comes from. Becomes <see cref="Caller.Of"/> it.</param>
    /// <param name="table">What the request is routed by.</param>
    /// <param name="model">The model that it names; empty when none: then the caller's own may be meant, and <see cref="Caller.Covers"/> is to be asked once it is known.</param>
    /// <param name="caller">Who sends it; nobody, where he is not let in.</param>
    /// <returns>Why it is not; null when it is.</returns>
    public Denial? CheckInference(HttpContext context, RouteTable table, ReadOnlySpan<char> model, out Caller caller) =>
        Check(context, table, model, out caller)
        ?? (caller.Bucket is { } bucket && !bucket.TryTake(out var wait) ? Denial.TooFast(wait) : null);

    /// <summary>Whether metadata is told: the same, at any speed.</summary>
    /// <inheritdoc cref="CheckInference" />
    public Denial? Check(HttpContext context, RouteTable table, ReadOnlySpan<char> model, out Caller caller)
    {
        // Nothing is known yet, neither keys nor models. That is no fault of the caller's, and a 401 would send him away for good.
        var denial = table.IsKnown ? Identify(context, table.Callers, out caller) : Nobody(out caller);
        if (denial is null)
        {
            context.Features.Set(caller);
            return !caller.MayInfer ? Denial.NotForInference
                : model.IsEmpty || caller.Covers(model) ? null
                : Denial.OtherModel(caller.Model!);
        }

        LogBounded(context, denial);
        return denial;
    }

    private Denial? Identify(HttpContext context, CallerTable callers, out Caller caller)
    {
        Nobody(out caller);
        var headers = context.Request.Headers.Authorization;
        if (headers.Count == 0)
        {
            return policy.LetsInWithoutCredential(context) ? null : Denial.Missing;
        }

        // A credential that came is never passed over, not even where none is asked for: whoever sends one believes that it counts.
        var text = headers.Count == 1 ? headers[0].AsSpan() : default;
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return Denial.Missing;
        }

        var (found, reason) = Find(text[Scheme.Length..].Trim(), callers);
        caller = found ?? caller;
        return found is null ? Denial.NotAccepted(reason) : null;
    }

    private (Caller? Caller, string Reason) Find(ReadOnlySpan<char> credential, CallerTable callers)
    {
        if (credential.StartsWith(KeySecret.Prefix, StringComparison.Ordinal))
        {
            return credential.Length == SecretLength && callers.Find(SecretHash.Of(credential)) is { } known
                ? known.Key.IsExpired(time.GetUtcNow()) ? (null, "the key has expired") : (known.Caller, "")
                : (null, "there is no such key, or it was given another secret");
        }

        return TokenVerifier.IsToken(credential)
            ? (callers.Tokens.Find(credential, callers, time.GetUtcNow(), out var reason), reason)
            : (null, "it is neither a key nor a token");
    }

    private static Denial? Nobody(out Caller caller)
    {
        caller = Caller.Anonymous;
        return null;
    }

    // Somebody who tries keys must not fill the log; that somebody does is worth some lines.
    private void LogBounded(HttpContext context, Denial denial)
    {
        var minute = time.GetUtcNow().Ticks / TimeSpan.TicksPerMinute;
        if (Interlocked.Exchange(ref _minute, minute) != minute)
        {
            Volatile.Write(ref _logged, 0);
        }

        if (Interlocked.Increment(ref _logged) <= LoggedPerMinute)
        {
            LogRefused(context.Connection.RemoteIpAddress, denial.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Refused a caller at {Address}. {Reason} At most twenty such lines a minute; sluice.gateway.refused counts all")]
    private partial void LogRefused(System.Net.IPAddress? address, string reason);
}
