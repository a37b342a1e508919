using System.Globalization;
using System.Net;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests.Faults;

/// <summary>One of our services in a process of its own, on ports that stay when it is killed and started again.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly string _project;
    private readonly Dictionary<string, string?> _environment;
    private ChildProcess? _process;

    /// <param name="project">The service's project.</param>
    /// <param name="settings">Its settings, as environment variables.</param>
    public ServiceProcess(string project, params (string Key, string Value)[] settings)
    {
        var ports = FreePort.Take(3);
        (_project, Address, Management, Grpc) = (project, Loopback(ports[0]), Loopback(ports[1]), Loopback(ports[2]));
        _environment = new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = Address.GetLeftPart(UriPartial.Authority),
            ["Management__Port"] = ports[1].ToString(CultureInfo.InvariantCulture),
            [$"{project}__GrpcPort"] = ports[2].ToString(CultureInfo.InvariantCulture), // of those that have one
            ["DOTNET_TieredPGO"] = "0",
        };
        foreach (var (key, value) in settings)
        {
            _environment[key] = value;
        }
    }

    /// <summary>Its public endpoint.</summary>
    public Uri Address { get; }

    /// <summary>Its management endpoint.</summary>
    public Uri Management { get; }

    /// <summary>Its endpoint for gRPC, of a gateway or a predictor.</summary>
    public Uri Grpc { get; }

    /// <summary>Everything it wrote since it was last started.</summary>
    public string Output => _process?.Output ?? "";

    /// <summary>Whether it runs.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Starts it, without waiting.</summary>
    public void Start() => _process = ChildProcess.Start(
        "dotnet", [Repository.PathOf("artifacts", "bin", _project, Configuration, _project + ".dll")], _environment);

    /// <summary>Waits until it says that it is ready.</summary>
    public Task ReadyAsync() => Eventually.BecomesTrueAsync(
        async () =>
        {
            if (!IsRunning)
            {
                throw new InvalidOperationException($"{_project} ended:\n{Output}");
            }

            try
            {
                using var answer = await Http.GetAsync(new Uri(Management, "/health/ready"));
                return answer.StatusCode == HttpStatusCode.OK;
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                return false;
            }
        },
        StartLimit,
        $"{_project} is ready");

    /// <summary>SIGKILL, and waits for the end.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>SIGTERM, and waits for the end; fails unless it ends by itself and without an error.</summary>
    public async Task TerminateAsync()
    {
        _process!.Terminate();
        Assert.Equal(0, await _process.WaitForExitAsync(TimeSpan.FromSeconds(45)));
    }

    /// <summary>SIGSTOP: it hangs, its connections stay open, and the system takes new ones for it.</summary>
    public void Pause() => ChildProcess.Signal(_process!.Id, 19);

    /// <summary>SIGCONT: it goes on.</summary>
    public void Resume() => ChildProcess.Signal(_process!.Id, 18);

    /// <summary>The sum of the series of a metric that have all of these labels.</summary>
    public async Task<double> ReadMetricAsync(string name, params (string Key, string Value)[] labels)
    {
        var page = await Http.GetStringAsync(new Uri(Management, "/metrics"));
        return PrometheusText.Parse(page).Values
            .SelectMany(family => family.Samples)
            .Where(sample => sample.Name == name && sample.Has(labels))
            .Sum(sample => sample.Value);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            ChildProcess.Signal(process.Id, 18); // one that was stopped does not hear SIGTERM
            await process.DisposeAsync();
        }
    }

    // The tests' own: debug or release.
    internal static string Configuration { get; } = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));

    private static Uri Loopback(int port) => new($"http://127.0.0.1:{port}");
}
