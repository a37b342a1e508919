using System.Runtime.InteropServices;

namespace Sluice.Predictor.Runtime;

/// <summary>Where the memory of tensors comes from: the process, or pages that a device reads directly.</summary>
internal interface ITensorMemory
{
    /// <summary>Allocates, aligned to 64 bytes.</summary>
    /// <param name="length">Bytes, at least 1.</param>
    public nint Allocate(int length);

    /// <summary>Frees what <see cref="Allocate"/> gave.</summary>
    public void Free(nint address);
}

/// <summary>Pageable memory of the process.</summary>
internal sealed unsafe class ProcessMemory : ITensorMemory
{
    private const int Alignment = 64;

    public nint Allocate(int length) => (nint)NativeMemory.AlignedAlloc((nuint)Math.Max(length, 1), Alignment);

    public void Free(nint address) => NativeMemory.AlignedFree((void*)address);
}
