using System.Net.Http.Headers;
using System.Net.Http.Json;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Neighbours;

/// <summary>The Registry itself, as a process of its own that asks for keys.</summary>
internal sealed class RealRegistry : IAsyncDisposable
{
    public const string GatewaySecret = "gateway-secret-0123456789abcdef";

    private const string AdminSecret = "admin-secret-0123456789abcdef";

    private readonly ChildProcess _process;

    private RealRegistry(ChildProcess process, Uri address)
    {
        _process = process;
        Admin = new HttpClient { BaseAddress = address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", AdminSecret) } };
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A client that may do everything.</summary>
    public HttpClient Admin { get; }

    public Uri Address => Admin.BaseAddress!;

    /// <summary>Starts one and waits until it answers.</summary>
    public static async Task<RealRegistry> StartAsync(string dataDirectory)
    {
        var port = FreePort.Take(1)[0];
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        var process = ChildProcess.Start("dotnet", [Repository.PathOf("artifacts", "bin", "Registry", configuration, "Registry.dll")], new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}",
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["Registry__DataDirectory"] = dataDirectory,
            ["Registry__Access"] = "keys",
            ["Registry__ReplicaExpiry"] = "00:10:00",
            ["Registry__Services__admin__Token"] = AdminSecret,
            ["Registry__Services__gateway__Token"] = GatewaySecret,
        });
        var registry = new RealRegistry(process, new Uri($"http://127.0.0.1:{port}"));
        await Eventually.BecomesTrueAsync(registry.AnswersAsync, TimeSpan.FromMinutes(2));
        return registry;
    }

    /// <summary>Registers version 1 of a model, makes it stable, and says that a predictor has it ready.</summary>
    public async Task ServeAsync(string model, FakePredictor predictor)
    {
        using var graph = new ByteArrayContent(OnnxModels.Scale(1, -1)) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };
        using var registered = await Admin.PostAsync($"/api/models/{model}/versions", graph, Token);
        var version = (await registered.Content.ReadFromJsonAsync(ContractsJson.Default.ModelVersion, Token))!;
        var answer = predictor.Answer;
        predictor.Answer = context =>
        {
            context.Response.Headers[SluiceHeaders.Digest] = version.Digest; // not that of a test's own version
            return answer(context);
        };
        (await Admin.PutAsync($"/api/models/{model}/serving", RunningGateway.Json("""{"stable": 1}"""), Token)).EnsureSuccessStatusCode();
        await new RegistryClient(Admin).ReportReplicaAsync(
            predictor.Id,
            new ReplicaReport
            {
                Pool = Pools.Stable,
                Address = predictor.Address.GetLeftPart(UriPartial.Authority),
                Device = "cpu",
                Versions = [new ReplicaVersion(model, 1, version.Digest, VersionState.Ready)],
            },
            Token);
    }

    public async Task<CreatedApiKey> CreateKeyAsync(string name)
    {
        using var answer = await Admin.PostAsync(ApiPaths.Keys, RunningGateway.Json($$"""{"name": "{{name}}", "scopes": ["infer"]}"""), Token);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(ContractsJson.Default.CreatedApiKey, Token))!;
    }

    /// <summary>Replaces a secret and returns the new one.</summary>
    public async Task<string> RegenerateAsync(string name, KeySlot which)
    {
        using var answer = await Admin.PostAsync($"/api/keys/{name}/regenerate?which={which.ToString().ToLowerInvariant()}", null, Token);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(ContractsJson.Default.RegeneratedSecret, Token))!.Secret;
    }

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        await _process.DisposeAsync();
    }

    private async Task<bool> AnswersAsync()
    {
        Assert.False(_process.HasExited, _process.Output);
        try
        {
            using var answer = await Admin.GetAsync(ApiPaths.Keys, Token);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
