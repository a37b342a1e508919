using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Sluice.Contracts;

/// <summary>Digests of blobs and of whole versions: <c>sha256:</c> and 64 lower-case hex digits.</summary>
public static partial class VersionDigest
{
    /// <summary>What every digest begins with.</summary>
    public const string Prefix = "sha256:";

    /// <summary>Whether the text has the form of a digest.</summary>
    public static bool IsValid(string? digest) => digest is not null && Pattern().IsMatch(digest);

    /// <summary>The digest of a SHA-256 hash.</summary>
    public static string FromHash(ReadOnlySpan<byte> hash) => Prefix + Convert.ToHexStringLower(hash);

    /// <summary>
    /// The digest of an artifact: the SHA-256 of what <c>sha256sum</c> prints for its files in ordinal order of their paths, so that anybody can
    /// recompute it with coreutils.
    /// </summary>
    public static string Of(IEnumerable<ModelFile> files)
    {
        var listing = new StringBuilder();
        foreach (var file in files.OrderBy(file => file.Path, StringComparer.Ordinal))
        {
            listing.Append(file.Digest.AsSpan(Prefix.Length)).Append("  ").Append(file.Path).Append('\n');
        }

        return FromHash(SHA256.HashData(Encoding.UTF8.GetBytes(listing.ToString())));
    }

    [GeneratedRegex(@"\Asha256:[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
