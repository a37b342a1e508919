using System.Runtime.InteropServices;

namespace Sluice.Predictor.Runtime;

/// <summary>The memory of a GPU, as NVIDIA's driver tells it (NVML): of all processes that use the device, not of this one alone.</summary>
/// <remarks>
/// CUDA and NVML count devices differently (<c>CUDA_VISIBLE_DEVICES</c>, fastest first against the order of the bus), so the one is asked for the
/// device's place on the bus and the other for the device there. Of a part of a device (MIG) it is the whole device's memory, or none is told.
/// </remarks>
internal sealed partial class GpuMemory
{
    private readonly nint _device;

    private GpuMemory(nint device) => _device = device;

    /// <summary>Finds a device.</summary>
    /// <param name="cudaId">As CUDA counts.</param>
    /// <returns>Null without a driver, without its libraries, or without that device.</returns>
    public static GpuMemory? Find(int cudaId)
    {
        try
        {
            return TryFind(cudaId);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return null;
        }
    }

    /// <summary>Bytes that are used and that the device has, now; null when the driver does not tell. Takes microseconds.</summary>
    public GpuMemoryUse? Read() => GetMemory(_device, out var memory) == 0 ? new GpuMemoryUse((long)memory.Used, (long)memory.Total) : null;

    private static unsafe GpuMemory? TryFind(int cudaId)
    {
        const int Length = 32; // "00000000:17:00.0" and its end
        var place = stackalloc byte[Length];
        return CudaInitialize(0) == 0
            && CudaGetDevice(out var device, cudaId) == 0
            && CudaGetPlace(place, Length, device) == 0
            && Initialize() == 0
            && GetDevice(place, out var handle) == 0
            ? new GpuMemory(handle)
            : null;
    }

    [LibraryImport("libcuda.so.1", EntryPoint = "cuInit")]
    private static partial int CudaInitialize(uint flags);

    [LibraryImport("libcuda.so.1", EntryPoint = "cuDeviceGet")]
    private static partial int CudaGetDevice(out int device, int ordinal);

    [LibraryImport("libcuda.so.1", EntryPoint = "cuDeviceGetPCIBusId")]
    private static unsafe partial int CudaGetPlace(byte* place, int length, int device);

    // May be called again and again; never undone, since the process watches its device until it ends.
    [LibraryImport("libnvidia-ml.so.1", EntryPoint = "nvmlInit_v2")]
    private static partial int Initialize();

    [LibraryImport("libnvidia-ml.so.1", EntryPoint = "nvmlDeviceGetHandleByPciBusId_v2")]
    private static unsafe partial int GetDevice(byte* place, out nint device);

    [LibraryImport("libnvidia-ml.so.1", EntryPoint = "nvmlDeviceGetMemoryInfo")]
    private static partial int GetMemory(nint device, out MemoryInfo memory);

    /// <summary><c>nvmlMemory_t</c>, bytes.</summary>
    private struct MemoryInfo
    {
        public ulong Total;
        public ulong Free;
        public ulong Used;
    }
}

/// <summary>Memory of a GPU, bytes.</summary>
internal readonly record struct GpuMemoryUse(long Used, long Total);
