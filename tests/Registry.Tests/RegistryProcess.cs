using Sluice.Testing;

namespace Sluice.Registry.Tests;

/// <summary>The Registry as a process of its own, which can be killed.</summary>
internal sealed class RegistryProcess : IAsyncDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Registry.dll");

    private readonly ChildProcess _process;

    private RegistryProcess(ChildProcess process, Uri address, Uri management)
    {
        _process = process;
        Management = management;
        Http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
    }

    private delegate ChildProcess Launcher(string? dataDirectory, params (string Key, string? Value)[] environment);

    public HttpClient Http { get; }

    /// <summary>What it wrote so far.</summary>
    public string Output => _process.Output;

    public Uri Management { get; }

    /// <summary>The page for Prometheus.</summary>
    public Task<string> ReadMetricsAsync() => Http.GetStringAsync(new Uri(Management, "/metrics"), TestContext.Current.CancellationToken);

    /// <summary>Starts one, and does not wait for it.</summary>
    public static ChildProcess Launch(string? dataDirectory, params (string Key, string? Value)[] environment) =>
        Launch("dotnet", [Program], dataDirectory, environment);

    private static ChildProcess Launch(string program, string[] arguments, string? dataDirectory, (string Key, string? Value)[] environment)
    {
        var variables = environment.ToDictionary(pair => pair.Key, pair => pair.Value);
        variables["Registry__DataDirectory"] = dataDirectory;
        variables["DOTNET_ENVIRONMENT"] = "Production";
        variables["ASPNETCORE_ENVIRONMENT"] = null;
        variables.TryAdd("ASPNETCORE_URLS", "http://127.0.0.1:0");
        variables.TryAdd("Registry__Access", "open");
        return ChildProcess.Start(program, arguments, variables, AppContext.BaseDirectory);
    }

    /// <summary>Starts one and waits until it is ready.</summary>
    public static Task<RegistryProcess> StartAsync(string dataDirectory, params (string Key, string? Value)[] environment) =>
        StartAsync(Launch, dataDirectory, environment);

    /// <summary>Starts one whose files can grow to a limit only, as on a disk that is full: further writes fail.</summary>
    public static Task<RegistryProcess> StartWithFileLimitAsync(string dataDirectory, int kibibytes)
    {
        return StartAsync(LaunchLimited, dataDirectory, []);

        ChildProcess LaunchLimited(string? folder, params (string Key, string? Value)[] environment) =>
            Launch("bash", ["-c", $"trap '' XFSZ; ulimit -f {kibibytes}; exec dotnet \"$0\"", Program], folder, [.. environment, ("DOTNET_EnableWriteXorExecute", "0")]);
    }

    private static async Task<RegistryProcess> StartAsync(Launcher launch, string dataDirectory, (string Key, string? Value)[] environment)
    {
        var ports = FreePort.Take(2);
        var process = launch(
            dataDirectory, [("ASPNETCORE_URLS", $"http://127.0.0.1:{ports[0]}"), ("Management__Port", $"{ports[1]}"), .. environment]);
        var registry = new RegistryProcess(process, new Uri($"http://127.0.0.1:{ports[0]}"), new Uri($"http://127.0.0.1:{ports[1]}"));
        try
        {
            await Eventually.BecomesTrueAsync(registry.IsReadyAsync, TimeSpan.FromSeconds(60));
            return registry;
        }
        catch
        {
            await registry.DisposeAsync(); // or it would outlive the test
            throw;
        }
    }

    /// <summary>The most memory it ever had resident, in bytes. Linux.</summary>
    public long PeakMemory => 1024 * long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
        System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>SIGKILL, and waits for the end.</summary>
    public Task KillAsync()
    {
        _process.Kill();
        return _process.WaitForExitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    public Task<int> TerminateAsync(TimeSpan within)
    {
        _process.Terminate();
        return _process.WaitForExitAsync(within);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _process.DisposeAsync();
    }

    private async Task<bool> IsReadyAsync()
    {
        Assert.False(_process.HasExited, _process.Output);
        try
        {
            using var answer = await Http.GetAsync(new Uri(Management, "/health/ready"), TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
