using Microsoft.Extensions.DependencyInjection;
using Sluice.Gateway.Capture;
using Sluice.Gateway.Holding;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Capture;

/// <summary>The files of the capture: their size and number, their end, and disks that do not do what they should.</summary>
public sealed class CaptureFileTests
{
    [Fact]
    public async Task Files_turn_at_their_size_and_the_oldest_go()
    {
        await using var capture = await CaptureStage.SetAsync(("Gateway:Capture:MaxFileBytes", "4096"), ("Gateway:Capture:MaxFiles", "3"));
        for (var i = 0; i < 60; i++)
        {
            await capture.WriteAsync(body: $"{{\"number\":{i},\"text\":\"{new string('x', 300)}\"}}");
        }

        var files = CaptureStage.Files(capture.Folder);
        Assert.Equal(3, files.Length);
        Assert.All(files, file => Assert.InRange(new FileInfo(file).Length, 1, 4096));
        var numbers = capture.Lines().Select(line => line.GetProperty("request").GetProperty("body").GetProperty("number").GetInt32()).ToList();
        Assert.Equal(Enumerable.Range(60 - numbers.Count, numbers.Count), numbers); // the newest, in their order
        Assert.True(numbers.Count > 6);
    }

    [Fact]
    public async Task A_line_that_is_larger_than_a_file_is_dropped()
    {
        await using var capture = await CaptureStage.SetAsync(("Gateway:Capture:MaxFileBytes", "4096"));
        (await capture.PostAsync($"\"{new string('x', 5000)}\"")).Dispose();
        await Eventually.BecomesTrueAsync(() => capture.Of("dropped") == 1);
        await capture.WriteAsync();

        Assert.Single(capture.Lines());
    }

    [Fact]
    public async Task Only_the_owner_may_read_them()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await using var capture = await CaptureStage.SetAsync();
        await capture.WriteAsync();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Assert.Single(CaptureStage.Files(capture.Folder))));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(capture.Folder));
    }

    [Fact]
    public async Task The_next_process_goes_on_behind_the_last_whole_line()
    {
        using var folder = new TemporaryFolder();
        await using var stage = await Stage.SetWithWineAsync(1, Settings(folder));
        (await stage.Gateway.InferAsync("wine", """{"number":1}""")).Dispose();
        await stage.Gateway.DisposeAsync(); // the end writes what there is
        var file = Assert.Single(CaptureStage.Files(folder.PathOf("captured")));
        Assert.Single(CaptureStage.Lines(folder.PathOf("captured")));
        await File.AppendAllTextAsync(file, new string('x', 10_000), TestContext.Current.CancellationToken); // cut off by a kill

        await using var second = RunningGateway.Start(stage.Registry.Address, stage.StateFile, Settings(folder));
        await second.CaughtUpAsync(stage.Registry);
        (await second.InferAsync("wine", """{"number":2}""")).Dispose();
        await second.DisposeAsync();

        Assert.Equal([file], CaptureStage.Files(folder.PathOf("captured")));
        Assert.Equal([1, 2], CaptureStage.Lines(folder.PathOf("captured")).Select(line => line.GetProperty("request").GetProperty("body").GetProperty("number").GetInt32()));
    }

    [Fact]
    public async Task A_folder_that_is_gone_costs_lines_and_no_request_and_is_made_anew()
    {
        await using var capture = await CaptureStage.SetAsync(("Gateway:Capture:MaxFileBytes", "4096"));
        await capture.WriteAsync();
        Directory.Delete(capture.Folder, recursive: true);
        await File.WriteAllTextAsync(capture.Folder, "a file in its place", TestContext.Current.CancellationToken);

        // The open file takes what fits into it; the next one cannot be made.
        for (var i = 0; i < 20 && capture.Of("failed") == 0; i++)
        {
            using var answer = await capture.PostAsync($"\"{new string('x', 1000)}\"");
            Assert.True(answer.IsSuccessStatusCode);
            var (sent, before) = (i + 2, i);
            await Eventually.BecomesTrueAsync(() => capture.Of("written") + capture.Of("failed") == sent);
        }

        Assert.Equal(1, capture.Of("failed"));
        File.Delete(capture.Folder);
        await capture.WriteAsync();
        Assert.Single(capture.Lines());
    }

    [Fact]
    public async Task A_disk_that_stalls_costs_lines_and_nobody_waits()
    {
        using var folder = new TemporaryFolder();
        await using var stage = await Stage.SetWithWineAsync();
        using var stalls = new StallingFiles(folder.PathOf("captured"));
        await using var gateway = RunningGateway.Start(
            stage.Registry.Address,
            folder.PathOf("state.json"),
            services => services.AddSingleton<CaptureFiles>(stalls),
            [("Gateway:Capture:Folder", folder.PathOf("captured")), ("Gateway:Capture:Share", "1"), ("Gateway:Capture:Queue", "10")]);
        await gateway.CaughtUpAsync(stage.Registry);
        using var counts = new Counts(gateway);
        var budget = gateway.Services.GetRequiredService<HeldBudget>();
        (await gateway.InferAsync("wine")).Dispose();
        await Eventually.BecomesTrueAsync(() => stalls.IsStalled);

        for (var i = 0; i < 100; i++)
        {
            using var answer = await gateway.InferAsync("wine");
            Assert.True(answer.IsSuccessStatusCode);
        }

        await Eventually.BecomesTrueAsync(() => counts.Of(Contracts.MetricNames.GatewayCaptured, ("result", "dropped")) == 90);
        Assert.InRange(budget.Taken, 1, 10 * 2 * 64 * 1024);

        stalls.GoOn();
        await Eventually.BecomesTrueAsync(() => counts.Of(Contracts.MetricNames.GatewayCaptured, ("result", "written")) == 11);
        await Eventually.BecomesTrueAsync(() => budget.Taken == 0);
        Assert.Equal(11, CaptureStage.Lines(folder.PathOf("captured")).Length);
    }

    [Fact]
    public async Task What_was_written_outlives_a_kill()
    {
        using var folder = new TemporaryFolder();
        await using var stage = await Stage.SetWithWineAsync();
        var ports = FreePort.Take(2);
        await using var gateway = ChildProcess.Start(
            "dotnet",
            [typeof(Program).Assembly.Location],
            new Dictionary<string, string?>
            {
                ["urls"] = $"http://127.0.0.1:{ports[0]}",
                ["Management__Port"] = $"{ports[1]}",
                ["RegistryClient__Address"] = stage.Registry.Address.AbsoluteUri,
                ["RegistryClient__StateFile"] = folder.PathOf("state.json"),
                ["Gateway__Access"] = "open",
                ["Gateway__Capture__Folder"] = folder.PathOf("captured"),
                ["Gateway__Capture__Share"] = "1",
            },
            AppContext.BaseDirectory);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ports[0]}") };
        var sent = 0;
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                try
                {
                    using var answer = await http.PostAsync("/v2/models/wine/infer", RunningGateway.Json("{}"));
                    sent += answer.IsSuccessStatusCode ? 1 : 0;
                }
                catch (HttpRequestException)
                {
                    // It does not listen yet.
                }

                return sent == 50;
            },
            TimeSpan.FromSeconds(60));
        var path = folder.PathOf("captured");
        await Eventually.BecomesTrueAsync(() => Directory.Exists(path) && CaptureStage.Files(path) is [var file] && File.ReadAllLines(file).Length == 50);

        gateway.Kill();
        await gateway.WaitForExitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(50, CaptureStage.Lines(path).Length);
    }

    private static (string, string)[] Settings(TemporaryFolder folder) => [("Gateway:Capture:Folder", folder.PathOf("captured")), ("Gateway:Capture:Share", "1")];

    // Its first file takes nothing until the test says so.
    private sealed class StallingFiles(string folder)
        : CaptureFiles(Microsoft.Extensions.Options.Options.Create(new CaptureOptions { Folder = folder }))
    {
        private readonly ManualResetEventSlim _goOn = new();

        public bool IsStalled { get; private set; }

        public void GoOn() => _goOn.Set();

        protected override Stream Open(string path)
        {
            IsStalled = true;
            _goOn.Wait();
            return base.Open(path);
        }
    }
}
