using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Sluice.Contracts;

/// <summary>What is kept of one secret of an API key: never the secret.</summary>
/// <param name="Hash">SHA-256 of the secret's UTF-8, 64 lower-case hex digits. It needs no salt: the secret is 256 random bits, not a word.</param>
/// <param name="RotatedAt">When the secret was made.</param>
public sealed record KeySecret(string Hash, DateTimeOffset RotatedAt)
{
    /// <summary>How every secret begins, so that scanners of repositories and logs find one that leaked: <c>slk_[A-Za-z0-9_-]{43}</c>.</summary>
    public const string Prefix = "slk_";

    private const int RandomBytes = 32;
    private const int FingerprintLength = 16;

    /// <summary>Tells one secret from another, and a token which it was made with; says nothing about the secret.</summary>
    [JsonIgnore]
    public string Fingerprint => Hash[..FingerprintLength];

    /// <summary>A new secret of 256 random bits. It is shown once.</summary>
    public static string NewText() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>What is kept of a secret.</summary>
    public static KeySecret Of(string text, DateTimeOffset now) => new(Convert.ToHexStringLower(HashOf(text)), now);

    /// <summary>SHA-256 of a secret: hashes are compared, never secrets, so that time tells nothing about them.</summary>
    public static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    /// <summary>Whether a hash is that of this secret, in constant time.</summary>
    public bool Is(ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(Convert.FromHexString(Hash), hash);
}
