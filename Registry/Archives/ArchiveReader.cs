using System.Formats.Tar;
using System.IO.Compression;
using Sluice.Contracts;
using Sluice.Registry.Blobs;
using Sluice.Registry.Http;

namespace Sluice.Registry.Archives;

/// <summary>
/// Reads an archive that somebody sent: a tar, compressed by gzip or not, with a manifest and then exactly the blobs that it names. Anything else in it is
/// refused; nothing is taken by the name it has there.
/// </summary>
internal sealed class ArchiveReader : IAsyncDisposable
{
    private const int LargestManifest = 16 * 1024 * 1024;

    /// <summary>Bytes behind the end; tar programs fill up their last record.</summary>
    private const int MostBehind = 1024 * 1024;

    private readonly Stream _tarStream;
    private readonly TarGuardStream _guard;
    private readonly TarReader _tar;
    private readonly long _mostBytes;

    private ArchiveReader(Stream tarStream, long mostBytes)
    {
        _tarStream = tarStream;
        _guard = new TarGuardStream(tarStream);
        _tar = new TarReader(_guard, leaveOpen: true);
        _mostBytes = mostBytes;
    }

    /// <summary>Begins to read.</summary>
    /// <param name="body">The archive.</param>
    /// <param name="mostBytes">Bytes that all its blobs may have.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<ArchiveReader> OpenAsync(Stream body, long mostBytes, CancellationToken cancellationToken)
    {
        var start = new byte[2];
        var read = await body.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        var counted = new CountingStream(start[..read], body);
        return new ArchiveReader(
            start is [0x1f, 0x8b] ? new ExpansionLimitStream(new GZipStream(counted, CompressionMode.Decompress), counted) : counted, mostBytes);
    }

    /// <summary>Reads the manifest, which must come first.</summary>
    /// <exception cref="BadHttpRequestException">There is none, or it is not as expected.</exception>
    public async Task<ArchiveManifest> ReadManifestAsync(CancellationToken cancellationToken)
    {
        var entry = await NextAsync(cancellationToken);
        if (entry?.Name != ArchiveManifest.EntryName || entry.Length > LargestManifest)
        {
            throw new BadHttpRequestException($"The archive does not begin with {ArchiveManifest.EntryName}, of at most {LargestManifest >> 20} MiB.");
        }

        var json = new byte[entry.Length];
        await ReadAsync(async () => await ContentOf(entry).ReadExactlyAsync(json, cancellationToken));
        _guard.ExpectHeader(entry.Length);
        var manifest = JsonBody.Parse(json, ArchivesJson.Default.ArchiveManifest, ArchiveManifest.EntryName, "what an export wrote");
        if (ManifestRules.FindProblem(manifest) is { } problem)
        {
            throw new BadHttpRequestException($"{ArchiveManifest.EntryName}: {problem.Field}: {problem.Expectation}.");
        }

        var size = manifest.Blobs.Sum(blob => (decimal)blob.Size);
        return size <= _mostBytes
            ? manifest
            : throw new BadHttpRequestException(
                $"The archive's files have {size} bytes, at most {_mostBytes} are taken (Registry:Archives:MaxBytes).", StatusCodes.Status413PayloadTooLarge);
    }

    /// <summary>Reads the blobs to the archive's end, each of which must be what the manifest says.</summary>
    /// <param name="wanted">The blobs that the manifest names.</param>
    /// <param name="blobs">Takes them in.</param>
    /// <param name="staged">Gets them by their digest; the caller disposes them.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="BadHttpRequestException">One is missing, another one, or twice.</exception>
    public async Task ReadBlobsAsync(
        IReadOnlyList<ModelFile> wanted, IBlobStore blobs, Dictionary<string, IStagedBlob> staged, CancellationToken cancellationToken)
    {
        var sizes = wanted.ToDictionary(blob => ArchiveManifest.EntryOf(blob.Digest), StringComparer.Ordinal);
        while (await NextAsync(cancellationToken) is { } entry)
        {
            if (!sizes.Remove(entry.Name, out var blob))
            {
                throw new BadHttpRequestException($"The archive's entry '{entry.Name}' comes twice or is none that its manifest names.");
            }

            if (entry.Length != blob.Size)
            {
                throw new BadHttpRequestException($"The archive's entry '{entry.Name}' has {entry.Length} bytes, its manifest says {blob.Size}.");
            }

            await ReadAsync(async () => staged[blob.Digest] = await blobs.StageAsync(ContentOf(entry), cancellationToken));
            _guard.ExpectHeader(entry.Length);
            if (staged[blob.Digest] is var found && found.Digest != blob.Digest)
            {
                throw new BadHttpRequestException($"The archive's entry '{entry.Name}' {(found.Size < blob.Size ? "breaks off" : $"has the content {found.Digest}")}.");
            }
        }

        await SkipEndAsync(cancellationToken);
        if (sizes.Count > 0)
        {
            throw new BadHttpRequestException($"The archive ends without '{sizes.Keys.Order(StringComparer.Ordinal).First()}', which its manifest names.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _tar.DisposeAsync();
        await _tarStream.DisposeAsync();
    }

    private async Task<TarEntry?> NextAsync(CancellationToken cancellationToken)
    {
        TarEntry? entry = null;
        await ReadAsync(async () => entry = await _tar.GetNextEntryAsync(copyData: false, cancellationToken));
        return entry is null or { EntryType: TarEntryType.RegularFile or TarEntryType.V7RegularFile }
            ? entry
            : throw new BadHttpRequestException($"The archive's entry '{entry.Name}' is of the type {entry.EntryType}; only files are expected.");
    }

    // Without a content stream an entry is empty.
    private static Stream ContentOf(TarEntry entry) => entry.DataStream ?? Stream.Null;

    private async Task SkipEndAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[8192];
        for (long behind = 0; behind <= MostBehind;)
        {
            var read = 0;
            await ReadAsync(async () => read = await _tarStream.ReadAsync(buffer, cancellationToken));
            if (read == 0)
            {
                return;
            }

            behind += read;
        }

        throw new BadHttpRequestException("The archive goes on behind its end.");
    }

    // What the reader throws at what is no tar has many types; none of them is our failure.
    private static async Task ReadAsync(Func<Task> read)
    {
        try
        {
            await read();
        }
        catch (ArchiveLimitException exception)
        {
            throw new BadHttpRequestException(exception.Message, exception);
        }
        catch (Exception exception) when (exception is IOException and not BadHttpRequestException
            or InvalidDataException or FormatException or ArgumentException or InvalidOperationException or OverflowException or NotSupportedException)
        {
            throw new BadHttpRequestException("The body is no tar archive (optionally compressed by gzip), or ends before its end.", exception);
        }
    }
}
