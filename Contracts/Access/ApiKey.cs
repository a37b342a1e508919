namespace Sluice.Contracts;

/// <summary>
/// An API key as the store and the watch have it. It has two secrets, either of which will do, so that one can be replaced while clients move to the
/// other. Watchers without <see cref="Scopes.Watch"/> are not told of keys.
/// </summary>
public sealed record ApiKey
{
    /// <summary>Unique; what the audit log calls its holder.</summary>
    public required string Name { get; init; }

    /// <summary>What its holder may do, of <see cref="Contracts.Scopes"/>.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The one model it is for; null for all.</summary>
    public string? Model { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when on it is not accepted; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>How fast inference by it may come; null for as fast as can be.</summary>
    public RateLimit? RateLimit { get; init; }

    /// <summary>Its first secret.</summary>
    public required KeySecret Primary { get; init; }

    /// <summary>Its second secret.</summary>
    public required KeySecret Secondary { get; init; }

    /// <summary>Whether it is accepted no more.</summary>
    public bool IsExpired(DateTimeOffset now) => ExpiresAt <= now;

    /// <summary>Its secret with this hash, in constant time; null when it has none.</summary>
    /// <param name="hash">The 32 bytes of <see cref="KeySecret.HashOf"/>.</param>
    public KeySecret? FindSecret(ReadOnlySpan<byte> hash)
    {
        var (isPrimary, isSecondary) = (Primary.Is(hash), Secondary.Is(hash));
        return isPrimary ? Primary : isSecondary ? Secondary : null;
    }

    /// <summary>Its secret with this <see cref="KeySecret.Fingerprint"/>, as a token names it; null when it has none.</summary>
    public KeySecret? FindSecret(string fingerprint) =>
        Primary.Fingerprint == fingerprint ? Primary : Secondary.Fingerprint == fingerprint ? Secondary : null;
}
