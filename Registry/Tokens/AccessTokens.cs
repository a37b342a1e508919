using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Keys;

namespace Sluice.Registry.Tokens;

/// <summary>
/// Makes tokens of keys, and tells who one belongs to. A token is for inference with one model and ends by itself; here, and wherever the keys are
/// known, it also ends with the secret it was made with.
/// </summary>
internal sealed class AccessTokens(SigningKeys signing, ApiKeys keys, IOptions<TokenOptions> options, TimeProvider time)
{
    private const double RefreshAfter = 0.8; // of its life
    private const int LongestToken = 4096; // characters

    private readonly JsonWebTokenHandler _handler = new();
    private KnownKeys _known = new(0, []);

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
        if (text.Length > LongestToken)
        {
            return (null, "a token is not that long");
        }

        var now = time.GetUtcNow();
        var result = await _handler.ValidateTokenAsync(text, Parameters(await GetKeysAsync(cancellationToken), now));
        if (!result.IsValid)
        {
            return (null, result.Exception is SecurityTokenInvalidLifetimeException ? "the token has ended" : "the token's form or signature is not right");
        }

        var token = (JsonWebToken)result.SecurityToken;
        if (await keys.FindAsync(token.Subject, cancellationToken) is not { } key
            || key.IsExpired(now)
            || key.FindSecret(ClaimOf(token, TokenClaims.Fingerprint)) is null)
        {
            return (null, "the key that the token was made with is no more, or has another secret now");
        }

        return (new Caller(key.Name, ClaimOf(token, TokenClaims.Scope).Split(' '), ClaimOf(token, TokenClaims.Model)), "");
    }

    private static string ClaimOf(JsonWebToken token, string claim) => token.TryGetPayloadValue<string>(claim, out var value) ? value : "";

    // The library knows JWTs and their traps; what it is told here is that only our signature counts, and our clock.
    private static TokenValidationParameters Parameters(IEnumerable<SecurityKey> keys, DateTimeOffset now) => new()
    {
        ValidIssuer = TokenClaims.Issuer,
        ValidAudience = TokenClaims.Issuer,
        ValidAlgorithms = [TokenClaims.Algorithm],
        IssuerSigningKeys = keys,
        TryAllIssuerSigningKeys = false,
        LifetimeValidator = (from, until, _, _) => from <= now.UtcDateTime.AddMinutes(1) && now.UtcDateTime < until,
    };

    private async ValueTask<IReadOnlyList<SecurityKey>> GetKeysAsync(CancellationToken cancellationToken)
    {
        if (await signing.FindPublicAsync(cancellationToken) is not { } entry)
        {
            return [];
        }

        var known = _known;
        if (known.Revision != entry.ModRevision)
        {
            var set = JsonSerializer.Deserialize(entry.Value.Span, ContractsJson.Default.TokenKeySet)!;
            known = new KnownKeys(entry.ModRevision, [.. set.Keys.Select(ToSecurityKey)]);
            _known = known;
        }

        return known.Keys;
    }

    private static JsonWebKey ToSecurityKey(TokenKey key) => new() { Kty = key.Kty, Crv = key.Crv, X = key.X, Y = key.Y, Kid = key.Kid, Alg = key.Alg };

    // As long as the store's record is of this revision, it need not be read again.
    private sealed record KnownKeys(long Revision, IReadOnlyList<SecurityKey> Keys);
}
