using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests;

/// <summary>What dies and what must live on. Each test has a Sluice of its own, because it does not leave it as it was.</summary>
public sealed class LifecycleTests
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Predictions_go_on_when_a_replica_and_then_the_registry_are_killed()
    {
        await using var sluice = new RunningSluice();
        await sluice.InitializeAsync();
        IReadOnlyList<ReplicaView> stable = [];
        await Eventually.BecomesTrueAsync(async () => (stable = [.. (await sluice.ReplicasAsync()).Where(IsStableAndReady)]).Count == 2);

        ChildProcess.Signal(ProcessTable.ListeningOn(new Uri(stable[0].Status.Address).Port), 9);
        await EveryPredictionAnswersAsync(sluice, 50);

        // The dead replica said no goodbye: it expires.
        await Eventually.BecomesTrueAsync(async () => (await sluice.ReplicasAsync()).Count(replica => replica.Status.Pool == Pools.Stable) == 1, TimeSpan.FromSeconds(30));

        var registry = sluice.ServiceProcesses().Where(id => ProcessName(id) == "Registry").ToList();
        ChildProcess.Signal(Assert.Single(registry), 9);
        await Eventually.BecomesTrueAsync(() => !Listens(sluice.Ports[1]) || !sluice.ServiceProcesses().Contains(registry[0]));
        await EveryPredictionAnswersAsync(sluice, 50);
    }

    [Fact]
    public async Task A_restart_on_the_same_data_serves_the_same_version_and_Ctrl_C_leaves_nothing_behind()
    {
        await using var sluice = new RunningSluice();
        await sluice.InitializeAsync();
        var before = await sluice.Registry.GetFromJsonAsync("/api/models/wine/versions", ContractsJson.Default.IReadOnlyListModelVersion);

        await sluice.RestartAsync();
        await EveryPredictionAnswersAsync(sluice, 5);
        var after = await sluice.Registry.GetFromJsonAsync("/api/models/wine/versions", ContractsJson.Default.IReadOnlyListModelVersion);
        Assert.NotEmpty(before!);
        Assert.Equal(before!.Select(version => (version.Version, version.Digest)), after!.Select(version => (version.Version, version.Digest)));
        Assert.NotEmpty(sluice.ServiceProcesses());

        sluice.AppHost.PressCtrlC();
        Assert.Equal(0, await sluice.AppHost.WaitForExitAsync(StopLimit));
        Assert.Empty(sluice.ServiceProcesses());
        Assert.DoesNotContain(sluice.Ports, Listens);
    }

    [Fact]
    public async Task A_killed_AppHost_leaves_no_orphan()
    {
        await using var sluice = new RunningSluice();
        await sluice.InitializeAsync();
        var appHost = Assert.Single(sluice.ServiceProcesses(), id => ProcessName(id) == "AppHost");

        ChildProcess.Signal(appHost, 9);

        await Eventually.BecomesTrueAsync(() => sluice.ServiceProcesses().Count == 0, TimeSpan.FromSeconds(30));
        Assert.DoesNotContain(sluice.Ports, Listens);
    }

    private static bool IsStableAndReady(ReplicaView replica) =>
        replica.Status.Pool == Pools.Stable && replica.Status.Versions.Any(version => version is { Model: "wine", State: VersionState.Ready });

    private static async Task EveryPredictionAnswersAsync(RunningSluice sluice, int count)
    {
        for (var i = 0; i < count; i++)
        {
            using var answer = await sluice.Gateway.PostAsJsonAsync("/models/wine/invocations", new { inputs = new[] { Enumerable.Repeat(1.5, 13) } });
            Assert.True(answer.IsSuccessStatusCode, $"Request {i}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
    }

    /// <summary>The program's name: a service runs as <c>dotnet Registry.dll</c>, the AppHost as its own executable.</summary>
    private static string ProcessName(int id)
    {
        var command = File.Exists($"/proc/{id}/cmdline") ? File.ReadAllText($"/proc/{id}/cmdline").Split('\0') : [];
        return Path.GetFileNameWithoutExtension(command is ["dotnet", var program, ..] ? program : command.FirstOrDefault("")) ?? "";
    }

    private static bool Listens(int port)
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
