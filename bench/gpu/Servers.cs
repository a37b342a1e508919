using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.GpuBench;

/// <summary>A real Registry that has the model, and a real Predictor that serves it: each a process of its own.</summary>
internal sealed class Servers : IAsyncDisposable
{
    public const string Model = "mlp";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();
    private ChildProcess? _registry;
    private ChildProcess? _predictor;

    /// <summary>The Predictor.</summary>
    public HttpClient Http { get; private set; } = null!;

    /// <exception cref="InvalidOperationException">One of them does not start, or the model is refused; with what it wrote.</exception>
    public static async Task<Servers> StartAsync(byte[] model, BenchOptions options)
    {
        var servers = new Servers();
        try
        {
            var ports = FreePort.Take(4);
            await servers.StartRegistryAsync(model, ports[0], ports[1]);
            await servers.StartPredictorAsync(options, ports[0], ports[2], ports[3]);
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        foreach (var process in new[] { _predictor, _registry })
        {
            if (process is not null)
            {
                await process.DisposeAsync();
            }
        }

        _folder.Dispose();
    }

    private async Task StartRegistryAsync(byte[] model, int port, int management)
    {
        _registry = Start("Registry", port, management, new()
        {
            ["Registry__DataDirectory"] = _folder.PathOf("registry"),
            ["Registry__SamplesDirectory"] = "",
            ["Registry__Access"] = "open",
        });
        using var http = ClientOf(port);
        await AnswersAsync(_registry, http, "/api/models");
        using var body = new ByteArrayContent(model) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };
        await EnsureAsync(await http.PostAsync(ApiPaths.ForModel(Model) + "/versions", body));
        using var serving = new StringContent("""{"stable": 1}""", Encoding.UTF8, "application/json");
        await EnsureAsync(await http.PutAsync(ApiPaths.Serving.Replace("{model}", Model, StringComparison.Ordinal), serving));
    }

    private async Task StartPredictorAsync(BenchOptions options, int registry, int port, int management)
    {
        _predictor = Start("Predictor", port, management, new()
        {
            ["RegistryClient__Address"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{registry}"),
            ["RegistryClient__StateFile"] = _folder.PathOf("state.json"),
            ["Predictor__Pool"] = Pools.Stable,
            ["Predictor__CacheDirectory"] = _folder.PathOf("cache"),
            ["Predictor__Provider"] = options.Device,
            ["Predictor__DeviceId"] = options.DeviceId.ToString(CultureInfo.InvariantCulture),
            ["Predictor__AllowCpuFallback"] = "false",
        });
        Http = ClientOf(port);
        await AnswersAsync(_predictor, Http, $"/v2/models/{Model}/ready");
    }

    private static ChildProcess Start(string service, int port, int management, Dictionary<string, string?> settings)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)); // debug, release
        settings["ASPNETCORE_URLS"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
        settings["Management__Port"] = management.ToString(CultureInfo.InvariantCulture);
        settings["Logging__LogLevel__Default"] = "Warning";
        settings["DOTNET_ENVIRONMENT"] = "Production";
        return ChildProcess.Start("dotnet", [Repository.PathOf("artifacts", "bin", service, configuration, $"{service}.dll")], settings);
    }

    private static HttpClient ClientOf(int port) => new(new SocketsHttpHandler { UseCookies = false })
    {
        BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")),
        Timeout = TimeSpan.FromSeconds(60),
    };

    private static async Task AnswersAsync(ChildProcess process, HttpClient http, string path)
    {
        try
        {
            await Eventually.BecomesTrueAsync(() => IsOkAsync(process, http, path), Patience);
        }
        catch (Exception exception) when (exception is not InvalidOperationException)
        {
            throw new InvalidOperationException($"{path} does not answer 200 within {Patience}:\n{process.Output}", exception);
        }
    }

    private static async Task<bool> IsOkAsync(ChildProcess process, HttpClient http, string path)
    {
        if (process.HasExited)
        {
            throw new InvalidOperationException($"It does not start:\n{process.Output}");
        }

        try
        {
            using var answer = await http.GetAsync(path);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task EnsureAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            if (!answer.IsSuccessStatusCode)
            {
                throw new InvalidOperationException($"{answer.RequestMessage?.RequestUri}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            }
        }
    }
}
