namespace Sluice.Registry.Objects;

/// <summary>One bucket or container of an object storage: the few things that Sluice asks of one. An object is there whole or not at all.</summary>
/// <remarks>Every call may throw <see cref="ObjectStoreException"/>, after the retries that its protocol recommends.</remarks>
internal interface IObjectStore : IDisposable
{
    /// <summary>What it is, for a sentence, e.g. <c>the S3 bucket models</c>.</summary>
    string Name { get; }

    /// <summary>One object; null when there is none of this key.</summary>
    Task<ObjectInfo?> FindAsync(string key, CancellationToken cancellationToken);

    /// <summary>Opens an object from an offset on; the stream only goes forward.</summary>
    Task<Stream> OpenAsync(string key, long offset, CancellationToken cancellationToken);

    /// <summary>Writes an object, in parts when it is large; the store checks what arrives. A failure leaves nothing.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="content">Seekable, at its start.</param>
    /// <param name="cancellationToken">Ends it; nothing is left.</param>
    Task PutAsync(string key, Stream content, CancellationToken cancellationToken);

    /// <summary>Deletes an object; no error when there is none.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>The objects whose keys begin with a prefix, by key, in pages.</summary>
    IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Ends uploads that were begun before a moment and never completed, where the store would keep their parts for ever.</summary>
    /// <returns>How many.</returns>
    Task<int> AbandonUploadsAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken);
}

/// <summary>An object.</summary>
/// <param name="Key">Its whole key.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedAt">When it was written, by the store's clock.</param>
internal sealed record ObjectInfo(string Key, long Size, DateTimeOffset ModifiedAt);

/// <summary>Why an object storage did not do what it was asked.</summary>
internal enum ObjectStoreFault
{
    /// <summary>It did not answer, or failed: trying later may help.</summary>
    Unavailable,

    /// <summary>It does not accept our credentials, or they lack a permission.</summary>
    Denied,

    /// <summary>The bucket or container, or an object that was to be read, is not there.</summary>
    Missing,

    /// <summary>It has no room left.</summary>
    Full,
}

/// <summary>An object storage did not do what it was asked. The message says what an operator should look at; it holds no credentials and no addresses with any.</summary>
internal sealed class ObjectStoreException(ObjectStoreFault fault, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Why.</summary>
    public ObjectStoreFault Fault { get; } = fault;

    /// <summary>The exception of a fault.</summary>
    /// <param name="store">The store's name.</param>
    /// <param name="fault">What is wrong.</param>
    /// <param name="code">The store's own code for it, if it told one: letters and digits.</param>
    /// <param name="cause">What the library threw; for the log.</param>
    public static ObjectStoreException Of(string store, ObjectStoreFault fault, string? code, Exception? cause = null)
    {
        var told = string.IsNullOrEmpty(code) ? "" : $" ({code})";
        return new ObjectStoreException(fault, fault switch
        {
            ObjectStoreFault.Denied => $"{store} refuses the Registry{told}: check its credentials and their permissions to read, write, list and delete.",
            ObjectStoreFault.Missing => $"{store} or an object in it is not there{told}: check the name, or create it.",
            ObjectStoreFault.Full => $"{store} has no room left{told}: make room or raise its quota.",
            _ => $"{store} does not answer as it should{told}: check its address, the network and its health; then try again.",
        }, cause);
    }

    /// <summary>The fault that an HTTP status stands for.</summary>
    public static ObjectStoreFault FaultOf(int status) => status switch
    {
        401 or 403 => ObjectStoreFault.Denied,
        404 => ObjectStoreFault.Missing,
        507 => ObjectStoreFault.Full,
        _ => ObjectStoreFault.Unavailable,
    };
}
