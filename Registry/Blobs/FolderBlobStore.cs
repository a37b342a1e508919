using Sluice.Contracts;

namespace Sluice.Registry.Blobs;

/// <summary>
/// Blobs as files: <c>sha256/ab/abcdef…</c>. Content is written to <c>staging/</c>, hashed on the way, synced, read back and compared, and renamed
/// into place; what a crash leaves in <c>staging/</c> goes at the next start.
/// </summary>
internal sealed class FolderBlobStore : IBlobStore
{
    private readonly string _root;
    private readonly string _staging;

    /// <summary>Makes the folder and empties the staging area: nobody else may be using it.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public FolderBlobStore(string root)
    {
        _root = root;
        _staging = Path.Combine(root, "staging");
        try
        {
            Directory.CreateDirectory(_staging);
            foreach (var leftover in Directory.EnumerateFiles(_staging))
            {
                File.Delete(leftover);
            }
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException($"The folder of the blobs cannot be written: {exception.Message}", exception);
        }
    }

    public async Task<IStagedBlob> StageAsync(Stream content, CancellationToken cancellationToken) =>
        await StagedFile.CreateAsync(Path.Combine(_staging, Guid.NewGuid().ToString("N")), content, PathOf, cancellationToken);

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
    }

    private string PathOf(string digest)
    {
        if (!VersionDigest.IsValid(digest))
        {
            throw new ArgumentException($"'{digest}' is no digest.", nameof(digest));
        }

        var hex = digest[VersionDigest.Prefix.Length..];
        return Path.Combine(_root, "sha256", hex[..2], hex);
    }
}
