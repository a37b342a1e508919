using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Keys;
using Sluice.ServiceDefaults;

namespace Sluice.Registry.Tokens;

/// <summary>
/// Makes tokens of keys, and tells who one belongs to. A token is for inference with one model and ends by itself; here, and wherever the keys are
/// known, it also ends with the secret it was made with.
/// </summary>
internal sealed class AccessTokens(SigningKeys signing, ApiKeys keys, IOptions<TokenOptions> options, TimeProvider time)
{
    private const double RefreshAfter = 0.8; // of its life

    private static readonly KnownKeys Nobody = new(0, new TokenVerifier(new TokenKeySet([])));

    private readonly JsonWebTokenHandler _handler = new();
    private KnownKeys _known = Nobody;

    /// <summary>Makes one.</summary>
    /// <param name="model">The model it is for.</param>
    /// <param name="key">The key it is made of.</param>
    /// <param name="secret">The one of the key's secrets that was shown.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<AccessToken> IssueAsync(string model, ApiKey key, KeySecret secret, CancellationToken cancellationToken)
    {
        var (signer, privateKey) = await signing.GetSignerAsync(cancellationToken);
        using var pair = ECDsa.Create();
        pair.ImportPkcs8PrivateKey(privateKey, out _);

        // In whole seconds, as a token has it.
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var end = key.ExpiresAt < now + options.Value.Lifetime ? key.ExpiresAt.Value : now + options.Value.Lifetime;
        var text = _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = TokenClaims.Issuer,
            Audience = TokenClaims.Issuer,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = end.UtcDateTime,
            Claims = new Dictionary<string, object>
            {
                [JwtRegisteredClaimNames.Sub] = key.Name,
                [JwtRegisteredClaimNames.Jti] = Guid.NewGuid().ToString("N"),
                [TokenClaims.Model] = model,
                [TokenClaims.Scope] = Scopes.Infer,
                [TokenClaims.Fingerprint] = secret.Fingerprint,
            },
            SigningCredentials = new SigningCredentials(
                new ECDsaSecurityKey(pair) { KeyId = signer.Public.Kid, CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } },
                SecurityAlgorithms.EcdsaSha256),
        });
        return new AccessToken(text, "Bearer", end.ToUnixTimeSeconds(), (now + (RefreshAfter * (end - now))).ToUnixTimeSeconds());
    }

    /// <summary>Who a token belongs to; null, with the reason in words, when it is not accepted.</summary>
    public async Task<(Caller? Caller, string Reason)> FindCallerAsync(string text, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if ((await GetVerifierAsync(cancellationToken)).Verify(text, now, out var reason) is not { } token)
        {
            return (null, reason);
        }

        return await keys.FindAsync(token.Key, cancellationToken) is { } key && !key.IsExpired(now) && key.FindSecret(token.Fingerprint) is not null
            ? (new Caller(key.Name, token.Scopes, token.Model), "")
            : (null, "the key that the token was made with is no more, or has another secret now");
    }

    private async ValueTask<TokenVerifier> GetVerifierAsync(CancellationToken cancellationToken)
    {
        if (await signing.FindPublicAsync(cancellationToken) is not { } entry)
        {
            return Nobody.Verifier;
        }

        var known = _known;
        if (known.Revision != entry.ModRevision)
        {
            known = new KnownKeys(entry.ModRevision, new TokenVerifier(JsonSerializer.Deserialize(entry.Value.Span, ContractsJson.Default.TokenKeySet)!));
            _known = known;
        }

        return known.Verifier;
    }

    // As long as the store's record is of this revision, it need not be read again.
    private sealed record KnownKeys(long Revision, TokenVerifier Verifier);
}
