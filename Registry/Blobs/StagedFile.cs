using System.Buffers;
using System.Security.Cryptography;
using Sluice.Contracts;

namespace Sluice.Registry.Blobs;

/// <summary>A file on its way to becoming a blob.</summary>
internal sealed class StagedFile : IStagedBlob
{
    private const int BufferSize = 128 * 1024;

    private readonly Func<StagedFile, CancellationToken, Task> _place;
    private bool _isVerified;

    private StagedFile(string path, string digest, long size, Func<StagedFile, CancellationToken, Task> place)
    {
        Path = path;
        Digest = digest;
        Size = size;
        _place = place;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    public string Digest { get; }

    public long Size { get; }

    /// <summary>Writes content to a new file, synced.</summary>
    /// <param name="path">The file; gone again when this throws.</param>
    /// <param name="content">Read to its end.</param>
    /// <param name="place">Makes the verified file a blob.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<StagedFile> CreateAsync(
        string path, Stream content, Func<StagedFile, CancellationToken, Task> place, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = Create(path);
            var (digest, size) = await HashAsync(content, bytes => WriteAsync(file, bytes, cancellationToken), cancellationToken);
            Sync(file);
            return new StagedFile(path, digest, size, place);
        }
        catch
        {
            Remove(path);
            throw;
        }
    }

    /// <summary>Opens a file for reading; readers bring their own buffers.</summary>
    public static FileStream Open(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Open,
        Access = FileAccess.Read,
        Share = FileShare.Read | FileShare.Delete,
        Options = FileOptions.Asynchronous,
        BufferSize = 0,
    });

    public Stream OpenRead() => Open(Path);

    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await VerifyAsync(cancellationToken);
            await _place(this, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotKept(exception);
        }
    }

    public ValueTask DisposeAsync()
    {
        Remove(Path);
        return default;
    }

    // What lies on the disk is read back, once: a disk that keeps something else than it was given is found out here, not by a replica.
    private async Task VerifyAsync(CancellationToken cancellationToken)
    {
        if (_isVerified)
        {
            return;
        }

        await using var file = OpenRead();
        var (found, _) = await HashAsync(file, write: null, cancellationToken);
        if (found != Digest)
        {
            throw new BlobStoreException(
                BlobStoreFault.NotKept, $"What was received as {Digest} lies on the Registry's disk as {found}: check the disk.");
        }

        _isVerified = true;
    }

    private static async Task<(string Digest, long Size)> HashAsync(
        Stream content, Func<ReadOnlyMemory<byte>, Task>? write, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long size = 0;
            while (await content.ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                hash.AppendData(buffer, 0, read);
                size += read;
                await (write?.Invoke(buffer.AsMemory(0, read)) ?? Task.CompletedTask);
            }

            return (VersionDigest.FromHash(hash.GetHashAndReset()), size);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static FileStream Create(string path)
    {
        try
        {
            return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotKept(exception);
        }
    }

    private static async Task WriteAsync(FileStream file, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await file.WriteAsync(bytes, cancellationToken);
        }
        catch (IOException exception)
        {
            throw NotKept(exception);
        }
    }

    private static void Sync(FileStream file)
    {
        try
        {
            file.Flush(flushToDisk: true);
        }
        catch (IOException exception)
        {
            throw NotKept(exception);
        }
    }

    // No error when it was committed and so is not there; one that cannot be deleted is no reason to fail, it goes at the next start.
    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static BlobStoreException NotKept(Exception exception) => new(
        BlobStoreFault.NotKept,
        IsFull(exception)
            ? "The Registry's disk has no room left: make room, or give it a larger one."
            : "The Registry's disk could not take a file: check the disk and the rights on it; the log has the reason.",
        exception);

    // The system's ENOSPC and EDQUOT, and Windows' words for the first.
    private static bool IsFull(Exception exception) => exception.HResult is 28 or 122 or unchecked((int)0x80070070);
}
