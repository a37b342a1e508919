namespace Sluice.Registry.Blobs;

/// <summary>Files by the SHA-256 of their content. What is in it is whole and never changes.</summary>
internal interface IBlobStore
{
    /// <summary>Takes content in, hashing it on the way; it is no blob until it is committed.</summary>
    /// <exception cref="IOException">The content could not be read to its end. Nothing is kept.</exception>
    /// <exception cref="BlobStoreException">The content could not be kept, and is not.</exception>
    Task<IStagedBlob> StageAsync(Stream content, CancellationToken cancellationToken);

    /// <summary>Opens a blob for reading, seekable; null when there is none of this digest.</summary>
    ValueTask<Stream?> OpenAsync(string digest, CancellationToken cancellationToken);
}

/// <summary>Content that was taken in and can be looked at. Disposing it uncommitted leaves nothing behind.</summary>
internal interface IStagedBlob : IAsyncDisposable
{
    /// <summary><c>sha256:</c> and 64 hex digits.</summary>
    string Digest { get; }

    /// <summary>Bytes.</summary>
    long Size { get; }

    /// <summary>Opens the content for reading, seekable.</summary>
    Stream OpenRead();

    /// <summary>Makes it a blob that survives the death of the machine. A blob of the same digest that exists is the same blob.</summary>
    /// <exception cref="BlobStoreException">It could not be kept, or what was kept is not what was received.</exception>
    Task CommitAsync(CancellationToken cancellationToken);
}

/// <summary>The blob store could not keep something: our failure, not the client's.</summary>
internal sealed class BlobStoreException(string message, Exception? cause = null) : Exception(message, cause);
