using Sluice.Predictor.Runtime;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Predictor.Tests.Reports;
using Sluice.ServiceDefaults;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Runtime;

/// <summary>What a GPU that was asked for and is not there does to the program.</summary>
public sealed class DeviceStartTests
{
    private const string Works = "CUDA works on this machine: there is nothing to fall back from.";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("cuda", null, "Predictor:Provider")]
    [InlineData("auto", "false", "Predictor:AllowCpuFallback")]
    public async Task Without_leave_to_fall_back_the_start_ends_with_one_line_that_says_why(string provider, string? allowCpuFallback, string key)
    {
        Assert.SkipWhen(CudaDevice.FindProblem(0) is null, Works);
        using var folder = new TemporaryFolder();
        var settings = RunningPredictor.SettingsOf(new Uri("http://127.0.0.1:9"), folder.Path, FreePort.Take(2));
        settings["Predictor:Provider"] = provider;
        settings["Predictor:AllowCpuFallback"] = allowCpuFallback ?? "";
        await using var process = ProcessTests.Start(settings);

        Assert.Equal(ServiceHost.InvalidConfiguration, await process.WaitForExitAsync(Patience));
        var line = Assert.Single(process.Output.Split('\n'));
        Assert.StartsWith($"Invalid configuration: {key} is ", line, StringComparison.Ordinal);
        Assert.Contains($", but CUDA cannot be used on device 0: {CudaDevice.FindProblem(0)}", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_leave_to_fall_back_log_report_and_metric_say_why()
    {
        Assert.SkipWhen(CudaDevice.FindProblem(0) is null, Works);
        await using var stage = await Stage.SetWithoutPredictorAsync();
        var ports = FreePort.Take(2);
        var settings = RunningPredictor.SettingsOf(stage.Registry.Address, stage.Folder, ports);
        settings["Predictor:Provider"] = "cuda";
        settings["Predictor:AllowCpuFallback"] = "true";
        await using var process = ProcessTests.Start(settings);
        await process.WaitForOutputAsync("Models run on the CPU, not on a GPU. CUDA cannot be used on device 0: ", Patience);
        await Eventually.BecomesTrueAsync(() => !stage.Registry.Reports.IsEmpty, Patience);

        var report = stage.Registry.Reports.Last().Report;
        Assert.Equal("cpu", report.Device);
        Assert.StartsWith("CUDA cannot be used on device 0: ", report.DeviceReason, StringComparison.Ordinal);
        using var http = new HttpClient();
        var metrics = await http.GetStringAsync($"http://127.0.0.1:{ports[1]}/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("""sluice_predictor_device{device="cpu",reason="CUDA cannot be used on device 0: """, metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("sluice_predictor_gpu_memory_used_bytes{", metrics, StringComparison.Ordinal);
    }
}
