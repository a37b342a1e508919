using System.Runtime.CompilerServices;
using Sluice.Contracts;

namespace Sluice.Registry.Blobs;

/// <summary>
/// Blobs as files: <c>sha256/ab/abcdef…</c>. Content is written to <c>staging/</c>, hashed on the way, synced, read back and compared, and renamed
/// into place.
/// </summary>
internal sealed class FolderBlobStore : IBlobStore, IDisposable
{
    private readonly string _root;
    private readonly StagingArea _staging;

    /// <summary>Makes the folder. Several processes may use it.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public FolderBlobStore(string root)
    {
        _root = root;
        _staging = new StagingArea(Path.Combine(root, "staging"));
        Directory.CreateDirectory(Path.Combine(root, "sha256"));
    }

    public string Name => "The folder of the blobs";

    public Task<IStagedBlob> StageAsync(Stream content, CancellationToken cancellationToken) => _staging.StageAsync(content, PlaceAsync, cancellationToken);

    public ValueTask<Stream?> OpenAsync(string digest, CancellationToken cancellationToken)
    {
        try
        {
            return new(StagedFile.Open(PathOf(digest)));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return new((Stream?)null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BlobStoreException(BlobStoreFault.Unavailable, $"{Name} cannot be read: check the disk and the rights on it.", exception);
        }
    }

    public ValueTask<BlobInfo?> FindAsync(string digest, CancellationToken cancellationToken)
    {
        var file = new FileInfo(PathOf(digest));
        return new(file.Exists ? new BlobInfo(digest, file.Length, file.LastWriteTimeUtc) : null);
    }

    public async IAsyncEnumerable<BlobInfo> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask; // a folder is listed without waiting
        foreach (var file in new DirectoryInfo(Path.Combine(_root, "sha256")).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var digest = VersionDigest.Prefix + file.Name;
            if (VersionDigest.IsValid(digest) && InfoOf(file, digest) is { } info)
            {
                yield return info;
            }
        }
    }

    public ValueTask DeleteAsync(string digest, CancellationToken cancellationToken)
    {
        try
        {
            File.Delete(PathOf(digest));
            return default;
        }
        catch (DirectoryNotFoundException)
        {
            return default;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BlobStoreException(BlobStoreFault.Unavailable, $"{Name} cannot be written: check the disk and the rights on it.", exception);
        }
    }

    public ValueTask TidyAsync(DateTimeOffset before, CancellationToken cancellationToken) => default; // starts do that

    public void Dispose() => _staging.Dispose();

    private Task PlaceAsync(StagedFile staged, CancellationToken cancellationToken)
    {
        var target = PathOf(staged.Digest);
        var folder = Path.GetDirectoryName(target)!;
        if (!File.Exists(staged.Path))
        {
            return File.Exists(target)
                ? Task.CompletedTask // committed before, and still there
                : throw new BlobStoreException(
                    BlobStoreFault.Unavailable,
                    "A file of this version was collected before the version was recorded: send it again, and make Registry:Blobs:GracePeriod longer.");
        }

        Directory.CreateDirectory(folder);

        // Over a blob that exists too: the content is the same, unless that file was damaged, in which case it is mended. And it is as young as if it
        // were new, so that it is not collected before its version is recorded.
        File.Move(staged.Path, target, overwrite: true);

        // The content was synced when it was written; its name, and those of new folders, are entries of the folders above.
        Durability.SyncFolder(folder);
        Durability.SyncFolder(Path.GetDirectoryName(folder)!);
        Durability.SyncFolder(_root);
        return Task.CompletedTask;
    }

    // Null when it was deleted since it was listed.
    private static BlobInfo? InfoOf(FileInfo file, string digest)
    {
        try
        {
            return new BlobInfo(digest, file.Length, file.LastWriteTimeUtc);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private string PathOf(string digest) => Path.Combine(_root, "sha256", BlobNames.HexOf(digest)[..2], BlobNames.HexOf(digest));
}
