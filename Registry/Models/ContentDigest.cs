using Microsoft.Extensions.Primitives;
using Sluice.Contracts;

namespace Sluice.Registry.Models;

/// <summary>The header <c>Content-Digest: sha-256=:base64:</c> (RFC 9530), by which an uploader may announce what must arrive.</summary>
internal static class ContentDigest
{
    /// <summary>The header's name.</summary>
    public const string Header = "Content-Digest";

    private const string Sha256 = "sha-256=";

    /// <summary>The SHA-256 that was announced, as <see cref="VersionDigest"/>; null when none was. Other algorithms are passed over.</summary>
    /// <exception cref="BadHttpRequestException">It is not of its form.</exception>
    public static string? Parse(StringValues header)
    {
        foreach (var entry in header.SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries)))
        {
            if (entry.StartsWith(Sha256, StringComparison.OrdinalIgnoreCase))
            {
                return VersionDigest.FromHash(Decode(entry));
            }
        }

        return null;
    }

    private static byte[] Decode(string entry)
    {
        var hash = new byte[32];
        var value = entry.AsSpan(Sha256.Length);
        return value is [':', .. var base64, ':'] && Convert.TryFromBase64Chars(base64, hash, out var length) && length == hash.Length
            ? hash
            : throw new BadHttpRequestException($"{Header}: '{entry}' is not of the form sha-256=:base64 of 32 bytes:.");
    }
}
