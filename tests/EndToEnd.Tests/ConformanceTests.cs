using System.Net;
using System.Net.Http.Json;
using Sluice.Conformance.Tests;
using Sluice.Contracts;
using Sluice.EndToEnd.Tests.Faults;
using Sluice.Predictor.Tests.Grpc;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests;

/// <summary>What a predictor answers by itself it answers through a gateway too: the kits ask a real one in front of a real predictor by its address.</summary>
public sealed class ConformanceTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly TemporaryFolder _data = new();
    private readonly ServiceProcess _registry;
    private readonly ServiceProcess _predictor;
    private readonly ServiceProcess _gateway;

    public ConformanceTests()
    {
        _registry = new("Registry", ("Registry__DataDirectory", _data.PathOf("registry")), ("Registry__SamplesDirectory", ""));
        _predictor = new("Predictor", [("Predictor__CacheDirectory", _data.PathOf("cache")), ("Predictor__Pool", Pools.Stable), .. SettingsOf("predictor")]);
        _gateway = new("Gateway", SettingsOf("gateway"));
    }

    public async ValueTask InitializeAsync()
    {
        _registry.Start();
        await _registry.ReadyAsync();
        _predictor.Start();
        _gateway.Start();
        using var http = new HttpClient { BaseAddress = _registry.Address };
        foreach (var (name, model) in ConformanceModels.All.Concat(GrpcModels.All))
        {
            using var content = new ByteArrayContent(model) { Headers = { ContentType = new("application/octet-stream") } };
            await SucceedsAsync(await http.PostAsync($"/api/models/{name}/versions", content));
            await SucceedsAsync(await http.PutAsJsonAsync($"/api/models/{name}/serving", new { stable = 1 }));
        }

        using var gateway = new HttpClient { BaseAddress = _gateway.Address };
        await Task.WhenAll(_predictor.ReadyAsync(), _gateway.ReadyAsync());
        foreach (var name in ConformanceModels.All.Keys.Concat(GrpcModels.All.Keys))
        {
            await Eventually.BecomesTrueAsync(
                async () =>
                {
                    using var answer = await gateway.GetAsync($"/v2/models/{name}/ready");
                    return answer.StatusCode == HttpStatusCode.OK;
                },
                TimeSpan.FromSeconds(60),
                $"{name} is ready");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _predictor.DisposeAsync();
        await _registry.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public Task HTTP() => RunAsync("Conformance.Tests", ("SLUICE_CONFORMANCE_URL", _gateway.Address));

    [Fact]
    public Task GRPC() => RunAsync(
        "Predictor.Tests",
        ("SLUICE_CONFORMANCE_GRPC_URL", _gateway.Grpc),
        "--filter-class", "Sluice.Predictor.Tests.Grpc.TensorTests", "Sluice.Predictor.Tests.Grpc.RefusalTests", "Sluice.Predictor.Tests.Grpc.ModelTests");

    private static async Task RunAsync(string kit, (string Name, Uri Value) server, params string[] filter)
    {
        var assembly = Repository.PathOf("artifacts", "bin", kit, ServiceProcess.Configuration, kit + ".dll");
        await using var run = ChildProcess.Start(
            "dotnet", [assembly, "--no-progress", .. filter], new Dictionary<string, string?> { [server.Name] = server.Value.AbsoluteUri });

        var code = await run.WaitForExitAsync(Patience);

        Assert.True(code == 0, $"{kit} ended with {code}:\n{run.Output}");
        Assert.DoesNotContain("succeeded: 0", run.Output, StringComparison.Ordinal);
    }

    private static async Task SucceedsAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }
    }

    private (string Key, string Value)[] SettingsOf(string name) =>
        [("RegistryClient__Address", _registry.Address.AbsoluteUri), ("RegistryClient__StateFile", _data.PathOf(name + ".json"))];
}
