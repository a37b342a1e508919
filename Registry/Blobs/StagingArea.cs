namespace Sluice.Registry.Blobs;

/// <summary>
/// A folder for content that is being taken in: <c>staging/{process}/</c>. What a crash left goes at the next start; what another process that lives
/// still works on stays.
/// </summary>
internal sealed class StagingArea : IDisposable
{
    private readonly FileStream _lock;

    /// <summary>Makes the folder of this process, and removes those that processes left which are gone.</summary>
    /// <param name="root">The folder of all of them, on the file system of the blobs where they are files.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public StagingArea(string root)
    {
        try
        {
            Directory.CreateDirectory(root);
            RemoveLeftovers(root);
            (Folder, _lock) = Take(root);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException($"The folder of the blobs cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>This process's folder.</summary>
    public string Folder { get; }

    /// <summary>Writes content to a new file, hashing it.</summary>
    /// <param name="content">Read to its end.</param>
    /// <param name="place">Makes the verified file a blob.</param>
    /// <param name="cancellationToken">Ends it; nothing is left.</param>
    public async Task<IStagedBlob> StageAsync(Stream content, Func<StagedFile, CancellationToken, Task> place, CancellationToken cancellationToken) =>
        await StagedFile.CreateAsync(Path.Combine(Folder, Guid.NewGuid().ToString("N")), content, place, cancellationToken);

    public void Dispose()
    {
        _lock.Dispose();
        Remove(Folder);
    }

    private static (string Folder, FileStream Lock) Take(string root)
    {
        for (var attempt = 1; ; attempt++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(root, Guid.NewGuid().ToString("N"))).FullName;
            try
            {
                return (folder, Lock(folder));
            }
            catch (IOException) when (attempt < 10)
            {
                // Another process that starts took the folder for a leftover before it was locked.
            }
        }
    }

    private static FileStream Lock(string folder) => new(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private static void RemoveLeftovers(string root)
    {
        foreach (var folder in Directory.EnumerateDirectories(root))
        {
            if (IsLeft(folder))
            {
                Remove(folder);
            }
        }

        foreach (var file in Directory.EnumerateFiles(root))
        {
            File.Delete(file); // from before each process had a folder
        }
    }

    // An advisory lock ends with its process, kill -9 included.
    private static bool IsLeft(string folder)
    {
        try
        {
            using var taken = Lock(folder);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another process that starts removes it too, or the next one will.
        }
    }
}
