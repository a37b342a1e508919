using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Sluice.Contracts;

namespace Sluice.ServiceDefaults;

/// <summary>What a genuine token says.</summary>
/// <param name="Key">The name of the API key that it was made with.</param>
/// <param name="Fingerprint">The <see cref="KeySecret.Fingerprint"/> of the secret: the token ends with it.</param>
/// <param name="Model">The one model that it is for.</param>
/// <param name="Scopes">What its holder may do.</param>
/// <param name="Ends">From when on it is not accepted.</param>
public sealed record VerifiedToken(string Key, string Fingerprint, string Model, IReadOnlyList<string> Scopes, DateTimeOffset Ends);

/// <summary>Tells genuine tokens from others, by the public keys alone. Whether the API key behind one still is accepted, the caller has to look.</summary>
public sealed class TokenVerifier
{
    private const int LongestToken = 4096; // characters

    private readonly JsonWebTokenHandler _handler = new();
    private readonly IReadOnlyList<SecurityKey> _keys;

    /// <param name="keys">What tokens are verified with.</param>
    public TokenVerifier(TokenKeySet keys) => _keys =
        [.. keys.Keys.Select(key => new JsonWebKey { Kty = key.Kty, Crv = key.Crv, X = key.X, Y = key.Y, Kid = key.Kid, Alg = key.Alg })];

    /// <summary>Whether a credential has the form of a token: <c>{"</c> in base64url.</summary>
    public static bool IsToken(ReadOnlySpan<char> credential) => credential.StartsWith("eyJ", StringComparison.Ordinal);

    /// <summary>What a token says; null, with the reason in words, when it is not accepted.</summary>
    /// <param name="text">The token.</param>
    /// <param name="now">The time.</param>
    /// <param name="reason">Why it is not accepted; else empty.</param>
    public VerifiedToken? Verify(string text, DateTimeOffset now, out string reason)
    {
        if (text.Length > LongestToken)
        {
            reason = "a token is not that long";
            return null;
        }

        // Asynchronous only for keys that are fetched; these are here, and so is the result.
        var result = _handler.ValidateTokenAsync(text, Parameters(now)).GetAwaiter().GetResult();
        if (!result.IsValid)
        {
            reason = result.Exception is SecurityTokenInvalidLifetimeException ? "the token has ended" : "the token's form or signature is not right";
            return null;
        }

        reason = "";
        var token = (JsonWebToken)result.SecurityToken;
        return new VerifiedToken(
            token.Subject, ClaimOf(token, TokenClaims.Fingerprint), ClaimOf(token, TokenClaims.Model), ClaimOf(token, TokenClaims.Scope).Split(' '), token.ValidTo);
    }

    private static string ClaimOf(JsonWebToken token, string claim) => token.TryGetPayloadValue<string>(claim, out var value) ? value : "";

    // The library knows JWTs and their traps; what it is told here is that only our signature counts, and our clock.
    private TokenValidationParameters Parameters(DateTimeOffset now) => new()
    {
        ValidIssuer = TokenClaims.Issuer,
        ValidAudience = TokenClaims.Issuer,
        ValidAlgorithms = [TokenClaims.Algorithm],
        IssuerSigningKeys = _keys,
        TryAllIssuerSigningKeys = false,
        LifetimeValidator = (from, until, _, _) => from <= now.UtcDateTime.AddMinutes(1) && now.UtcDateTime < until,
    };
}
