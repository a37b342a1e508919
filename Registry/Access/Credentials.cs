using Sluice.Contracts;
using Sluice.Registry.Keys;
using Sluice.Registry.Tokens;
using Sluice.ServiceDefaults;

namespace Sluice.Registry.Access;

/// <summary>Tells who a credential belongs to.</summary>
internal sealed class Credentials(ServiceSecrets services, ApiKeys keys, AccessTokens tokens, TimeProvider time)
{
    /// <summary>The caller that a credential belongs to; null, with the reason in words, when it is not accepted.</summary>
    /// <param name="credential">What came after <c>Bearer</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async ValueTask<(Caller? Caller, string Reason)> FindCallerAsync(string credential, CancellationToken cancellationToken)
    {
        if (credential.StartsWith(KeySecret.Prefix, StringComparison.Ordinal))
        {
            return await FindHolderAsync(credential, cancellationToken);
        }

        // A service's secret may begin like a token, though hardly: it is looked for first, and among few.
        if (services.Find(credential) is { } service)
        {
            return (service, "");
        }

        return TokenVerifier.IsToken(credential)
            ? await tokens.FindCallerAsync(credential, cancellationToken)
            : (null, "it is no service's secret");
    }

    private async Task<(Caller? Caller, string Reason)> FindHolderAsync(string text, CancellationToken cancellationToken)
    {
        if (await keys.FindBySecretAsync(text, cancellationToken) is not { } found)
        {
            return (null, "there is no such key, or it was given another secret");
        }

        return found.Key.IsExpired(time.GetUtcNow())
            ? (null, "the key has expired")
            : (new Caller(found.Key.Name, found.Key.Scopes, found.Key.Model) { Secret = found.Secret }, "");
    }
}
