using System.Globalization;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests;

/// <summary>The whole of Sluice, started as a user starts it, on ports and in a data folder of the test's own.</summary>
public sealed partial class RunningSluice : IAsyncLifetime
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);
    private readonly TemporaryFolder _data = new();
    private readonly (string Key, string Value)[] _settings;

    /// <summary>One with the default settings.</summary>
    public RunningSluice()
        : this([])
    {
    }

    /// <summary>One with settings of the test's.</summary>
    internal RunningSluice(params (string Key, string Value)[] settings) => _settings = settings;

    /// <summary>The AppHost's process (dotnet run).</summary>
    public ChildProcess AppHost { get; private set; } = null!;

    /// <summary>Ports of gateway, registry, dashboard, OTLP, gRPC and Prometheus.</summary>
    public int[] Ports { get; } = FreePort.Take(6);

    /// <summary>Where it keeps its data.</summary>
    public string DataDirectory => _data.Path;

    /// <summary>Speaks to the gateway.</summary>
    public HttpClient Gateway { get; private set; } = null!;

    /// <summary>Speaks to the Registry.</summary>
    public HttpClient Registry { get; private set; } = null!;

    /// <summary>The line that the console offers for pasting.</summary>
    public string CurlLine => CurlPattern().Match(AppHost.Output).Value;

    /// <summary>The dashboard's address with its token.</summary>
    public string DashboardLogin => LoginPattern().Match(AppHost.Output).Value;

    /// <summary>Starts it and waits until the console says that a prediction can be made.</summary>
    public async ValueTask InitializeAsync()
    {
        AppHost = Start();
        Gateway = new HttpClient { BaseAddress = new Uri($"http://localhost:{Ports[0]}") };
        Registry = new HttpClient { BaseAddress = new Uri($"http://localhost:{Ports[1]}") };
        await AppHost.WaitForOutputAsync("Sluice is ready.", StartLimit);
        await AppHost.WaitForOutputAsync("curl -s", TimeSpan.FromSeconds(5));
    }

    /// <summary>Ends it and starts it again on the same data.</summary>
    public async Task RestartAsync()
    {
        AppHost.PressCtrlC();
        await AppHost.WaitForExitAsync(TimeSpan.FromSeconds(30));
        AppHost = Start();
        await AppHost.WaitForOutputAsync("Sluice is ready.", StartLimit);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await AppHost.DisposeAsync();
        Gateway.Dispose();
        Registry.Dispose();
        _data.Dispose();
    }

    /// <summary>The replicas as the Registry sees them.</summary>
    public async Task<IReadOnlyList<ReplicaView>> ReplicasAsync() =>
        await Registry.GetFromJsonAsync(ApiPaths.Replicas, ContractsJson.Default.IReadOnlyListReplicaView) ?? [];

    /// <summary>Process ids whose environment names this run's data folder: every service, and no process of anybody else.</summary>
    public IReadOnlyList<int> ServiceProcesses() => ProcessTable.WithEnvironment(_data.Path);

    // In a process group of its own, as a shell starts it, so that Ctrl+C can be sent to the whole group; and with SIGINT not ignored, as it would
    // be when the tests themselves run in the background.
    private ChildProcess Start()
    {
        var environment = new Dictionary<string, string?>
        {
            ["Ports__Gateway"] = Text(Ports[0]),
            ["Ports__Registry"] = Text(Ports[1]),
            ["Ports__Dashboard"] = Text(Ports[2]),
            ["Ports__Otlp"] = Text(Ports[3]),
            ["Ports__GatewayGrpc"] = Text(Ports[4]),
            ["Ports__Prometheus"] = Text(Ports[5]),
            ["DataDirectory"] = _data.Path,
        };
        foreach (var (key, value) in _settings)
        {
            environment[key] = value;
        }

        return ChildProcess.Start("setsid", ["env", "--default-signal=INT", "dotnet", "run", "--project", Repository.PathOf("AppHost"), "--no-build"], environment);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex("curl -s .*")]
    private static partial Regex CurlPattern();

    [GeneratedRegex(@"http://localhost:\d+/login\?t=\w+")]
    private static partial Regex LoginPattern();
}
