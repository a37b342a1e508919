using System.Diagnostics;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Reports;

/// <summary>The program as an operating system sees it: signals and exit codes.</summary>
public sealed class ProcessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Sigterm_reports_draining_finishes_what_is_in_flight_answers_latecomers_and_ends_with_0()
    {
        await using var stage = await Stage.SetWithoutPredictorAsync();
        stage.Registry.Serve("slow", OnnxModels.Slow());
        var ports = FreePort.Take(2);
        await using var process = Start(RunningPredictor.SettingsOf(stage.Registry.Address, stage.Folder, ports));
        using var http = RunningPredictor.ClientOf(ports[0]);
        await Eventually.BecomesTrueAsync(() => stage.Registry.LastWord("slow")?.State == VersionState.Ready, Patience);

        // The quickest of some: one that had to wait for a busy machine would make the slow one too short to be seen in a report.
        var quickest = TimeSpan.MaxValue;
        for (var attempt = 0; attempt < 4; attempt++)
        {
            var watch = Stopwatch.StartNew();
            Assert.Equal(200, await PostAsync(http, rounds: 20_000));
            quickest = watch.Elapsed < quickest ? watch.Elapsed : quickest;
        }

        var slow = PostAsync(http, rounds: (long)(20_000 * TimeSpan.FromSeconds(8) / quickest));
        await Eventually.BecomesTrueAsync(() => stage.Registry.Reports.Last().Report.InFlight == 1, Patience);
        process.Terminate();
        await Eventually.BecomesTrueAsync(() => stage.Registry.LastWord("slow")?.State == VersionState.Draining);

        // A gateway that has not heard yet.
        Assert.Equal(200, await PostAsync(http, rounds: 1));
        Assert.False(slow.IsCompleted);
        Assert.Equal(200, await slow);
        Assert.Equal(0, await process.WaitForExitAsync(Patience));
        Assert.Single(stage.Registry.Goodbyes);
    }

    [Fact]
    public async Task Under_load_no_request_fails_that_was_sent_before_the_replica_said_that_it_drains()
    {
        await using var stage = await Stage.SetWithoutPredictorAsync();
        stage.Registry.Serve("slow", OnnxModels.SlowRows());
        var ports = FreePort.Take(2);
        await using var process = Start(RunningPredictor.SettingsOf(stage.Registry.Address, stage.Folder, ports));
        using var http = RunningPredictor.ClientOf(ports[0]);
        await Eventually.BecomesTrueAsync(() => stage.Registry.LastWord("slow")?.State == VersionState.Ready, Patience);
        var answers = 0;
        var clients = Enumerable.Range(0, 32).Select(_ => Task.Run(async () =>
        {
            // As gateways do: on to another replica as soon as this one drains.
            while (stage.Registry.LastWord("slow")?.State == VersionState.Ready)
            {
                Assert.Equal(200, await PostAsync(http, rounds: 100));
                Interlocked.Increment(ref answers);
            }
        })).ToArray();
        await Eventually.BecomesTrueAsync(() => Volatile.Read(ref answers) > 300, Patience);

        process.Terminate();

        await Task.WhenAll(clients).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(0, await process.WaitForExitAsync(Patience));
    }

    [Fact]
    public async Task Requests_that_do_not_end_hold_the_process_no_longer_than_the_drain_timeout()
    {
        await using var stage = await Stage.SetWithoutPredictorAsync();
        stage.Registry.Serve("slow", OnnxModels.Slow());
        var ports = FreePort.Take(2);
        var settings = RunningPredictor.SettingsOf(stage.Registry.Address, stage.Folder, ports);
        settings["Predictor:DrainTimeout"] = "00:00:01";
        settings["Predictor:RequestTimeout"] = "00:00:05";
        await using var process = Start(settings);
        using var http = RunningPredictor.ClientOf(ports[0]);
        await Eventually.BecomesTrueAsync(() => stage.Registry.LastWord("slow")?.State == VersionState.Ready, Patience);
        var endless = PostAsync(http, rounds: 1_000_000_000);
        await Eventually.BecomesTrueAsync(() => stage.Registry.Reports.Last().Report.InFlight == 1, Patience);

        process.Terminate();

        Assert.Equal(0, await process.WaitForExitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains("Predictor:DrainTimeout", process.Output, StringComparison.Ordinal);
        Assert.Equal(504, await endless);
    }

    [Theory]
    [InlineData("Predictor:Pool", "")]
    [InlineData("Predictor:Pool", "blue")]
    [InlineData("Predictor:Provider", "gpu")]
    [InlineData("Predictor:AllowCpuFallback", "perhaps")]
    [InlineData("Predictor:DeviceId", "-1")]
    [InlineData("Predictor:GpuMemoryLimitBytes", "1")]
    [InlineData("Predictor:ReplicaId", "a b")]
    [InlineData("Predictor:AdvertisedAddress", "http://host/path")]
    [InlineData("Predictor:MaxConcurrency", "0")]
    [InlineData("Predictor:MaxConcurrency", "many")]
    [InlineData("Predictor:MaxRequestBodyBytes", "1")]
    [InlineData("Predictor:DrainTimeout", "-00:00:01")]
    [InlineData("RegistryClient:Address", "")]
    public async Task Invalid_setting_ends_the_start_and_is_named(string key, string value)
    {
        using var folder = new TemporaryFolder();
        var settings = RunningPredictor.SettingsOf(new Uri("http://127.0.0.1:9"), folder.Path, FreePort.Take(2));
        settings[key] = value;
        await using var process = Start(settings);

        Assert.Equal(ServiceDefaults.ServiceHost.InvalidConfiguration, await process.WaitForExitAsync(Patience));
        Assert.Contains(key, process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cache_folder_that_cannot_be_made_ends_the_start_and_is_named()
    {
        using var folder = new TemporaryFolder();
        var settings = RunningPredictor.SettingsOf(new Uri("http://127.0.0.1:9"), folder.Path, FreePort.Take(2));
        await File.WriteAllTextAsync(folder.PathOf("file"), "", TestContext.Current.CancellationToken);
        settings["Predictor:CacheDirectory"] = folder.PathOf("file", "cache");
        await using var process = Start(settings);

        Assert.Equal(ServiceDefaults.ServiceHost.InvalidConfiguration, await process.WaitForExitAsync(Patience));
        Assert.Contains("Predictor:CacheDirectory", process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", process.Output, StringComparison.Ordinal);
    }

    internal static ChildProcess Start(Dictionary<string, string> settings)
    {
        settings["Logging:LogLevel:Default"] = "Information";
        var environment = settings.ToDictionary(
            setting => setting.Key == "urls" ? "ASPNETCORE_URLS" : setting.Key.Replace(":", "__", StringComparison.Ordinal), string? (setting) => setting.Value);
        return ChildProcess.Start("dotnet", [typeof(Program).Assembly.Location], environment);
    }

    private static async Task<int> PostAsync(HttpClient http, long rounds)
    {
        using var content = RunningPredictor.Json($$"""{"inputs":[{"name":"x","shape":[1],"datatype":"INT64","data":[{{rounds}}]}]}""");
        using var answer = await http.PostAsync("/v2/models/slow/infer", content);
        return (int)answer.StatusCode;
    }
}
