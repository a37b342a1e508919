namespace Sluice.Registry.Blobs;

/// <summary>Files by the SHA-256 of their content. What is in it is whole and never changes.</summary>
/// <remarks>Every call may throw <see cref="BlobStoreException"/>. Every implementation passes the same conformance suite (BlobStoreConformance in the tests).</remarks>
internal interface IBlobStore
{
    /// <summary>What it is, for a sentence.</summary>
    string Name { get; }

    /// <summary>Takes content in, hashing it on the way; it is no blob until it is committed.</summary>
    /// <exception cref="IOException">The content could not be read to its end. Nothing is kept.</exception>
    Task<IStagedBlob> StageAsync(Stream content, CancellationToken cancellationToken);

    /// <summary>Opens a blob for reading, seekable; null when there is none of this digest.</summary>
    ValueTask<Stream?> OpenAsync(string digest, CancellationToken cancellationToken);

    /// <summary>Size and age of a blob; null when there is none of this digest.</summary>
    ValueTask<BlobInfo?> FindAsync(string digest, CancellationToken cancellationToken);

    /// <summary>All blobs, in no order; what else lies there is passed over.</summary>
    IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken);

    /// <summary>Deletes a blob; no error when there is none. Only <see cref="BlobCollector"/> knows when that is allowed.</summary>
    ValueTask DeleteAsync(string digest, CancellationToken cancellationToken);

    /// <summary>Removes what was begun before a moment and never became a blob.</summary>
    ValueTask TidyAsync(DateTimeOffset before, CancellationToken cancellationToken);
}

/// <summary>A blob.</summary>
/// <param name="Digest"><c>sha256:</c> and 64 hex digits.</param>
/// <param name="Size">Bytes.</param>
/// <param name="WrittenAt">When it was last written, by the store's clock.</param>
internal sealed record BlobInfo(string Digest, long Size, DateTimeOffset WrittenAt);

/// <summary>Content that was taken in and can be looked at. Disposing it leaves nothing behind that was not committed.</summary>
internal interface IStagedBlob : IAsyncDisposable
{
    /// <summary><c>sha256:</c> and 64 hex digits.</summary>
    string Digest { get; }

    /// <summary>Bytes.</summary>
    long Size { get; }

    /// <summary>Opens the content for reading, seekable. Before it is committed.</summary>
    Stream OpenRead();

    /// <summary>
    /// Makes it a blob that survives the death of the machine. A blob of the same digest that exists is the same blob. Again: makes sure that it still is
    /// one.
    /// </summary>
    /// <exception cref="BlobStoreException">It could not be kept, or what was kept is not what was received.</exception>
    Task CommitAsync(CancellationToken cancellationToken);
}

/// <summary>Why the blob store failed.</summary>
internal enum BlobStoreFault
{
    /// <summary>It could not keep something: no room, or a disk that fails. 507.</summary>
    NotKept,

    /// <summary>It does not answer, or refuses the Registry. 503.</summary>
    Unavailable,
}

/// <summary>
/// The blob store failed: our failure, not the client's. The message is fit for an answer: it says what an operator should do, and has neither paths nor
/// credentials; the log has the cause.
/// </summary>
internal sealed class BlobStoreException(BlobStoreFault fault, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Why.</summary>
    public BlobStoreFault Fault { get; } = fault;
}
