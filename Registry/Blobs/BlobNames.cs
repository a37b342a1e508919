using Sluice.Contracts;

namespace Sluice.Registry.Blobs;

/// <summary>The names of blobs in their stores: <c>sha256/ab/abcdef…</c>.</summary>
internal static class BlobNames
{
    /// <summary>What all names begin with.</summary>
    public const string Prefix = "sha256/";

    /// <summary>The 64 hex digits of a digest.</summary>
    /// <exception cref="ArgumentException">It is no digest: a mistake of ours, since what clients say is checked before.</exception>
    public static string HexOf(string digest) => VersionDigest.IsValid(digest)
        ? digest[VersionDigest.Prefix.Length..]
        : throw new ArgumentException($"'{digest}' is no digest.", nameof(digest));

    /// <summary>The name of a blob.</summary>
    public static string Of(string digest) => $"{Prefix}{HexOf(digest)[..2]}/{HexOf(digest)}";

    /// <summary>The digest of a blob by its name; null for any other name.</summary>
    public static string? DigestOf(string name)
    {
        var digest = VersionDigest.Prefix + name[(name.LastIndexOf('/') + 1)..];
        return VersionDigest.IsValid(digest) && Of(digest) == name ? digest : null;
    }
}
