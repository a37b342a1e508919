using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Sluice.Predictor.Runtime;

/// <summary>
/// Where the inputs and outputs of a session lie, so that the device gets at them by the shortest way: aligned memory for the CPU; for CUDA pinned
/// memory, which the GPU reads and writes by itself while anything else needs a copy by the driver first.
/// </summary>
/// <remarks>Used by several threads at once. To be disposed after its blocks and before its session.</remarks>
internal sealed class HostMemory : IDisposable
{
    private readonly OrtAllocator? _pinned;

    private HostMemory(OrtMemoryInfo info, OrtAllocator? pinned) => (Info, _pinned) = (info, pinned);

    /// <summary>What an <see cref="OrtValue"/> over a block, and a binding of outputs, says of the memory. Disposed with this.</summary>
    public OrtMemoryInfo Info { get; }

    /// <summary>For a session.</summary>
    /// <param name="device">What the session was made for.</param>
    /// <param name="session">Pinned memory comes from its allocator.</param>
    /// <exception cref="OnnxRuntimeException">The session has no such allocator: it was not made for the device.</exception>
    public static HostMemory For(ComputeDevice device, InferenceSession session)
    {
        if (device.CudaId is not { } id)
        {
            return new HostMemory(OrtMemoryInfo.DefaultInstance, null);
        }

        var info = new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA_PINNED, OrtAllocatorType.DeviceAllocator, id, OrtMemType.CpuOutput);
        try
        {
            return new HostMemory(info, new OrtAllocator(session, info));
        }
        catch
        {
            info.Dispose();
            throw;
        }
    }

    /// <summary>Takes a block; what is in it is anything.</summary>
    /// <param name="length">Bytes; at least one is taken, so that an empty tensor has an address too.</param>
    /// <exception cref="OutOfMemoryException">There is none left; for pinned memory an <see cref="OnnxRuntimeException"/>.</exception>
    public HostBlock Allocate(int length) => new(_pinned?.Allocate((uint)Math.Max(length, 1)), length);

    public void Dispose()
    {
        if (_pinned is not null)
        {
            _pinned.Dispose();
            Info.Dispose();
        }
    }
}

/// <summary>Native memory of a tensor, until it is disposed.</summary>
internal sealed unsafe class HostBlock : IDisposable
{
    private const int Alignment = 64;

    private readonly OrtMemoryAllocation? _pinned;
    private void* _memory;

    /// <param name="pinned">Pinned memory; null for aligned memory of the system.</param>
    /// <param name="length">Bytes.</param>
    internal HostBlock(OrtMemoryAllocation? pinned, int length)
    {
        _pinned = pinned;
        _memory = pinned is null ? NativeMemory.AlignedAlloc((nuint)Math.Max(length, 1), Alignment) : (void*)pinned.DangerousGetHandle();
        Length = length;
    }

    public int Length { get; }

    public nint Address => (nint)_memory;

    public Span<byte> Bytes => _memory is null ? throw new ObjectDisposedException(nameof(HostBlock)) : new(_memory, Length);

    public void Dispose()
    {
        if (_pinned is null)
        {
            NativeMemory.AlignedFree(_memory);
        }

        _pinned?.Dispose();
        _memory = null;
    }
}
