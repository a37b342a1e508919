using System.Text.Json.Serialization;

namespace Sluice.Contracts;

/// <summary>A token for one model, as OAuth forms it: the answer to <c>POST /api/models/{model}/token</c>.</summary>
/// <param name="Token">A JSON Web Token, signed with ES256; see <see cref="TokenClaims"/>.</param>
/// <param name="TokenType"><c>Bearer</c>.</param>
/// <param name="ExpiresOn">When it ends, in seconds since 1970.</param>
/// <param name="RefreshBy">When its holder should ask for the next one, in seconds since 1970.</param>
public sealed record AccessToken(
    [property: JsonPropertyName("access_token")] string Token,
    [property: JsonPropertyName("token_type")] string TokenType,
    [property: JsonPropertyName("expires_on")] long ExpiresOn,
    [property: JsonPropertyName("refresh_by")] long RefreshBy);

/// <summary>What a token says.</summary>
public static class TokenClaims
{
    /// <summary>The value of <c>iss</c>, and of <c>aud</c>.</summary>
    public const string Issuer = "sluice";

    /// <summary>The one signature that is accepted.</summary>
    public const string Algorithm = "ES256";

    /// <summary>The claim that names the model.</summary>
    public const string Model = "model";

    /// <summary>The claim that lists the scopes, separated by spaces.</summary>
    public const string Scope = "scope";

    /// <summary>The claim with the <see cref="KeySecret.Fingerprint"/> of the secret it was made with: the token ends with it. <c>sub</c> names the key.</summary>
    public const string Fingerprint = "key_fingerprint";
}

/// <summary>The public keys that tokens are verified with: a JSON Web Key Set (RFC 7517).</summary>
/// <param name="Keys">All that a valid token may be signed with now or soon.</param>
public sealed record TokenKeySet(IReadOnlyList<TokenKey> Keys);

/// <summary>A public key on the curve P-256, as a JSON Web Key.</summary>
/// <param name="Kid">Its name, which a token's header gives.</param>
/// <param name="X">Base64url of the point's first coordinate.</param>
/// <param name="Y">Base64url of the point's second coordinate.</param>
public sealed record TokenKey(string Kid, string X, string Y)
{
    /// <summary>The type of key.</summary>
    public string Kty { get; } = "EC";

    /// <summary>The curve.</summary>
    public string Crv { get; } = "P-256";

    /// <summary>What it is for: signatures.</summary>
    public string Use { get; } = "sig";

    /// <summary>The algorithm.</summary>
    public string Alg { get; } = TokenClaims.Algorithm;
}
