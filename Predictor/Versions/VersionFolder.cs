using System.Runtime.InteropServices;
using Sluice.Contracts;

namespace Sluice.Predictor.Versions;

/// <summary>Lays the files of a version out by their own names, so that a model finds its external data next to it.</summary>
/// <remarks>
/// Hard links, or copies where the file system has none: the runtime refuses external data behind a symbolic link that leaves the folder. The folder
/// is named after the artifact's digest, and every file in it is replaced whole, so that processes may share it.
/// </remarks>
internal static partial class VersionFolder
{
    /// <summary>Lays out and returns the path of the model file.</summary>
    /// <param name="root">The folder of the cache.</param>
    /// <param name="version">What to lay out.</param>
    /// <param name="blobs">Path of the verified blob of each file, by its path in the version.</param>
    /// <exception cref="InvalidDataException">A path leaves the folder.</exception>
    /// <exception cref="IOException">The disk failed, or two paths are in each other's way.</exception>
    public static string LayOut(string root, ModelVersion version, IReadOnlyDictionary<string, string> blobs)
    {
        if (!VersionDigest.IsValid(version.Digest))
        {
            throw new InvalidDataException("The version has no digest of the form sha256:<64 hex digits>.");
        }

        var folder = Path.Combine(root, "versions", version.Digest[VersionDigest.Prefix.Length..]);
        foreach (var (path, blob) in blobs)
        {
            var target = Resolve(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            Place(blob, target);
        }

        return Resolve(folder, version.ModelPath);
    }

    private static string Resolve(string folder, string path)
    {
        var full = Path.GetFullPath(Path.Combine(folder, path));
        return full.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? full
            : throw new InvalidDataException($"The path {path} leaves the version's folder.");
    }

    private static void Place(string blob, string target)
    {
        var temporary = $"{target}.{Guid.NewGuid():N}";
        try
        {
            if (!TryLink(blob, temporary))
            {
                File.Copy(blob, temporary);
            }

            File.Move(temporary, target, overwrite: true);
        }
        finally
        {
            // Renaming a link over another link to the same file does nothing and leaves both.
            File.Delete(temporary);
        }
    }

    private static bool TryLink(string existing, string created) =>
        OperatingSystem.IsWindows() ? CreateHardLink(created, existing, 0) : Link(existing, created) == 0;

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string created);

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateHardLink(string created, string existing, nint security);
}
