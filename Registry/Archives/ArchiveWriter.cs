using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Sluice.Registry.Blobs;

namespace Sluice.Registry.Archives;

/// <summary>Writes a model with all its versions as one archive, in constant memory.</summary>
internal static class ArchiveWriter
{
    /// <summary>Writes it.</summary>
    /// <param name="manifest">The model and its versions.</param>
    /// <param name="blobs">Has their files.</param>
    /// <param name="target">Gets the archive; stays open.</param>
    /// <param name="isCompressed">Whether by gzip.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">A blob is not there any more, or cannot be read: the archive is cut, and must be seen to be.</exception>
    public static async Task WriteAsync(ArchiveManifest manifest, IBlobStore blobs, Stream target, bool isCompressed, CancellationToken cancellationToken)
    {
        if (isCompressed)
        {
            await using var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true);
            await WriteAsync(manifest, blobs, gzip, cancellationToken);
        }
        else
        {
            await WriteAsync(manifest, blobs, target, cancellationToken);
        }
    }

    private static async Task WriteAsync(ArchiveManifest manifest, IBlobStore blobs, Stream target, CancellationToken cancellationToken)
    {
        await using var tar = new TarWriter(target, TarEntryFormat.Pax, leaveOpen: true);
        using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, ArchivesJson.Default.ArchiveManifest));
        await tar.WriteEntryAsync(EntryOf(ArchiveManifest.EntryName, manifest, json), cancellationToken);
        foreach (var blob in manifest.Blobs)
        {
            await using var content = await blobs.OpenAsync(blob.Digest, cancellationToken)
                ?? throw new IOException($"The blob {blob.Digest} of {manifest.Model.Name} is not there: was a version deleted meanwhile?");
            await tar.WriteEntryAsync(EntryOf(ArchiveManifest.EntryOf(blob.Digest), manifest, content), cancellationToken);
        }
    }

    private static PaxTarEntry EntryOf(string name, ArchiveManifest manifest, Stream content) =>
        new(TarEntryType.RegularFile, name) { DataStream = content, ModificationTime = manifest.ExportedAt };
}
