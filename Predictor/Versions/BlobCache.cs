using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.Predictor.Versions;

/// <summary>The files of models on disk, by digest. Several processes may share the folder.</summary>
/// <remarks>
/// A blob gets its name by a rename once it is whole, verified and on the disk: a reader never sees half of one, two processes that fetch the same
/// one replace it by the same, and a crash leaves at most a temporary file, which a later start removes. What is found is verified again before it
/// is used: reading it costs less than loading it, and a damaged disk must not look like a bad model.
/// </remarks>
internal sealed partial class BlobCache
{
    private const int ChunkBytes = 256 * 1024;
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private readonly RegistryClient _registry;
    private readonly ILogger<BlobCache> _logger;
    private readonly TimeProvider _time;
    private readonly string _incoming;

    public BlobCache(RegistryClient registry, IOptions<PredictorOptions> options, TimeProvider time, ILogger<BlobCache> logger)
    {
        _registry = registry;
        _logger = logger;
        _time = time;
        Root = Path.GetFullPath(options.Value.CacheDirectory);
        Blobs = Path.Combine(Root, "sha256");
        Versions = Path.Combine(Root, "versions");
        _incoming = Path.Combine(Root, "incoming");
        Directory.CreateDirectory(Blobs);
        Directory.CreateDirectory(Versions);
        Directory.CreateDirectory(_incoming);
        RemoveAbandoned(time.GetUtcNow() - Abandoned);
    }

    /// <summary>The folder of the cache.</summary>
    public string Root { get; }

    /// <summary>The folder of the blobs, each named by the hex digits of its digest; the time of its last write is that of its last use.</summary>
    public string Blobs { get; }

    /// <summary>The folder of the versions that are laid out (<see cref="VersionFolder"/>).</summary>
    public string Versions { get; }

    /// <summary>Where a blob lies, if it is there.</summary>
    public string PathOf(string digest) => Path.Combine(Blobs, digest[VersionDigest.Prefix.Length..]);

    /// <summary>Returns the path of a verified blob, fetched if it is not there.</summary>
    /// <exception cref="InvalidDataException">What the Registry sent is not what the digest names; nothing was kept.</exception>
    /// <exception cref="HttpRequestException">The Registry does not have it or did not answer.</exception>
    /// <exception cref="IOException">The disk or the connection failed.</exception>
    public async Task<string> GetAsync(ModelFile file, CancellationToken cancellationToken)
    {
        if (!VersionDigest.IsValid(file.Digest))
        {
            throw new InvalidDataException($"{file.Path} has no digest of the form sha256:<64 hex digits>.");
        }

        var path = PathOf(file.Digest);
        if (File.Exists(path))
        {
            File.SetLastWriteTimeUtc(path, _time.GetUtcNow().UtcDateTime); // used: not to be swept
            if (await IsIntactAsync(path, file, cancellationToken))
            {
                return path;
            }

            LogDamaged(path);
        }

        await FetchAsync(file, path, cancellationToken);
        return path;
    }

    private static async Task<bool> IsIntactAsync(string path, ModelFile file, CancellationToken cancellationToken)
    {
        await using var content = File.OpenRead(path);
        return content.Length == file.Size
            && VersionDigest.FromHash(await SHA256.HashDataAsync(content, cancellationToken)) == file.Digest;
    }

    private async Task FetchAsync(ModelFile file, string path, CancellationToken cancellationToken)
    {
        var temporary = Path.Combine(_incoming, $"{Path.GetFileName(path)}.{Guid.NewGuid():N}");
        try
        {
            await using (var source = await _registry.OpenBlobAsync(file.Digest, cancellationToken))
            await using (var target = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                await CopyVerifiedAsync(source, target, file, cancellationToken);
                target.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
            LogFetched(file.Path, file.Digest, file.Size);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static async Task CopyVerifiedAsync(Stream source, Stream target, ModelFile file, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            var total = 0L;
            for (int read; (read = await source.ReadAsync(chunk, cancellationToken)) > 0;)
            {
                total += read;
                if (total > file.Size)
                {
                    throw new InvalidDataException($"{file.Path} is longer than the {file.Size} bytes that were registered.");
                }

                hash.AppendData(chunk, 0, read);
                await target.WriteAsync(chunk.AsMemory(0, read), cancellationToken);
            }

            var digest = VersionDigest.FromHash(hash.GetHashAndReset());
            if (total < file.Size)
            {
                throw new InvalidDataException($"{file.Path} was cut short: {total} of {file.Size} bytes came.");
            }

            if (digest != file.Digest)
            {
                throw new InvalidDataException($"{file.Path} came with the digest {digest} instead of {file.Digest}.");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    private void RemoveAbandoned(DateTimeOffset before)
    {
        foreach (var path in Directory.EnumerateFiles(_incoming).Where(path => File.GetLastWriteTimeUtc(path) < before))
        {
            File.Delete(path);
        }
    }

    [LoggerMessage(LogLevel.Information, "Fetched {File}, {Digest}, {Bytes} bytes")]
    private partial void LogFetched(string file, string digest, long bytes);

    [LoggerMessage(LogLevel.Warning, "The cached file {Path} is damaged and is fetched again. If this happens more than once, check the disk")]
    private partial void LogDamaged(string path);
}
