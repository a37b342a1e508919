using System.Runtime.CompilerServices;
using Sluice.Registry.Objects;

namespace Sluice.Registry.Sources;

/// <summary>Objects below a prefix, or one object.</summary>
internal sealed class ObjectSource(IObjectStore objects, string prefix) : ISourceFolder
{
    public async IAsyncEnumerable<SourceFile> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (prefix.Length > 0 && await objects.FindAsync(prefix, cancellationToken) is { } single)
        {
            yield return new SourceFile(prefix[(prefix.LastIndexOf('/') + 1)..], single.Size, single.Key);
            yield break;
        }

        var folder = prefix.Length == 0 ? "" : prefix + "/";
        await foreach (var found in objects.ListAsync(folder, cancellationToken))
        {
            // Consoles make empty objects whose names end in a slash, to show folders.
            if (!found.Key.EndsWith('/'))
            {
                yield return new SourceFile(found.Key[folder.Length..], found.Size, found.Key);
            }
        }
    }

    public Task<Stream> OpenAsync(SourceFile file, CancellationToken cancellationToken) =>
        Task.FromResult<Stream>(new ObjectStream(objects, new ObjectInfo(file.Place, file.Size, default)));

    public ValueTask DisposeAsync()
    {
        objects.Dispose();
        return default;
    }
}
