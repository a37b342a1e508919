using System.Net;
using System.Text;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Conformance.Tests;

/// <summary>The server that is tried: the one at SLUICE_CONFORMANCE_URL, else a predictor of our own with the models it needs. See README.md.</summary>
public sealed class ServerUnderTest : IAsyncLifetime
{
    private Stage? _stage;
    private HttpClient? _http;

    public HttpClient Http => _http ?? _stage!.Predictor.Http;

    public async ValueTask InitializeAsync()
    {
        await WriteModelsAsync();
        if (Environment.GetEnvironmentVariable("SLUICE_CONFORMANCE_URL") is { Length: > 0 } url)
        {
            _http = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(60) };
            return;
        }

        _stage = await Stage.SetAsync();
        foreach (var (name, model) in ConformanceModels.All)
        {
            _stage.Registry.Serve(name, model);
        }

        await Eventually.BecomesTrueAsync(() => _stage.Registry.Reports.LastOrDefault().Report?.Versions.Count(version => version.State == VersionState.Ready) == ConformanceModels.All.Count);
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_stage is not null)
        {
            await _stage.DisposeAsync();
        }
    }

    /// <summary>Skips the test when the server is said not to speak the protocol.</summary>
    public static void Require(string protocol)
    {
        var spoken = Environment.GetEnvironmentVariable("SLUICE_CONFORMANCE_PROTOCOLS");
        Assert.SkipUnless(string.IsNullOrEmpty(spoken) || spoken.Split(',').Contains(protocol), $"SLUICE_CONFORMANCE_PROTOCOLS leaves out {protocol}.");
    }

    /// <summary>Skips the test when the server at the address does not declare the extension of v2.</summary>
    public async Task RequireExtensionAsync(string extension) => Assert.SkipWhen(
        _stage is null && !(await GetAsync("/v2")).Json.GetProperty("extensions").EnumerateArray().Any(each => each.GetString() == extension),
        $"The server does not declare the extension {extension}.");

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    public Task<Answer> PostAsync(string path, string json) => SendAsync(HttpMethod.Post, path, new StringContent(json, Encoding.UTF8, "application/json"));

    public Task<Answer> PostAsync(string path, HttpContent content) => SendAsync(HttpMethod.Post, path, content);

    public Task<Answer> InferAsync(string model, string json) => PostAsync($"/v2/models/{model}/infer", json);

    public Task<Answer> InferAsync(string model, HttpContent content) => PostAsync($"/v2/models/{model}/infer", content);

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        return await Answer.OfAsync(Http.SendAsync(request, TestContext.Current.CancellationToken));
    }

    /// <summary>A refusal of a client's request in v2 and V1: <c>{"error": "text"}</c>.</summary>
    public static void Refused(Answer answer, HttpStatusCode status = HttpStatusCode.BadRequest)
    {
        Assert.True((int)status == answer.Status, $"{answer.Status}: {answer.Text}");
        Assert.NotEmpty(answer.Json.GetProperty("error").GetString()!);
        Assert.DoesNotContain("   at ", answer.Text, StringComparison.Ordinal);
    }

    /// <summary>The body of a v2 request for an identity model.</summary>
    public static string Body(string datatype, string shape, string data, string more = "") =>
        $$"""{ {{more}}"inputs":[{"name":"x","shape":{{shape}},"datatype":"{{datatype}}","data":{{data}}}]}""";

    // The layout that servers of the protocol commonly load from.
    private static async Task WriteModelsAsync()
    {
        if (Environment.GetEnvironmentVariable("SLUICE_CONFORMANCE_MODELS") is { Length: > 0 } folder)
        {
            foreach (var (name, model) in ConformanceModels.All)
            {
                Directory.CreateDirectory(Path.Combine(folder, name, "1"));
                await File.WriteAllBytesAsync(Path.Combine(folder, name, "1", "model.onnx"), model);
            }
        }
    }
}
