using Microsoft.Extensions.Options;

namespace Sluice.Registry.Store;

/// <summary>The folder of an embedded Registry. While this lives, no other process can have it.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream _lock;

    /// <summary>Makes the folder when it is missing, and takes it.</summary>
    /// <exception cref="IOException">It cannot be written, or another Registry has it.</exception>
    public DataDirectory(IOptions<RegistryOptions> options)
    {
        Root = Path.GetFullPath(options.Value.DataDirectory);
        try
        {
            Directory.CreateDirectory(Root);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(exception);
        }

        _lock = Take(Path.Combine(Root, "registry.lock"));
    }

    /// <summary>Its full path.</summary>
    public string Root { get; }

    /// <summary>The file of the embedded store.</summary>
    public string StoreFile => Path.Combine(Root, "registry.db");

    /// <summary>The folder of the blobs.</summary>
    public string Blobs => Path.Combine(Root, "blobs");

    public void Dispose() => _lock.Dispose();

    // An advisory lock on an open file: the system lets go of it however the process ends.
    private FileStream Take(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw Unwritable(exception);
        }
        catch (IOException exception)
        {
            throw new IOException(
                $"The data directory {Root} is in use by another Registry ({exception.Message}): stop that one, or give this one a folder of its own in Registry:DataDirectory.",
                exception);
        }
    }

    private IOException Unwritable(Exception exception) =>
        new($"The data directory {Root} cannot be written ({exception.Message}): give this user the right to, or name another folder in Registry:DataDirectory.", exception);
}
