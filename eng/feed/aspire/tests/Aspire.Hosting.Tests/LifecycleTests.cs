using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Sluice.Testing;

namespace Aspire.Hosting.Tests;

/// <summary>Starts, ends and what goes wrong between them: each test has an application of its own.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class LifecycleTests : IDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);
    private readonly TemporaryFolder _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Ctrl_C_ends_everything_within_ten_seconds_and_the_generated_secret_is_kept()
    {
        var kept = "";
        for (var start = 0; start < 2; start++)
        {
            await using var sample = new RunningSample(_home.Path);
            await sample.WaitUntilReadyAsync();
            var secret = await sample.GetBackAsync("/env/SECRET");
            Assert.Equal(start == 0 ? secret : kept, secret);
            kept = secret;

            sample.Process.PressCtrlC();

            Assert.Equal(0, await sample.Process.WaitForExitAsync(EndLimit));
            Assert.Empty(sample.LivingProcesses());
        }

        var file = Assert.Single(Directory.GetFiles(_home.Path, "secrets.json", SearchOption.AllDirectories));
        Assert.Equal(kept, JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!["Parameters:sample-secret"]!.GetValue<string>());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task A_killed_AppHost_leaves_no_orphan()
    {
        await using var sample = new RunningSample(_home.Path);
        await sample.WaitUntilReadyAsync();
        Assert.True(sample.LivingProcesses().Count > 8);

        sample.Process.Kill();

        await Eventually.BecomesTrueAsync(() => sample.LivingProcesses().Count == 0, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task What_a_killed_process_had_started_ends_with_the_AppHost()
    {
        await using var sample = new RunningSample(_home.Path);
        await sample.WaitUntilReadyAsync();
        var (parent, child) = await sample.StartChildAsync();
        ChildProcess.Signal(parent, 9);
        await Eventually.BecomesTrueAsync(() => !Lives(parent));
        Assert.True(Lives(child));

        sample.Process.Terminate();

        Assert.Equal(0, await sample.Process.WaitForExitAsync(EndLimit));
        Assert.Empty(sample.LivingProcesses());

        bool Lives(int id) => sample.LivingProcesses().Any(process => process.StartsWith($"{id} ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_killed_replica_is_seen_as_finished_and_the_other_one_serves_on()
    {
        await using var sample = new RunningSample(_home.Path);
        await sample.WaitUntilReadyAsync();
        var victim = int.Parse(await sample.GetBackAsync(), CultureInfo.InvariantCulture);

        ChildProcess.Signal(victim, 9);

        var rows = await sample.WatchUntilAsync(seen => seen.Any(row => row is { DisplayName: "back", State: "Finished" } && row.Urls.All(url => url.IsInactive)));
        var finished = rows.Values.Single(row => row.State == "Finished");
        Assert.NotEqual("0", SampleFixture.PropertyOf(finished, "resource.exitCode"));
        Assert.Equal("error", finished.StateStyle);
        for (var i = 0; i < 20; i++)
        {
            Assert.NotEqual(victim, int.Parse(await sample.GetBackAsync(), CultureInfo.InvariantCulture));
        }

        Assert.Contains("exit code", sample.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dependant_waits_until_every_replica_is_healthy_and_nobody_waits_for_a_parameter_in_vain_unnoticed()
    {
        await using var sample = new RunningSample(_home.Path, null, ("HEALTHY_AFTER_SECONDS", "6"), ("WITH_NEEDY", "yes"));

        var early = await sample.WatchUntilAsync(seen => seen.Count(row => row is { DisplayName: "back", State: "Running" }) == 2);
        Assert.Equal("Waiting", Assert.Single(early.Values, row => row.DisplayName == "front").State);
        Assert.DoesNotContain("front is ready", sample.Process.Output, StringComparison.Ordinal);

        var rows = await sample.WatchUntilAsync(SampleFixture.AllRun);
        Assert.Equal("ValueMissing", rows["needed-value"].State);
        Assert.Equal("Waiting", Assert.Single(rows.Values, row => row.DisplayName == "needy").State);
        Assert.Contains("Resource 'needy' was not started: Parameter 'needed-value' has no value. Set configuration key 'Parameters:needed-value'", sample.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_busy_port_ends_the_start_with_the_names_of_resource_endpoint_and_port()
    {
        using var squatter = new TcpListener(IPAddress.Loopback, 0);
        squatter.Start();
        var port = ((IPEndPoint)squatter.LocalEndpoint).Port;
        await using var sample = new RunningSample(_home.Path, port);

        Assert.NotEqual(0, await sample.Process.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains($"Port {port} of endpoint 'http' of resource 'back' is taken by another process.", sample.Process.Output, StringComparison.Ordinal);
        Assert.Empty(sample.LivingProcesses());
    }
}
