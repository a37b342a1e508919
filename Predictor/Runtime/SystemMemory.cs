using System.Runtime.InteropServices;

namespace Sluice.Predictor.Runtime;

/// <summary>The memory that the process has from the system.</summary>
internal static partial class SystemMemory
{
    /// <summary>
    /// Gives back what the C library keeps of memory that was freed: after a model is unloaded that was seen to be most of its size. Costs some
    /// milliseconds; nothing where the C library is another one.
    /// </summary>
    public static void Trim()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = Trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Not glibc.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint kept);
}
