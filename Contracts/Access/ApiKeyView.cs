namespace Sluice.Contracts;

/// <summary>Asks for a key: the body of <c>POST /api/keys</c>.</summary>
public sealed record NewApiKey
{
    /// <summary>Its name, formed like a model's.</summary>
    public required string Name { get; init; }

    /// <summary>What its holder may do, of <see cref="Contracts.Scopes"/>.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The one model it is for; null for all.</summary>
    public string? Model { get; init; }

    /// <summary>From when on it shall not be accepted; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>How fast inference by it may come; null for as fast as can be.</summary>
    public RateLimit? RateLimit { get; init; }
}

/// <summary>Which of a key's two secrets.</summary>
public enum KeySlot
{
    /// <summary>The first.</summary>
    Primary,

    /// <summary>The second.</summary>
    Secondary,
}

/// <summary>What is told of one secret.</summary>
/// <param name="Fingerprint">The first 16 hex digits of its SHA-256: tells which secret somebody uses.</param>
/// <param name="RotatedAt">When it was made.</param>
public sealed record KeySecretView(string Fingerprint, DateTimeOffset RotatedAt)
{
    /// <summary>Of a secret.</summary>
    public static KeySecretView Of(KeySecret secret) => new(secret.Fingerprint, secret.RotatedAt);
}

/// <summary>A key as the API tells of it: without secrets and without their hashes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Scopes">What its holder may do.</param>
/// <param name="Model">The one model it is for; null for all.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">From when on it is not accepted; null for never.</param>
/// <param name="Primary">Its first secret.</param>
/// <param name="Secondary">Its second secret.</param>
/// <param name="RateLimit">How fast inference by it may come; null for as fast as can be.</param>
public sealed record ApiKeyView(
    string Name,
    IReadOnlyList<string> Scopes,
    string? Model,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    KeySecretView Primary,
    KeySecretView Secondary,
    RateLimit? RateLimit = null)
{
    /// <summary>Of a key.</summary>
    public static ApiKeyView Of(ApiKey key) =>
        new(key.Name, key.Scopes, key.Model, key.CreatedAt, key.ExpiresAt, KeySecretView.Of(key.Primary), KeySecretView.Of(key.Secondary), key.RateLimit);
}

/// <summary>A key that was just made, with its secrets: the only time that they are told.</summary>
/// <param name="Key">The key.</param>
/// <param name="Primary">Its first secret.</param>
/// <param name="Secondary">Its second secret.</param>
public sealed record CreatedApiKey(ApiKeyView Key, string Primary, string Secondary);

/// <summary>A secret that was just made in the place of another: the only time that it is told.</summary>
/// <param name="Key">The key.</param>
/// <param name="Which">Which of its secrets.</param>
/// <param name="Secret">The new secret.</param>
public sealed record RegeneratedSecret(ApiKeyView Key, KeySlot Which, string Secret);
