using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Registry.Http;
using Sluice.ServiceDefaults;

namespace Sluice.Registry.Access;

/// <summary>
/// Finds out who a request comes from, before anything of its body is read, and lets in who may do what its endpoint does (<see cref="AccessRule"/>).
/// </summary>
internal sealed class Door(RequestDelegate next, AccessPolicy policy, Credentials credentials, FailedAttempts failures)
{
    private const string Scheme = "Bearer";

    private const string Expected =
        "Authorization: expected 'Bearer' and an API key (slk_…), a token, or a service's secret (the Registry knows it as Registry:Services:<name>:Token, the service as RegistryClient:Token)";

    public async Task InvokeAsync(HttpContext context)
    {
        // Without a route there is nothing to guard: no such path, or not by this method.
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            await next(context);
            return;
        }

        var rule = endpoint.Metadata.GetMetadata<AccessRule>() ?? AccessRule.Undeclared;
        if (!rule.IsPublic)
        {
            var (caller, refusal) = await IdentifyAsync(context, endpoint);
            refusal ??= FindForbidden(rule, caller!, context);
            if (refusal is not null)
            {
                await refusal.ExecuteAsync(context);
                return;
            }

            context.Features.Set(caller);
        }

        await next(context);
    }

    private async Task<(Caller? Caller, ProblemHttpResult? Refusal)> IdentifyAsync(HttpContext context, RouteEndpoint endpoint)
    {
        var authorization = context.Request.Headers.Authorization;
        if (authorization.Count == 0)
        {
            return policy.LetsInWithoutCredential(context) ? (Caller.Anonymous, null) : (null, Unauthorized(context, $"{Expected}."));
        }

        // A credential that came is never passed over, not even where none is asked for: whoever sends one believes that it counts.
        var text = authorization.ToString();
        if (authorization.Count != 1 || !text.StartsWith(Scheme + " ", StringComparison.OrdinalIgnoreCase))
        {
            return (null, Unauthorized(context, $"{Expected}."));
        }

        var (caller, reason) = await credentials.FindCallerAsync(text[Scheme.Length..].Trim(), context.RequestAborted);
        return caller is not null ? (caller, null) : (null, Refuse(context, endpoint, reason));
    }

    private ProblemHttpResult Refuse(HttpContext context, RouteEndpoint endpoint, string reason)
    {
        if (failures.Note(context, endpoint.RoutePattern.RawText ?? "", reason) is not { } wait)
        {
            return Unauthorized(context, $"{Expected}; what came is not accepted: {reason}.");
        }

        context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return Problems.Refused(StatusCodes.Status429TooManyRequests, "Authorization: too many wrong credentials came from this address; wait before the next try.");
    }

    private static ProblemHttpResult Unauthorized(HttpContext context, string detail)
    {
        context.Response.Headers.WWWAuthenticate = Scheme;
        return Problems.Refused(StatusCodes.Status401Unauthorized, detail);
    }

    private static ProblemHttpResult? FindForbidden(AccessRule rule, Caller caller, HttpContext context)
    {
        if (rule.Scopes.Count > 0 && !rule.Scopes.Any(caller.Holds))
        {
            return Problems.Refused(
                StatusCodes.Status403Forbidden,
                $"{caller.Name} has the scopes {string.Join(", ", caller.Scopes)}; this needs {string.Join(" or ", rule.Scopes)}.");
        }

        return caller.Model is { } own && context.GetRouteValue("model") is var asked && !caller.Covers(asked as string ?? "")
            ? Problems.Refused(StatusCodes.Status403Forbidden, $"{caller.Name} is for the model {own} only; this is {(asked is null ? "not about one model" : $"about {asked}")}.")
            : null;
    }
}
