using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Sluice.Predictor.Runtime;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Runtime;

public sealed class DeviceMemoryTests
{
    [Fact]
    public void Memory_of_a_gpu_is_told_where_there_is_one_and_absent_elsewhere()
    {
        var use = GpuMemory.Find(0)?.Read();
        Assert.True(use is null or { Used: >= 0, Total: > 0 });
        Assert.True(use is null || NativeLibrary.TryLoad("libnvidia-ml.so.1", out _));
    }

    [Fact]
    public void A_device_that_cannot_be_is_none() => Assert.Null(GpuMemory.Find(63));

    [Fact]
    public void A_session_computes_from_buffer_to_buffer()
    {
        var device = ComputeDevice.Choose(new PredictorOptions { Provider = "cpu" });
        using var options = device.CreateSessionOptions();
        using var session = new InferenceSession(OnnxModels.Scale(2, -1), options);
        using var memory = HostMemory.For(device, session);
        Assert.Equal(42f, Double(session, memory.Info, memory.Pool, 21));
    }

    [Fact]
    public void Memory_of_a_sessions_own_allocator_serves_a_pool_until_the_last_piece_is_back()
    {
        var session = new InferenceSession(OnnxModels.Scale(2, -1));
        var memory = new PinnedMemory(new OrtAllocator(session, OrtMemoryInfo.DefaultInstance)); // as of a GPU's session, but for the name of the allocator
        var pool = new TensorPool(memory);
        Assert.Equal(42f, Double(session, OrtMemoryInfo.DefaultInstance, pool, 21));

        using var late = new TensorBuffer(1 << 23, pool);
        pool.Dispose();
        memory.Dispose();
        session.Dispose();
        late.Bytes.Fill(7);
    }

    [Fact]
    public void Allocator_is_kept_while_a_piece_is_out_and_given_back_with_the_last()
    {
        using var session = new InferenceSession(OnnxModels.Scale(2, -1));
        var allocator = new OrtAllocator(session, OrtMemoryInfo.DefaultInstance);
        var memory = new PinnedMemory(allocator);
        var (first, second) = (memory.Allocate(100), memory.Allocate(0));

        memory.Free(first);
        memory.Dispose();
        Assert.False(allocator.IsClosed);
        memory.Free(second);
        Assert.True(allocator.IsClosed);
    }

    [Fact]
    public void Pinned_memory_is_not_had_of_a_session_without_cuda()
    {
        var device = ComputeDevice.Choose(new PredictorOptions { Provider = "cuda" }, _ => null, hasDevice: true);
        using var session = new InferenceSession(OnnxModels.Scale(2, -1));
        Assert.Throws<OnnxRuntimeException>(() => HostMemory.For(device, session));
    }

    private static float Double(InferenceSession session, OrtMemoryInfo info, TensorPool pool, float number)
    {
        using var input = new TensorBuffer(sizeof(float), pool);
        using var output = new TensorBuffer(sizeof(float), pool);
        BitConverter.TryWriteBytes(input.Bytes, number);
        using var binding = session.CreateIoBinding();
        using var x = OrtValue.CreateTensorValueWithData(info, TensorElementType.Float, [1], input.Address, input.Length);
        using var y = OrtValue.CreateTensorValueWithData(info, TensorElementType.Float, [1], output.Address, output.Length);
        binding.BindInput("x", x);
        binding.BindOutput("y", y);
        using var runOptions = new RunOptions();
        session.RunWithBinding(runOptions, binding);
        return BitConverter.ToSingle(output.Bytes);
    }
}
