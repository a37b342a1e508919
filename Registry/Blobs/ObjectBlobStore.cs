using System.Runtime.CompilerServices;
using Sluice.Registry.Objects;

namespace Sluice.Registry.Blobs;

/// <summary>
/// Blobs as objects of a bucket. Content is staged and checked on this machine's disk, then sent: an object storage shows an object only when all of it
/// arrived. What exists already is not sent again.
/// </summary>
/// <param name="objects">The bucket.</param>
/// <param name="prefix">What all names begin with; empty, or with a slash at its end.</param>
/// <param name="staging">Where content is staged.</param>
internal sealed class ObjectBlobStore(IObjectStore objects, string prefix, StagingArea staging) : IBlobStore, IDisposable
{
    public string Name => objects.Name;

    public Task<IStagedBlob> StageAsync(Stream content, CancellationToken cancellationToken) => staging.StageAsync(content, PlaceAsync, cancellationToken);

    public async ValueTask<Stream?> OpenAsync(string digest, CancellationToken cancellationToken) =>
        await TryAsync(() => objects.FindAsync(KeyOf(digest), cancellationToken)) is { } info ? new ObjectStream(objects, info) : null;

    public async ValueTask<BlobInfo?> FindAsync(string digest, CancellationToken cancellationToken) =>
        await TryAsync(() => objects.FindAsync(KeyOf(digest), cancellationToken)) is { } info ? new BlobInfo(digest, info.Size, info.ModifiedAt) : null;

    public async IAsyncEnumerable<BlobInfo> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var listed = objects.ListAsync(prefix + BlobNames.Prefix, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await TryAsync(async () => await listed.MoveNextAsync()))
        {
            if (BlobNames.DigestOf(listed.Current.Key[prefix.Length..]) is { } digest)
            {
                yield return new BlobInfo(digest, listed.Current.Size, listed.Current.ModifiedAt);
            }
        }
    }

    public async ValueTask DeleteAsync(string digest, CancellationToken cancellationToken) => await TryAsync(async () =>
    {
        await objects.DeleteAsync(KeyOf(digest), cancellationToken);
        return true;
    });

    public async ValueTask TidyAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        await TryAsync(() => objects.AbandonUploadsAsync(prefix + BlobNames.Prefix, before, cancellationToken));

    public void Dispose()
    {
        objects.Dispose();
        staging.Dispose();
    }

    private Task PlaceAsync(StagedFile staged, CancellationToken cancellationToken) => TryAsync(async () =>
    {
        var key = KeyOf(staged.Digest);
        if ((await objects.FindAsync(key, cancellationToken))?.Size == staged.Size)
        {
            return true;
        }

        await using var content = staged.OpenRead();
        await objects.PutAsync(key, content, cancellationToken);
        var kept = (await objects.FindAsync(key, cancellationToken))?.Size;
        return kept == staged.Size
            ? true
            : throw new BlobStoreException(BlobStoreFault.NotKept, $"{Name} took {staged.Digest} of {staged.Size} bytes and has {kept?.ToString() ?? "nothing"}: check its health.");
    });

    private string KeyOf(string digest) => prefix + BlobNames.Of(digest);

    private static async Task<T> TryAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (ObjectStoreException exception)
        {
            throw new BlobStoreException(
                exception.Fault == ObjectStoreFault.Full ? BlobStoreFault.NotKept : BlobStoreFault.Unavailable, exception.Message, exception);
        }
    }
}
