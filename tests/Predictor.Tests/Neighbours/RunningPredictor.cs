using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Neighbours;

/// <summary>The predictor as it is run, on real sockets of 127.0.0.1.</summary>
public sealed class RunningPredictor : WebApplicationFactory<Program>
{
    private readonly Dictionary<string, string> _settings;

    private RunningPredictor(Dictionary<string, string> settings) => _settings = settings;

    public HttpClient Http { get; private set; } = null!;

    public Uri Management { get; private set; } = null!;

    public Uri Grpc { get; private set; } = null!;

    /// <summary>Starts a predictor of the pool stable.</summary>
    /// <param name="registry">Where it looks for the Registry.</param>
    /// <param name="folder">Where it keeps its cache and the last known good state.</param>
    /// <param name="settings">More settings, by key.</param>
    public static RunningPredictor Start(Uri registry, string folder, params (string Key, string Value)[] settings)
    {
        var ports = FreePort.Take(3);
        var predictor = new RunningPredictor(SettingsOf(registry, folder, ports));
        predictor._settings["Predictor:GrpcPort"] = $"{ports[2]}";
        foreach (var (key, value) in settings)
        {
            predictor._settings[key] = value;
        }

        predictor.UseKestrel();
        predictor.StartServer();
        predictor.Management = new Uri($"http://127.0.0.1:{ports[1]}");
        predictor.Grpc = new Uri($"http://127.0.0.1:{ports[2]}");
        predictor.Http = ClientOf(ports[0]);
        return predictor;
    }

    public static Dictionary<string, string> SettingsOf(Uri registry, string folder, int[] ports) => new()
    {
        ["urls"] = $"http://127.0.0.1:{ports[0]}",
        ["Management:Port"] = $"{ports[1]}",
        ["RegistryClient:Address"] = registry.AbsoluteUri,
        ["RegistryClient:StateFile"] = Path.Combine(folder, "state.json"),
        ["RegistryClient:WatchTimeout"] = "00:10:00",
        ["Predictor:Pool"] = "stable",
        ["Predictor:Provider"] = "cpu", // the same on every machine; tests of devices say otherwise
        ["Predictor:CacheDirectory"] = Path.Combine(folder, "cache"),
        ["Logging:LogLevel:Default"] = "None",
    };

    public static HttpClient ClientOf(int port) => new(new SocketsHttpHandler { UseCookies = false })
    {
        BaseAddress = new Uri($"http://127.0.0.1:{port}"),
        Timeout = TimeSpan.FromSeconds(60),
    };

    public static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    /// <summary>POSTs JSON and reads the answer as JSON.</summary>
    public Task<Answer> PostAsync(string path, string body) => PostAsync(path, Json(body));

    public Task<Answer> PostAsync(string path, HttpContent content) => Answer.OfAsync(Http.PostAsync(path, content));

    public Task<Answer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken = default) =>
        Answer.OfAsync(Http.SendAsync(request, cancellationToken));

    public Task<Answer> InferAsync(string model, string body) => PostAsync($"/v2/models/{model}/infer", body);

    public Task<Answer> GetAsync(string path) => Answer.OfAsync(Http.GetAsync(path));

    public async Task<bool> IsReadyAsync(string model, int version = 1)
    {
        using var answer = await Http.GetAsync($"/v2/models/{model}/versions/{version}/ready");
        return answer.IsSuccessStatusCode;
    }

    public async Task<HttpStatusCode> HealthAsync()
    {
        using var answer = await Http.GetAsync(new Uri(Management, "/health/ready"));
        return answer.StatusCode;
    }

    /// <summary>Scrapes the metrics page.</summary>
    public async Task<MetricsPage> MetricsAsync() => new(PrometheusText.Parse(await Http.GetStringAsync(new Uri(Management, "/metrics"))));

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Http?.Dispose();
        }

        base.Dispose(disposing);
    }
}

/// <summary>An answer, read whole.</summary>
public sealed record Answer(int Status, string Text, HttpResponseMessage Message)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public string? Header(string name) => Message.Headers.TryGetValues(name, out var values) ? string.Join(",", values) : null;

    public static async Task<Answer> OfAsync(Task<HttpResponseMessage> request)
    {
        var message = await request;
        return new Answer((int)message.StatusCode, await message.Content.ReadAsStringAsync(), message);
    }
}

/// <summary>The metrics page of a predictor.</summary>
public sealed class MetricsPage(IReadOnlyDictionary<string, PrometheusFamily> families)
{
    /// <summary>The value of the only series of that name with these labels; an error when there is none, or several.</summary>
    public double Value(string name, params (string Name, string Value)[] labels) => Find(name, labels).Single().Value;

    /// <summary>Whether there is any.</summary>
    public bool Has(string name, params (string Name, string Value)[] labels) => Find(name, labels).Any();

    private IEnumerable<PrometheusSample> Find(string name, (string Name, string Value)[] labels) =>
        families.Values.SelectMany(family => family.Samples).Where(sample => sample.Name == name && sample.Has(labels));
}
