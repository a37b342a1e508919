using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Sluice.Testing;

/// <summary>
/// A real Prometheus on a free port of 127.0.0.1 over a folder of its own, ended by its process id. Tests of it begin with
/// <c>Assert.SkipUnless(PrometheusServer.IsInstalled, PrometheusServer.Missing)</c>.
/// </summary>
public sealed class PrometheusServer : IAsyncDisposable
{
    /// <summary>Why a test is skipped where there is no Prometheus.</summary>
    public const string Missing = "prometheus is missing: install Debian's prometheus to run this test.";

    private readonly TemporaryFolder _folder = new();
    private ChildProcess? _process;

    private PrometheusServer()
    {
    }

    /// <summary>Whether the program is on the PATH.</summary>
    public static bool IsInstalled { get; } = IsOnPath("prometheus");

    /// <summary>Whether promtool is on the PATH.</summary>
    public static bool HasTool { get; } = IsOnPath("promtool");

    /// <summary>Where its API is.</summary>
    public HttpClient Http { get; } = new();

    /// <summary>What it wrote so far.</summary>
    public string Output => _process?.Output ?? "";

    /// <summary>Starts one that scrapes, and waits until it is ready.</summary>
    /// <param name="interval">How often it scrapes.</param>
    /// <param name="targets">Jobs, each with the <c>host:port</c> of its targets.</param>
    public static Task<PrometheusServer> StartAsync(TimeSpan interval, params (string Job, string[] Targets)[] targets) =>
        StartAsync(Configuration(interval, targets));

    /// <summary>Starts one that scrapes what an HTTP service discovery tells it, and waits until it is ready.</summary>
    /// <param name="interval">How often it scrapes, and asks whom.</param>
    /// <param name="discovery">Whom it asks.</param>
    public static Task<PrometheusServer> DiscoverAsync(TimeSpan interval, Uri discovery) =>
        StartAsync(Configuration(interval, []) + $"  - job_name: discovered\n    http_sd_configs: [{{ url: '{discovery}', refresh_interval: {Milliseconds(interval)} }}]\n");

    private static async Task<PrometheusServer> StartAsync(string configuration)
    {
        var server = new PrometheusServer();
        try
        {
            await File.WriteAllTextAsync(server._folder.PathOf("prometheus.yml"), configuration);
            await server.StartProcessAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The result of an instant query, as a list of labels and value. Empty when there is none.</summary>
    public async Task<IReadOnlyList<PrometheusSample>> QueryAsync(string query)
    {
        var json = await Http.GetStringAsync($"api/v1/query?query={Uri.EscapeDataString(query)}");
        using var answer = JsonDocument.Parse(json);
        return [.. answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(ReadSample)];
    }

    /// <summary>The targets that are scraped, each with <c>health</c>, <c>lastError</c>.</summary>
    public async Task<IReadOnlyList<(string Job, string Health, string Error)>> TargetsAsync()
    {
        using var answer = JsonDocument.Parse(await Http.GetStringAsync("api/v1/targets"));
        return [.. answer.RootElement.GetProperty("data").GetProperty("activeTargets").EnumerateArray().Select(target => (
            target.GetProperty("labels").GetProperty("job").GetString()!,
            target.GetProperty("health").GetString()!,
            target.GetProperty("lastError").GetString()!))];
    }

    /// <summary>What <c>promtool check metrics</c> has to say of a page; empty when it is content.</summary>
    public static async Task<(int ExitCode, string Output)> CheckAsync(string page)
    {
        using var folder = new TemporaryFolder();
        var file = folder.PathOf("page.txt");
        await File.WriteAllTextAsync(file, page);
        await using var tool = ChildProcess.Start("sh", ["-c", "exec promtool check metrics < \"$0\"", file]);
        return (await tool.WaitForExitAsync(TimeSpan.FromSeconds(30)), tool.Output);
    }

    /// <summary>Ends it, as an operator does. Its data stays.</summary>
    public async Task StopAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            await process.DisposeAsync();
        }
    }

    /// <summary>Starts it again at the same address, on its data.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        _process = Launch(Http.BaseAddress!.Authority);
        await Eventually.BecomesTrueAsync(() => IsReadyAsync(Http), TimeSpan.FromSeconds(60), "Prometheus is ready again");
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task StartProcessAsync()
    {
        // Somebody else may be faster on the port that was free.
        for (var attempt = 1; ; attempt++)
        {
            var address = $"127.0.0.1:{FreePort.Take(1)[0]}";
            var process = _process = Launch(address);
            using var probe = new HttpClient { BaseAddress = new Uri($"http://{address}/") };
            await Eventually.BecomesTrueAsync(async () => process.HasExited || await IsReadyAsync(probe), TimeSpan.FromSeconds(30));
            if (!process.HasExited)
            {
                Http.BaseAddress = probe.BaseAddress;
                return;
            }

            if (attempt == 3)
            {
                throw new InvalidOperationException($"prometheus does not start:\n{Output}");
            }

            await process.DisposeAsync();
        }
    }

    private ChildProcess Launch(string address) => ChildProcess.Start(
        "prometheus",
        [$"--config.file={_folder.PathOf("prometheus.yml")}", $"--storage.tsdb.path={_folder.PathOf("data")}", $"--web.listen-address={address}"],
        folder: _folder.Path);

    private static async Task<bool> IsReadyAsync(HttpClient http)
    {
        try
        {
            using var answer = await http.GetAsync("-/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static string Configuration(TimeSpan interval, (string Job, string[] Targets)[] targets)
    {
        var seconds = Milliseconds(interval);
        var text = new StringBuilder($"global:\n  scrape_interval: {seconds}\n  scrape_timeout: {seconds}\nscrape_configs:\n");
        foreach (var (job, addresses) in targets)
        {
            text.Append(CultureInfo.InvariantCulture, $"  - job_name: {job}\n    static_configs:\n      - targets: [{string.Join(", ", addresses.Select(address => $"'{address}'"))}]\n");
        }

        return text.ToString();
    }

    private static string Milliseconds(TimeSpan interval) => interval.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) + "ms";

    private static PrometheusSample ReadSample(JsonElement result)
    {
        var labels = result.GetProperty("metric").EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!);
        var value = result.GetProperty("value")[1].GetString()!;
        return new(labels.GetValueOrDefault("__name__", ""), [.. labels], value switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            _ => double.Parse(value, CultureInfo.InvariantCulture),
        });
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
