using Microsoft.ML.OnnxRuntime;

namespace Sluice.Predictor.Runtime;

/// <summary>Where the inputs and outputs of a session lie: in the process' own memory for the CPU, in pinned memory for a GPU.</summary>
/// <remarks>To be disposed before its session. Buffers that are still out then may come back later.</remarks>
internal sealed class HostMemory : IDisposable
{
    private readonly PinnedMemory? _pinned;

    private HostMemory(OrtMemoryInfo info, PinnedMemory? pinned)
    {
        (Info, _pinned) = (info, pinned);
        Pool = pinned is null ? TensorPool.Shared : new TensorPool(pinned);
    }

    /// <summary>Gives the memory.</summary>
    public TensorPool Pool { get; }

    /// <summary>What the values over that memory, and a binding of outputs that the runtime makes itself, tell the runtime of it.</summary>
    public OrtMemoryInfo Info { get; }

    /// <summary>For a session.</summary>
    /// <param name="device">What the session was made for.</param>
    /// <param name="session">Pinned memory is of its allocator.</param>
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
            return new HostMemory(info, new PinnedMemory(new OrtAllocator(session, info)));
        }
        catch
        {
            info.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_pinned is not null)
        {
            Pool.Dispose();
            _pinned.Dispose();
            Info.Dispose();
        }
    }
}
