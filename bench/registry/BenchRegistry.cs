using System.Globalization;
using Sluice.Testing;

namespace Sluice.RegistryBench;

/// <summary>A real Registry, as a process of its own with an empty data folder.</summary>
internal sealed class BenchRegistry : IAsyncDisposable
{
    private readonly TemporaryFolder _data;
    private readonly ChildProcess _process;

    private BenchRegistry(TemporaryFolder data, ChildProcess process, int port)
    {
        (_data, _process) = (data, process);
        Http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue }) { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Timeout.InfiniteTimeSpan };
    }

    public HttpClient Http { get; }

    /// <summary>What it holds of the machine's memory, in MiB.</summary>
    public double Memory => ReadStatus("VmRSS:");

    /// <summary>The most that it ever held, in MiB.</summary>
    public double PeakMemory => ReadStatus("VmHWM:");

    /// <summary>Processor time that it used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            using var process = System.Diagnostics.Process.GetProcessById(_process.Id);
            return process.TotalProcessorTime;
        }
    }

    public static async Task<BenchRegistry> StartAsync()
    {
        var data = new TemporaryFolder();
        var ports = FreePort.Take(2);
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)); // debug, release
        var program = Repository.PathOf("artifacts", "bin", "Registry", configuration, "Registry.dll");
        var process = ChildProcess.Start("dotnet", [program], new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports[0]}"),
            ["Management__Port"] = ports[1].ToString(CultureInfo.InvariantCulture),
            ["Registry__DataDirectory"] = data.Path,
            ["Registry__SamplesDirectory"] = "",
            ["Registry__Access"] = "open",
            ["Logging__LogLevel__Default"] = "Warning",
            ["DOTNET_ENVIRONMENT"] = "Production",
        });
        var registry = new BenchRegistry(data, process, ports[0]);
        await Eventually.BecomesTrueAsync(registry.AnswersAsync, TimeSpan.FromSeconds(60));
        return registry;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _process.DisposeAsync();
        _data.Dispose();
    }

    private async Task<bool> AnswersAsync()
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"The Registry does not start:\n{_process.Output}");
        }

        try
        {
            using var answer = await Http.GetAsync("/api/models");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private double ReadStatus(string name)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }
}
