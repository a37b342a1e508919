using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Contracts;

namespace Sluice.Registry.Tokens;

/// <summary>A key pair on P-256 as the store has it.</summary>
/// <param name="Public">What verifies.</param>
/// <param name="PrivateKey">PKCS #8, sealed by <see cref="KeyVault"/>.</param>
/// <param name="SignsFrom">From when on it signs, until the next one does.</param>
internal sealed record SigningKey(TokenKey Public, byte[] PrivateKey, DateTimeOffset SignsFrom)
{
    private const int NameBytes = 12;

    /// <summary>A new pair.</summary>
    public static SigningKey New(KeyVault vault, DateTimeOffset signsFrom)
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = pair.ExportParameters(includePrivateParameters: false).Q;
        var name = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(NameBytes));
        var key = new TokenKey(name, Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
        return new SigningKey(key, vault.Seal(pair.ExportPkcs8PrivateKey(), name), signsFrom);
    }
}

/// <summary>The key pairs there are, in the order in which they sign. Pure: time is an argument.</summary>
/// <param name="Keys">The last one may be there only to sign later.</param>
internal sealed record SigningKeyRing(IReadOnlyList<SigningKey> Keys)
{
    /// <summary>None.</summary>
    public static SigningKeyRing Empty { get; } = new([]);

    /// <summary>The one that signs; null when there is none.</summary>
    public SigningKey? FindSigner(DateTimeOffset now) => Keys.LastOrDefault(key => key.SignsFrom <= now);

    /// <summary>
    /// The ring as it should be: a first key, a successor published ahead of the time when the last one stops signing, and no key whose last token has
    /// ended. The same ring when it is so.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="options">How long keys sign and tokens last.</param>
    /// <param name="create">Makes a key that signs from a time on.</param>
    public SigningKeyRing Advance(DateTimeOffset now, TokenOptions options, Func<DateTimeOffset, SigningKey> create)
    {
        var next = Keys.Where((_, index) => index == Keys.Count - 1 || Keys[index + 1].SignsFrom + options.Lifetime > now).ToList();
        if (next.Count == 0)
        {
            next.Add(create(now));
        }
        else if (now >= next[^1].SignsFrom + options.SigningKeyLifetime - options.PublishAhead)
        {
            next.Add(create(now + options.PublishAhead));
        }

        return next.SequenceEqual(Keys) ? this : new SigningKeyRing(next);
    }

    /// <summary>What others may know of it.</summary>
    public TokenKeySet ToPublic() => new([.. Keys.Select(key => key.Public)]);
}

/// <summary>Generated JSON of the signing keys in the store.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SigningKeyRing))]
internal sealed partial class TokensJson : JsonSerializerContext;
