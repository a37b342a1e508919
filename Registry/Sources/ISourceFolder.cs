namespace Sluice.Registry.Sources;

/// <summary>A file at a source.</summary>
/// <param name="Path">Its path below what was named, with <c>/</c> between the parts; its own name when it is what was named.</param>
/// <param name="Size">Bytes, as listed.</param>
/// <param name="Place">Where to open it: a key or a full path.</param>
internal sealed record SourceFile(string Path, long Size, string Place);

/// <summary>What a storage URI names: a folder of files, or one file.</summary>
internal interface ISourceFolder : IAsyncDisposable
{
    /// <summary>The files, all of those below the folder; none when nothing is there.</summary>
    /// <exception cref="BadHttpRequestException">422: something that is not accepted lies there.</exception>
    IAsyncEnumerable<SourceFile> ListAsync(CancellationToken cancellationToken);

    /// <summary>Opens a file.</summary>
    Task<Stream> OpenAsync(SourceFile file, CancellationToken cancellationToken);
}
