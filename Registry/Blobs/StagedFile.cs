using System.Buffers;
using System.Security.Cryptography;
using Sluice.Contracts;

namespace Sluice.Registry.Blobs;

/// <summary>A file on its way to becoming a blob.</summary>
internal sealed class StagedFile : IStagedBlob
{
    private const int BufferSize = 128 * 1024;

    private readonly string _path;
    private readonly string _target;

    private StagedFile(string path, string target, string digest, long size)
    {
        _path = path;
        _target = target;
        Digest = digest;
        Size = size;
    }

    public string Digest { get; }

    public long Size { get; }

    /// <summary>Writes content to a new file, synced.</summary>
    /// <param name="path">The file; gone again when this throws.</param>
    /// <param name="content">Read to its end.</param>
    /// <param name="targetOf">The place of the blob, by its digest.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<StagedFile> CreateAsync(string path, Stream content, Func<string, string> targetOf, CancellationToken cancellationToken)
    {
        await using var file = Create(path);
        try
        {
            var (digest, size) = await HashAsync(content, bytes => WriteAsync(file, bytes, cancellationToken), cancellationToken);
            Sync(file);
            return new StagedFile(path, targetOf(digest), digest, size);
        }
        catch
        {
            File.Delete(path);
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

    public Stream OpenRead() => Open(_path);

    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        await using (var file = OpenRead())
        {
            var (found, _) = await HashAsync(file, write: null, cancellationToken);
            if (found != Digest)
            {
                throw new BlobStoreException($"What was received as {Digest} lies on the disk as {found}. Check the disk.");
            }
        }

        try
        {
            MoveIntoPlace();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotKept(exception);
        }
    }

    public ValueTask DisposeAsync()
    {
        File.Delete(_path); // no error when it was committed and so is not there
        return default;
    }

    private void MoveIntoPlace()
    {
        var folder = Path.GetDirectoryName(_target)!;
        Directory.CreateDirectory(folder);

        // Over a blob that exists too: the content is the same, unless that file was damaged, in which case it is mended.
        File.Move(_path, _target, overwrite: true);

        // The content was synced when it was written; its name, and those of new folders, are entries of the folders above.
        Durability.SyncFolder(folder);
        Durability.SyncFolder(Path.GetDirectoryName(folder)!);
        Durability.SyncFolder(Path.GetDirectoryName(Path.GetDirectoryName(folder))!);
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

    private static BlobStoreException NotKept(Exception exception) => new($"The data directory could not take a file: {exception.Message}", exception);
}
