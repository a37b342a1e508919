using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests.Faults;

/// <summary>
/// A Registry, two stable replicas, one for canaries and two gateways, each a process of its own, with a relay in front of every replica and one that spreads
/// the users over the gateways. Its models are copies of the wine sample, one a story.
/// </summary>
public class Fleet : IAsyncLifetime
{
    private readonly TemporaryFolder _data = new();
    private readonly List<IAsyncDisposable> _parts = [];
    private readonly List<Relay> _relays = [];
    private readonly List<ServiceProcess> _predictors = [];
    private readonly List<ServiceProcess> _gateways = [];
    private readonly HttpClient _users = new() { Timeout = TimeSpan.FromSeconds(60) };
    private HttpClient _registry = null!;

    /// <summary>The Registry.</summary>
    internal ServiceProcess Registry { get; private set; } = null!;

    /// <summary>The replicas of the stable pool.</summary>
    internal IReadOnlyList<ServiceProcess> Stables => _predictors[..2];

    /// <summary>The relays before <see cref="Stables"/>.</summary>
    internal IReadOnlyList<Relay> StableRelays => _relays[..2];

    /// <summary>The replica of the canary pool.</summary>
    internal ServiceProcess Canary => _predictors[2];

    /// <summary>The relay before <see cref="Canary"/>.</summary>
    internal Relay CanaryRelay => _relays[2];

    /// <summary>The gateways.</summary>
    internal IReadOnlyList<ServiceProcess> Gateways => _gateways;

    /// <summary>What gateways and predictors send their spans to: those of requests whose caller says that they are sampled.</summary>
    internal OtlpCollector Collector { get; private set; } = null!;

    /// <summary>Speaks to the gateways through the balancer.</summary>
    internal HttpClient Users => _users;

    /// <summary>Speaks to the Registry.</summary>
    internal HttpClient Api => _registry;

    /// <summary>Spreads gRPC connections over the gateways.</summary>
    internal Relay GrpcBalancer { get; private set; } = null!;

    /// <summary>Settings of the Registry beside those that every fleet has.</summary>
    protected virtual Task<(string Key, string Value)[]> RegistrySettingsAsync() => Task.FromResult(Array.Empty<(string, string)>());

    /// <summary>A path in the fleet's folder.</summary>
    protected string PathOf(string name) => _data.PathOf(name);

    /// <inheritdoc />
    public virtual async ValueTask InitializeAsync()
    {
        Registry = Add(new ServiceProcess(
            "Registry",
            [
                ("Registry__DataDirectory", PathOf("registry")),
                ("Registry__SamplesDirectory", ""),
                ("Registry__Rollouts__DefaultProfile", "development"),
                .. await RegistrySettingsAsync(),
            ]));
        Collector = Add(await OtlpCollector.StartAsync());
        Registry.Start();
        _registry = new HttpClient { BaseAddress = Registry.Address, Timeout = TimeSpan.FromSeconds(130) };
        await Registry.ReadyAsync();
        foreach (var (name, pool) in new[] { ("stable-1", Pools.Stable), ("stable-2", Pools.Stable), ("canary-1", Pools.Canary) })
        {
            AddPredictor(name, pool);
        }

        AddGateway("gateway-1");
        AddGateway("gateway-2");
        await Task.WhenAll(_predictors.Concat(_gateways).Select(service => service.ReadyAsync()));
        var balancer = Add(new Relay([.. _gateways.Select(gateway => gateway.Address)]));
        _users.BaseAddress = balancer.Address;
        GrpcBalancer = Add(new Relay([.. _gateways.Select(gateway => gateway.Grpc)]));
    }

    /// <inheritdoc />
    public virtual async ValueTask DisposeAsync()
    {
        _users.Dispose();
        _registry?.Dispose();
        foreach (var part in _parts)
        {
            await part.DisposeAsync();
        }

        _data.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Registers versions of the wine sample under a name, serves the first, and learns what each says.</summary>
    /// <param name="model">The name.</param>
    /// <param name="canaryShare">The second version's share in basis points; 0 for no rollout.</param>
    /// <param name="versions">The sample's versions, which become 1, 2, ….</param>
    internal async Task<KnownAnswers> ServeAsync(string model, int canaryShare, params int[] versions)
    {
        foreach (var version in versions)
        {
            var sample = await File.ReadAllBytesAsync(Repository.PathOf("samples", "wine", version.ToString(CultureInfo.InvariantCulture), "model.onnx"));
            using var content = new ByteArrayContent(sample) { Headers = { ContentType = new("application/octet-stream") } };
            await SucceedsAsync(await _registry.PostAsync($"/api/models/{model}/versions", content));
        }

        await SucceedsAsync(await _registry.PutAsJsonAsync($"/api/models/{model}/serving", new { stable = 1 }));
        var known = new KnownAnswers();
        await KnowsAsync(model, 1);
        Assert.Equal(0, await known.LearnAsync(_users, model, 1));
        if (canaryShare > 0)
        {
            await StartAsync(model, 2, canaryShare);
            await EveryGatewayAsync("sluice_gateway_route_weight_ratio", canaryShare / 10_000.0, ("model", model), ("version", "2"));
            await known.LearnAsync(_users, model, 2);
        }

        return known;
    }

    /// <summary>Starts a rollout that nobody judges.</summary>
    /// <param name="model">The model.</param>
    /// <param name="version">The version that is tried.</param>
    /// <param name="weights">The shares, in basis points; each after the first waits for <see cref="ApproveAsync"/>.</param>
    internal Task StartAsync(string model, int version, params int[] weights) => StartAsync(model, version, mirrorShare: 0, weights);

    /// <inheritdoc cref="StartAsync(string, int, int[])" />
    internal async Task StartAsync(string model, int version, int mirrorShare, int[] weights) => await SucceedsAsync(await _registry.PostAsJsonAsync(
        $"/api/models/{model}/rollouts",
        new
        {
            version,
            mirrorShare,
            steps = weights.Select((weight, step) => new { weight, holdSeconds = weights.Length == 1 ? 3600 : 0, gate = step == 0 ? "None" : "Approval" }),
            promotionGate = "Approval",
            analysis = new { rule = "None" },
            prepareTimeoutSeconds = 120,
            @override = "a test",
        }));

    /// <summary>Waits until the rollout asks for a person, and agrees.</summary>
    internal async Task ApproveAsync(string model)
    {
        Rollout? rollout = null;
        await Eventually.BecomesTrueAsync(
            async () => (rollout = await _registry.GetFromJsonAsync($"/api/rollouts/{model}.1", ContractsJson.Default.Rollout)) is { Pause.Kind: PauseKind.Approval },
            TimeSpan.FromSeconds(60));
        await SucceedsAsync(await _registry.PostAsJsonAsync($"/api/rollouts/{model}.1/approve", new { generation = rollout!.Generation, reason = "the test goes on" }));
    }

    /// <summary>Makes callers known by a header.</summary>
    internal async Task SetStickyAsync(string model, string header) => await SucceedsAsync(
        await _registry.PutAsJsonAsync($"/api/models/{model}/serving", new { stable = 1, stickiness = new { kind = "header", name = header } }));

    /// <summary>Ends the model's rollout, if the Registry can do that now.</summary>
    internal async Task<bool> TryRollBackAsync(string model)
    {
        using var answer = await _registry.PostAsJsonAsync($"/api/rollouts/{model}.1/rollback", new { reason = "the story is over" });
        return answer.IsSuccessStatusCode;
    }

    /// <summary>Ends the model's rollout.</summary>
    internal async Task RollBackAsync(string model) =>
        await SucceedsAsync(await _registry.PostAsJsonAsync($"/api/rollouts/{model}.1/rollback", new { reason = "the story is over" }));

    /// <summary>Waits until a metric has a value at every gateway.</summary>
    internal Task EveryGatewayAsync(string metric, double value, params (string Key, string Value)[] labels) => Eventually.BecomesTrueAsync(
        async () =>
        {
            foreach (var gateway in _gateways)
            {
                if (await gateway.ReadMetricAsync(metric, labels) != value)
                {
                    return false;
                }
            }

            return true;
        },
        TimeSpan.FromSeconds(60),
        $"{metric} is {value} at every gateway");

    /// <summary>The sum of a metric over the gateways.</summary>
    internal async Task<double> CountedAsync(string metric, params (string Key, string Value)[] labels)
    {
        var sum = 0.0;
        foreach (var gateway in _gateways)
        {
            sum += await gateway.ReadMetricAsync(metric, labels);
        }

        return sum;
    }

    /// <summary>Waits until the Registry has a version ready on so many replicas.</summary>
    internal Task ReadyOnAsync(string model, int version, int replicas) => Eventually.BecomesTrueAsync(
        async () =>
        {
            var views = await _registry.GetFromJsonAsync(ApiPaths.Replicas, ContractsJson.Default.IReadOnlyListReplicaView) ?? [];
            return views.Count(view => view.Status.Versions.Any(each => each.Model == model && each.Version == version && each.State == VersionState.Ready)) == replicas;
        },
        TimeSpan.FromSeconds(60),
        $"{model} {version} is ready on {replicas} replicas");

    private async Task KnowsAsync(string model, int version)
    {
        await ReadyOnAsync(model, version, 2);
        foreach (var gateway in _gateways)
        {
            await Eventually.BecomesTrueAsync(async () =>
            {
                using var answer = await _users.GetAsync(new Uri(gateway.Address, $"/v2/models/{model}/versions/{version}/ready"));
                return answer.StatusCode == HttpStatusCode.OK;
            });
        }
    }

    private static async Task SucceedsAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }
    }

    private void AddPredictor(string name, string pool)
    {
        var ports = FreePort.Take(1);
        var address = new Uri($"http://127.0.0.1:{ports[0]}");
        var relay = Add(new Relay(address));
        var predictor = Add(new ServiceProcess(
            "Predictor",
            [
                ("ASPNETCORE_URLS", address.GetLeftPart(UriPartial.Authority)),
                ("Predictor__AdvertisedAddress", relay.Address.GetLeftPart(UriPartial.Authority)),
                ("Predictor__CacheDirectory", PathOf("cache")),
                ("Predictor__Pool", pool),
                .. CommonSettings(name),
            ]));
        predictor.Start();
        _relays.Add(relay);
        _predictors.Add(predictor);
    }

    private void AddGateway(string name)
    {
        var gateway = Add(new ServiceProcess(
            "Gateway",
            [("Gateway__Id", name), .. CommonSettings(name)]));
        gateway.Start();
        _gateways.Add(gateway);
    }

    private (string Key, string Value)[] CommonSettings(string name) =>
    [
        ("RegistryClient__Address", Registry.Address.ToString()),
        ("RegistryClient__StateFile", PathOf(name + ".json")),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", Collector.Address.AbsoluteUri),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_TRACES_SAMPLER", "parentbased_always_off"),
        ("OTEL_BSP_SCHEDULE_DELAY", "200"),
    ];

    private T Add<T>(T part)
        where T : IAsyncDisposable
    {
        _parts.Insert(0, part); // the last one goes first
        return part;
    }
}

/// <summary>The fleet that most stories share; each leaves it whole.</summary>
[CollectionDefinition(nameof(SharedFleet))]
public sealed class SharedFleet : ICollectionFixture<Fleet>;
