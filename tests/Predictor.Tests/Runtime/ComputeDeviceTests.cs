using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Tests.Runtime;

/// <summary>Which device is chosen, and what is said of it. Whether CUDA works is given here.</summary>
public sealed class ComputeDeviceTests
{
    private const string Problem = "libsome.so: cannot open shared object file.";

    [Theory]
    [InlineData("auto", null)]
    [InlineData("auto", false)]
    [InlineData("cuda", null)]
    [InlineData("cuda", true)]
    public void Cuda_that_works_is_taken_wherever_it_may_be(string provider, bool? allowCpuFallback)
    {
        var device = Choose(provider, allowCpuFallback, problem: null, deviceId: 2);
        Assert.Equal(("cuda:2", 2, false), (device.Name, device.CudaId, device.IsFallback));
        Assert.Contains("CUDA works on device 2", device.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auto", null, false, false)]
    [InlineData("auto", null, true, true)]
    [InlineData("auto", true, false, false)]
    [InlineData("cuda", true, false, true)]
    public void Cuda_that_does_not_work_gives_way_where_that_is_allowed_and_says_why(string provider, bool? allowCpuFallback, bool hasDevice, bool isFallback)
    {
        var device = Choose(provider, allowCpuFallback, Problem, hasDevice: hasDevice);
        Assert.Equal(("cpu", (int?)null, isFallback), (device.Name, device.CudaId, device.IsFallback));
        Assert.Contains($"CUDA cannot be used on device 0: {Problem}", device.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cuda", null, "Predictor:Provider")]
    [InlineData("cuda", false, "Predictor:AllowCpuFallback")]
    [InlineData("auto", false, "Predictor:AllowCpuFallback")]
    public void Cuda_that_does_not_work_is_refused_where_no_other_device_is_allowed(string provider, bool? allowCpuFallback, string key)
    {
        var refusal = Assert.Throws<OptionsValidationException>(() => Choose(provider, allowCpuFallback, Problem));
        var line = Assert.Single(refusal.Failures);
        Assert.StartsWith(key, line, StringComparison.Ordinal);
        Assert.Contains(Problem, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public void The_processor_that_is_asked_for_is_taken_without_a_look_at_cuda()
    {
        var options = new PredictorOptions { Provider = "cpu", AllowCpuFallback = false };
        var device = ComputeDevice.Choose(options, _ => throw new InvalidOperationException("CUDA was tried"), hasDevice: true);
        Assert.Equal(("cpu", false), (device.Name, device.IsFallback));
        Assert.Contains("Predictor:Provider is cpu", device.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Session_options_of_cuda_carry_device_limit_and_what_suits_joined_requests()
    {
        var settings = CudaDevice.Settings(3, 1 << 30);
        Assert.Equal(("3", "1073741824"), (settings["device_id"], settings["gpu_mem_limit"]));
        Assert.Equal(("HEURISTIC", "kSameAsRequested"), (settings["cudnn_conv_algo_search"], settings["arena_extend_strategy"]));
        Assert.DoesNotContain("gpu_mem_limit", CudaDevice.Settings(0, null).Keys);
    }

    [Fact]
    public void Threads_of_a_version_go_before_those_of_the_process()
    {
        var device = ComputeDevice.Choose(new PredictorOptions { Provider = "cpu", IntraOpThreads = 2 });
        using var own = device.CreateSessionOptions(new InferenceSettings { IntraOpThreads = 3 });
        using var other = device.CreateSessionOptions(new InferenceSettings());
        Assert.Equal((3, 2), (own.IntraOpNumThreads, other.IntraOpNumThreads));
    }

    private static ComputeDevice Choose(string provider, bool? allowCpuFallback, string? problem, int deviceId = 0, bool hasDevice = false) => ComputeDevice.Choose(
        new PredictorOptions { Provider = provider, AllowCpuFallback = allowCpuFallback, DeviceId = deviceId },
        id => id == deviceId ? problem : throw new InvalidOperationException("another device was tried"),
        hasDevice);
}
