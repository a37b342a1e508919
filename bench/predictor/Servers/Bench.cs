using System.Globalization;
using Sluice.Contracts;
using Sluice.Measuring;
using Sluice.Testing;

namespace Sluice.PredictorBench.Servers;

/// <summary>A Registry and predictors of it, all real processes with empty folders.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<ServerProcess> _predictors = [];
    private readonly List<string> _models = [];
    private readonly HttpClient _http = new();
    private readonly ServerProcess _registry;

    private Bench() => _registry = ServerProcess.Start("Registry", new Dictionary<string, string?>
    {
        ["Registry__DataDirectory"] = Path.Combine(_folder.Path, "registry"),
        ["Registry__SamplesDirectory"] = "",
        ["Registry__Access"] = "open",
    });

    /// <summary>Starts a Registry that serves models by their names.</summary>
    public static async Task<Bench> StartAsync(params (string Model, byte[] Onnx)[] models)
    {
        var bench = new Bench();
        await bench._registry.AnswersAsync(ApiPaths.Models);
        foreach (var (model, onnx) in models)
        {
            await bench.ServeAsync(model, onnx);
        }

        return bench;
    }

    /// <summary>Starts a predictor and waits until it serves every model.</summary>
    /// <param name="settings">Beside those that it needs, as variables of its environment.</param>
    public async Task<ServerProcess> PredictAsync(params (string Key, string Value)[] settings)
    {
        var folder = Path.Combine(_folder.Path, string.Create(CultureInfo.InvariantCulture, $"predictor{_predictors.Count}"));
        var environment = new Dictionary<string, string?>
        {
            ["RegistryClient__Address"] = _registry.Address.AbsoluteUri,
            ["RegistryClient__StateFile"] = Path.Combine(folder, "state.json"),
            ["Predictor__Pool"] = Pools.Stable,
            ["Predictor__Provider"] = "cpu",
            ["Predictor__CacheDirectory"] = Path.Combine(folder, "cache"),
        };
        foreach (var (key, value) in settings)
        {
            environment[key] = value;
        }

        var predictor = ServerProcess.Start("Predictor", environment);
        _predictors.Add(predictor);
        foreach (var model in _models)
        {
            await predictor.AnswersAsync($"/v2/models/{model}/ready");
        }

        return predictor;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var predictor in _predictors)
        {
            await predictor.DisposeAsync();
        }

        await _registry.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
    }

    private async Task ServeAsync(string model, byte[] onnx)
    {
        using var body = new ByteArrayContent(onnx);
        body.Headers.ContentType = new("application/octet-stream");
        using var registered = await _http.PostAsync(new Uri(_registry.Address, ApiPaths.ForModel(model) + "/versions"), body);
        registered.EnsureSuccessStatusCode();
        using var stable = new StringContent("""{"stable": 1}""", null, "application/json");
        using var served = await _http.PutAsync(new Uri(_registry.Address, ApiPaths.Serving.Replace("{model}", model, StringComparison.Ordinal)), stable);
        served.EnsureSuccessStatusCode();
        _models.Add(model);
    }
}
