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
        Assert.Equal(CudaDevice.FindProblem(0) is null, use is not null);
        Assert.True(use is null or { Used: > 0, Total: > 0 });
    }

    [Fact]
    public void A_device_that_cannot_be_is_none() => Assert.Null(GpuMemory.Find(63));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    public void Blocks_of_the_processor_are_aligned_and_of_the_length_asked_for(int length)
    {
        var device = ComputeDevice.Choose(new PredictorOptions { Provider = "cpu" });
        using var session = new InferenceSession(OnnxModels.Scale(2, -1));
        using var memory = HostMemory.For(device, session);
        using var block = memory.Allocate(length);

        Assert.Equal(length, block.Bytes.Length);
        Assert.Equal(0, block.Address % 64);
        block.Bytes.Fill(1);
    }

    [Fact]
    public void A_session_computes_from_block_to_block()
    {
        var device = ComputeDevice.Choose(new PredictorOptions { Provider = "cpu" });
        using var options = device.CreateSessionOptions();
        using var session = new InferenceSession(OnnxModels.Scale(2, -1), options);
        using var memory = HostMemory.For(device, session);
        using var input = memory.Allocate(3 * sizeof(float));
        using var output = memory.Allocate(3 * sizeof(float));
        BitConverter.TryWriteBytes(input.Bytes[4..], 21f);

        RunBound(session, memory.Info, input, output);

        Assert.Equal(42f, BitConverter.ToSingle(output.Bytes[4..]));
    }

    [Fact]
    public void A_block_of_the_runtimes_own_allocator_is_used_like_any_other_and_given_back_once()
    {
        var block = new HostBlock(OrtAllocator.DefaultInstance.Allocate(16), 16);
        block.Bytes.Fill(7);
        Assert.NotEqual(0, block.Address);

        block.Dispose();
        block.Dispose();
        Assert.Throws<ObjectDisposedException>(() => block.Bytes.Length);
    }

    [Fact]
    public void Pinned_memory_is_not_had_of_a_session_without_cuda()
    {
        var device = ComputeDevice.Choose(new PredictorOptions { Provider = "cuda" }, _ => null, hasDevice: true);
        using var session = new InferenceSession(OnnxModels.Scale(2, -1));
        Assert.Throws<OnnxRuntimeException>(() => HostMemory.For(device, session));
    }

    private static void RunBound(InferenceSession session, OrtMemoryInfo info, HostBlock input, HostBlock output)
    {
        using var binding = session.CreateIoBinding();
        using var x = OrtValue.CreateTensorValueWithData(info, TensorElementType.Float, [3], input.Address, input.Length);
        using var y = OrtValue.CreateTensorValueWithData(info, TensorElementType.Float, [3], output.Address, output.Length);
        binding.BindInput("x", x);
        binding.BindOutput("y", y);
        using var runOptions = new RunOptions();
        session.RunWithBinding(runOptions, binding);
    }
}
