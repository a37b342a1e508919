using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Testing;

namespace Sluice.Images.Tests.Running;

/// <summary>The four images, run as the chart runs them: nothing but their own files, which they cannot write, as a user that may nothing.</summary>
[Collection(nameof(SharedImages))]
public sealed class RunTests(BuiltImages images) : IAsyncDisposable
{
    private readonly List<RunningService> _services = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_images_of_all_services_make_a_prediction_together_read_only_and_without_rights()
    {
        Assert.SkipUnless(Container.FindProblem() is null, Container.FindProblem() ?? "");
        var registry = Start("registry", ("Registry__Access", "open"), ("Registry__DataDirectory", "/data"));
        await registry.ReadyAsync();
        (string, string)[] follower = [("RegistryClient__Address", registry.Address.AbsoluteUri), ("RegistryClient__StateFile", "/state/last-known-good.json")];
        Start("predictor", [("Predictor__Pool", "stable"), ("Predictor__CacheDirectory", "/cache"), .. follower]);
        Start("canaryjudge", follower);
        var gateway = Start("gateway", [("Gateway__Access", "open"), .. follower]);
        await Task.WhenAll(_services.Select(service => service.ReadyAsync()));

        await RegisterAsync(registry.Address);
        Assert.Equal(3, (await PredictAsync(gateway.Address)).GetArrayLength());

        Assert.All(_services, service =>
        {
            Assert.Equal(["1654", "1654", "1654", "1654"], service.Container.Status("Uid").Split('\t'));
            Assert.Equal("", service.Container.Status("Groups"));
            Assert.Equal("1", service.Container.Status("NoNewPrivs"));
            Assert.Equal(0UL, Convert.ToUInt64(service.Container.Status("CapEff"), 16));
            Assert.Contains("ro", service.Container.MountOptions("/"));
        });
        foreach (var service in _services)
        {
            service.Container.Process.Terminate();
            Assert.Equal(0, await service.Container.Process.WaitForExitAsync(TimeSpan.FromSeconds(40)));
        }
    }

    private RunningService Start(string service, params (string Key, string Value)[] settings)
    {
        var running = new RunningService(images[service], settings);
        _services.Insert(0, running); // the Registry goes last
        return running;
    }

    private async Task RegisterAsync(Uri registry)
    {
        using var content = new ByteArrayContent(await File.ReadAllBytesAsync(Repository.PathOf("samples", "wine", "1", "model.onnx"), Token));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var registered = await _http.PostAsync(new Uri(registry, "/api/models/wine/versions"), content, Token);
        Assert.True(registered.IsSuccessStatusCode, await registered.Content.ReadAsStringAsync(Token));
        using var served = await _http.PutAsJsonAsync(new Uri(registry, "/api/models/wine/serving"), new { stable = 1 }, Token);
        Assert.True(served.IsSuccessStatusCode, await served.Content.ReadAsStringAsync(Token));
    }

    // The probabilities of the three cultivars.
    private async Task<JsonElement> PredictAsync(Uri gateway)
    {
        double[][] wine = [[14.23, 1.71, 2.43, 15.6, 127.0, 2.8, 3.06, 0.28, 2.29, 5.64, 1.04, 3.92, 1065.0]];
        var answer = default(JsonElement);
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                using var response = await _http.PostAsJsonAsync(new Uri(gateway, "/v1/models/wine:predict"), new { instances = wine }, Token);
                answer = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
                return response.IsSuccessStatusCode;
            },
            TimeSpan.FromSeconds(30));
        TestContext.Current.TestOutputHelper?.WriteLine(answer.GetRawText());
        return answer.GetProperty("predictions")[0].GetProperty("probabilities");
    }
}
