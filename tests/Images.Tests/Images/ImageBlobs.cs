using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Sluice.Images.Tests.Images;

/// <summary>What a container registry keeps: blobs by their digest, manifests by name and tag or digest.</summary>
internal sealed class ImageBlobs
{
    private readonly ConcurrentDictionary<string, byte[]> _blobs = [];
    private readonly ConcurrentDictionary<(string Name, string Reference), ImageManifest> _manifests = [];

    /// <summary>The digest by which an image names some bytes.</summary>
    public static string DigestOf(ReadOnlySpan<byte> bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Keeps a blob and says its digest.</summary>
    public string Add(byte[] blob)
    {
        var digest = DigestOf(blob);
        _blobs[digest] = blob;
        return digest;
    }

    /// <summary>Keeps a manifest under a tag, or a digest, and under its own digest, which it says.</summary>
    public string AddManifest(string name, string reference, ImageManifest manifest)
    {
        var digest = DigestOf(manifest.Json);
        _manifests[(name, reference)] = manifest;
        _manifests[(name, digest)] = manifest;
        return digest;
    }

    /// <summary>A blob; null when there is none.</summary>
    public byte[]? Find(string digest) => _blobs.GetValueOrDefault(digest);

    /// <summary>A manifest; null when there is none.</summary>
    public ImageManifest? FindManifest(string name, string reference) => _manifests.GetValueOrDefault((name, reference));
}

/// <summary>A manifest as it was given.</summary>
/// <param name="MediaType">Its media type.</param>
/// <param name="Json">Its bytes, which its digest is of.</param>
internal sealed record ImageManifest(string MediaType, byte[] Json);
