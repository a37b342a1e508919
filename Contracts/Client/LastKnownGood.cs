using System.Text.Json;

namespace Sluice.Contracts;

/// <summary>The last known good state on disk: written to a temporary name and renamed, so that a reader never sees half of one.</summary>
/// <param name="path">The file; its folder is made when it is missing.</param>
public sealed class LastKnownGood(string path)
{
    /// <summary>Reads the state; null when there is none.</summary>
    /// <exception cref="JsonException">The file is not of its form.</exception>
    /// <exception cref="IOException">The file could not be read.</exception>
    public ClusterState? Read()
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var file = File.OpenRead(path);
        var snapshot = JsonSerializer.Deserialize(file, ContractsJson.Default.WatchEvent)
            ?? throw new JsonException($"{path} holds no state.");
        return snapshot.IsSnapshot ? ClusterState.Empty.Apply(snapshot) : throw new JsonException($"{path} holds a difference, not a state.");
    }

    /// <summary>Replaces the state.</summary>
    /// <exception cref="IOException">The file could not be written.</exception>
    public void Write(ClusterState state)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);

        // Replicas of one pool may share the folder: each writes a name of its own, and the rename is atomic.
        var temporary = Path.Combine(folder, $"{Path.GetFileName(path)}.{Environment.ProcessId}.tmp");
        using (var file = new FileStream(temporary, OnlyForUs()))
        {
            JsonSerializer.Serialize(file, state.ToSnapshot(), ContractsJson.Default.WatchEvent);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    // A gateway's state has the hashes of keys.
    private static FileStreamOptions OnlyForUs()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
