using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sluice.Registry.Blobs;

/// <summary>Syncing of folders, which .NET has no call for: a renamed file is safe only once its folder's entry is.</summary>
internal static partial class Durability
{
    private const int ReadOnly = 0;

    /// <summary>Waits until the entries of a folder are on the disk. On Windows the file system's journal does that.</summary>
    /// <exception cref="IOException">It could not be synced.</exception>
    public static void SyncFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(path, ReadOnly);
        if (descriptor < 0)
        {
            throw new IOException($"{path} cannot be opened to sync it: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        RandomAccess.FlushToDisk(handle);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
