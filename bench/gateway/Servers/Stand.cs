using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Sluice.Contracts;
using Sluice.Measuring;
using Sluice.Testing;

namespace Sluice.GatewayBench.Servers;

/// <summary>A Registry, a gateway and a replica of the bench's own that has two versions of every model ready; all real processes.</summary>
internal sealed class Stand : IAsyncDisposable
{
    private const string Secret = "a-secret-of-the-benchmark-and-of-nobody-else";

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _registry = new() { Timeout = TimeSpan.FromSeconds(60) };
    private readonly List<ServerProcess> _processes = [];
    private readonly List<(string Model, string[] Digests)> _models = [];
    private readonly CancellationTokenSource _end = new();
    private Task _reporting = Task.CompletedTask;

    private Stand()
    {
    }

    /// <summary>What all proxies ask.</summary>
    public ServerProcess Replica { get; private set; } = null!;

    /// <summary>A key that may ask every model.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Starts all but gateways. Models are <c>m0</c>, <c>m1</c>, …, version 1 stable.</summary>
    public static async Task<Stand> StartAsync(int models = 1)
    {
        var stand = new Stand();
        var registry = stand.Add(ServerProcess.Start("Registry", new Dictionary<string, string?>
        {
            ["Registry__DataDirectory"] = stand._folder.PathOf("registry"),
            ["Registry__SamplesDirectory"] = "",
            ["Registry__Access"] = "keys",
            ["Registry__Services__admin__Token"] = Secret,
            ["Registry__Services__gateway__Token"] = Secret + "-gateway",
            ["Registry__Services__predictor__Token"] = Secret + "-predictor",
        }));
        await registry.AnswersAsync("/.well-known/jwks.json");
        stand._registry.BaseAddress = registry.Address;
        stand._registry.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Secret);
        for (var i = 0; i < models; i++)
        {
            await stand.RegisterAsync(string.Create(CultureInfo.InvariantCulture, $"m{i}"));
        }

        await stand.StartReplicaAsync();
        stand.Key = await stand.CreateKeyAsync();
        return stand;
    }

    /// <summary>Starts a gateway and waits until it serves the last model.</summary>
    public async Task<ServerProcess> AddGatewayAsync(params (string Key, string Value)[] settings)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"gateway-{_processes.Count}");
        var environment = new Dictionary<string, string?>
        {
            ["Gateway__Id"] = name,
            ["Gateway__Access"] = "keys",
            ["RegistryClient__Address"] = _registry.BaseAddress!.AbsoluteUri,
            ["RegistryClient__Token"] = Secret + "-gateway",
            ["RegistryClient__StateFile"] = _folder.PathOf(name + ".json"),
        };
        foreach (var (key, value) in settings)
        {
            environment[key] = value;
        }

        var gateway = Add(ServerProcess.Start("Gateway", environment));
        await gateway.AnswersAsync("/v2/health/live");
        var last = _models[^1].Model;
        await Eventually.BecomesTrueAsync(async () => (await AskAsync(gateway, last)) is not null, TimeSpan.FromSeconds(60));
        return gateway;
    }

    /// <summary>One request by the key.</summary>
    /// <returns>The version that answered; null when none did.</returns>
    public async Task<string?> AskAsync(ServerProcess gateway, string model)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Address, $"/v2/models/{model}/infer")) { Content = new StringContent("{}") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        using var answer = await _registry.SendAsync(request);
        return answer.IsSuccessStatusCode && answer.Headers.TryGetValues(SluiceHeaders.Version, out var version) ? version.First() : null;
    }

    /// <summary>Lets version 2 of a model have a share, by a rollout that nobody judges.</summary>
    public Task StartRolloutAsync(string model, params int[] weights) => CommandAsync(
        $"/api/models/{model}/rollouts",
        new
        {
            version = 2,
            steps = weights.Select((weight, step) => new { weight, holdSeconds = step == weights.Length - 1 ? 36_000 : 0, gate = step == 0 ? "None" : "Approval" }),
            analysis = new { rule = "None" },
        });

    /// <summary>Sets the serving state of a model.</summary>
    public async Task ServeAsync(string model, object serving)
    {
        using var answer = await _registry.PutAsJsonAsync($"/api/models/{model}/serving", serving);
        await SucceedsAsync(answer);
    }

    /// <summary>Sends a command to the Registry.</summary>
    public async Task CommandAsync(string path, object command)
    {
        using var answer = await _registry.PostAsJsonAsync(path, command);
        await SucceedsAsync(answer);
    }

    /// <summary>The newest rollout of a model.</summary>
    public async Task<Rollout> RolloutAsync(string model) =>
        (await _registry.GetFromJsonAsync($"/api/rollouts/{model}.1", ContractsJson.Default.Rollout))!;

    /// <summary>Adds a process that ends with this.</summary>
    public ServerProcess Add(ServerProcess process)
    {
        _processes.Insert(0, process);
        return process;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reporting;
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        _registry.Dispose();
        _end.Dispose();
        _folder.Dispose();
    }

    private async Task RegisterAsync(string model)
    {
        var digests = new string[2];
        for (var version = 1; version <= 2; version++)
        {
            using var body = new ByteArrayContent(OnnxModels.Scale(version, -1, 4)) { Headers = { ContentType = new("application/octet-stream") } };
            using var answer = await _registry.PostAsync($"/api/models/{model}/versions", body);
            await SucceedsAsync(answer);
            digests[version - 1] = (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.ModelVersion))!.Digest;
        }

        await ServeAsync(model, new { stable = 1 });
        _models.Add((model, digests));
    }

    // All models have the same two artifacts, so that one process can say to be all of them.
    private async Task StartReplicaAsync()
    {
        var port = FreePort.Take(1)[0];
        var name = port.ToString(CultureInfo.InvariantCulture);
        Replica = Add(new ServerProcess(
            ChildProcess.Start("dotnet", [typeof(Stand).Assembly.Location, "--replica", name, string.Join(',', _models[0].Digests)]), port));
        await Replica.AnswersAsync("/");
        await ReportAsync(Pools.Stable);
        await ReportAsync(Pools.Canary);
        _reporting = KeepReportingAsync();
    }

    private async Task KeepReportingAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_end.IsCancellationRequested)
            {
                await ReportAsync(Pools.Stable);
                await ReportAsync(Pools.Canary);
            }
        }
    }

    private async Task ReportAsync(string pool)
    {
        var report = new ReplicaReport
        {
            Pool = pool,
            Address = Replica.Address.GetLeftPart(UriPartial.Authority),
            Device = "none",
            Capacity = 1000,
            Versions = [.. _models.SelectMany(model => model.Digests.Select((digest, i) => new ReplicaVersion(model.Model, i + 1, digest, VersionState.Ready)))],
        };
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/replicas/bench-{pool}")
        {
            Content = JsonContent.Create(report, ContractsJson.Default.ReplicaReport),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Secret + "-predictor");
        using var answer = await _registry.SendAsync(request);
        await SucceedsAsync(answer);
    }

    private async Task<string> CreateKeyAsync()
    {
        using var answer = await _registry.PostAsJsonAsync("/api/keys", new { name = "bench", scopes = new[] { Scopes.Infer } });
        await SucceedsAsync(answer);
        return (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.CreatedApiKey))!.Primary;
    }

    private static async Task SucceedsAsync(HttpResponseMessage answer)
    {
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{answer.RequestMessage?.RequestUri}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
    }
}
