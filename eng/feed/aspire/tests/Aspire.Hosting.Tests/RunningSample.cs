using System.Globalization;
using System.Text.RegularExpressions;
using Aspire.Hosting.Dashboard.Wire;
using Grpc.Core;
using Grpc.Net.Client;
using Sluice.Testing;

namespace Aspire.Hosting.Tests;

/// <summary>The sample AppHost as a process of its own, with ports and a home folder of its own. Every process below it carries a mark.</summary>
internal sealed partial class RunningSample : IAsyncDisposable
{
    private const string Key = "the-key-of-the-resource-service";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);
    private readonly string _mark = Guid.NewGuid().ToString("N");
    private readonly ChildProcess _process;
    private readonly GrpcChannel _channel;

    public RunningSample(string home, int? backPort = null, params (string Name, string Value)[] settings)
    {
        var ports = FreePort.Take(4);
        (BackPort, DashboardPort) = (backPort ?? ports[0], ports[1]);
        var environment = new Dictionary<string, string?>
        {
            ["STANDIN_TEST"] = _mark,
            ["HOME"] = home,
            ["DOTNET_CLI_HOME"] = Environment.GetEnvironmentVariable("HOME"), // greets and prepares a home only once
            ["DOTNET_ENVIRONMENT"] = "Development",
            ["BACK_PORT"] = BackPort.ToString(CultureInfo.InvariantCulture),
            ["ASPNETCORE_URLS"] = $"http://localhost:{DashboardPort}",
            ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = $"http://localhost:{ports[2]}",
            ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = $"http://localhost:{ports[3]}",
            ["ASPIRE_DASHBOARD_RESOURCESERVICE_APIKEY"] = Key,
            ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
        };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        _process = ChildProcess.Start("setsid", [Program], environment);
        _channel = GrpcChannel.ForAddress($"http://127.0.0.1:{ports[3]}");
        Resources = new DashboardService.DashboardServiceClient(_channel);
    }

    public static string Program { get; } = Repository.PathOf("artifacts", "bin", "SampleAppHost", BuildKind(), "SampleAppHost");

    public int BackPort { get; }

    public int DashboardPort { get; }

    public HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.Zero });

    public DashboardService.DashboardServiceClient Resources { get; }

    public ChildProcess Process => _process;

    public static Metadata WithKey(string key = Key) => new() { { "x-resource-service-api-key", key } };

    /// <summary>Waits until the last resource is ready, and answers its address.</summary>
    public async Task<Uri> WaitUntilReadyAsync()
    {
        await _process.WaitForOutputAsync("front is ready: ", StartLimit);
        await Eventually.BecomesTrueAsync(() => ReadyLine().IsMatch(_process.Output));
        return new Uri(ReadyLine().Match(_process.Output).Groups[1].Value);
    }

    public async Task<string> LoginUrlAsync()
    {
        await _process.WaitForOutputAsync("/login?t=", StartLimit);
        await Eventually.BecomesTrueAsync(() => LoginLine().IsMatch(_process.Output));
        return LoginLine().Match(_process.Output).Groups[1].Value;
    }

    public Task<string> GetBackAsync(string path = "/") => Http.GetStringAsync(new Uri($"http://localhost:{BackPort}{path}"));

    /// <summary>Lets one of the back processes start another one; answers the ids of both.</summary>
    public async Task<(int Parent, int Child)> StartChildAsync()
    {
        using var answer = await Http.PostAsync(new Uri($"http://localhost:{BackPort}/child"), content: null);
        var ids = (await answer.Content.ReadAsStringAsync()).Split(' ');
        return (int.Parse(ids[0], CultureInfo.InvariantCulture), int.Parse(ids[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Watches as the dashboard does until the resources are as wanted; answers them by id.</summary>
    public async Task<IReadOnlyDictionary<string, Resource>> WatchUntilAsync(Func<IReadOnlyCollection<Resource>, bool> areAsWanted, TimeSpan? within = null)
    {
        using var limit = new CancellationTokenSource(within ?? TimeSpan.FromSeconds(60));
        using var call = Resources.WatchResources(new(), new CallOptions(WithKey(), cancellationToken: limit.Token).WithWaitForReady());
        var seen = new Dictionary<string, Resource>();
        await foreach (var update in call.ResponseStream.ReadAllAsync(limit.Token))
        {
            foreach (var change in update.Changes?.Value ?? [])
            {
                seen[change.Upsert.Name] = change.Upsert;
            }

            if (areAsWanted(seen.Values))
            {
                return seen;
            }
        }

        throw new InvalidOperationException("The watch ended.");
    }

    /// <summary>Every living process that this start has brought forth, however deep: the AppHost, DCP, the dashboard, the projects.</summary>
    public IReadOnlyList<string> LivingProcesses() =>
    [
        .. Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _))
            .Where(folder => Read(Path.Combine(folder, "environ")).Contains(_mark, StringComparison.Ordinal))
            .Select(folder => $"{Path.GetFileName(folder)} {Read(Path.Combine(folder, "cmdline")).Replace('\0', ' ')}"),
    ];

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        Http.Dispose();
        await _process.DisposeAsync();
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string BuildKind() => Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'));

    [GeneratedRegex(@"front is ready: (\S+)\n?")]
    private static partial Regex ReadyLine();

    [GeneratedRegex(@"Login to the dashboard at (\S+/login\?t=\w+)")]
    private static partial Regex LoginLine();
}
