using System.Net;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Rollouts;

/// <summary>A Registry with a clock of the test's own and a model that a rollout can be of.</summary>
public abstract class RolloutStage : IAsyncLifetime
{
    protected const string Quick = """{"version": 2, "steps": [{"weight": 1000}, {"weight": 5000}], "keepPreviousSeconds": 3600}""";

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected ManualTime Time { get; } = new();

    protected string Model { get; } = Calls.NewModel();

    protected RunningRegistry Registry { get; private set; } = null!;

    public ValueTask InitializeAsync()
    {
        // Reports come when a test says so, not every two seconds: they must not expire.
        Registry = new RunningRegistry(settings: new() { ["Registry:ReplicaExpiry"] = "01:00:00" }, time: Time);
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await Registry.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected async Task SetUpAsync(RunningRegistry? registry = null, string? firstVersion = null, string? secondVersion = null)
    {
        registry ??= Registry;
        await RegisterTwoAsync(registry, firstVersion, secondVersion);
        await registry.Http.ServeAsync(Model, 1);
        await ReportAsync("s1", Pools.Stable, registry, (1, VersionState.Ready));
        await registry.Client.ReportGatewayAsync("g1", new GatewayReport { Address = "http://g1", Loads = [new ModelLoad(Model, 2)] }, Token);
    }

    protected async Task RegisterTwoAsync(RunningRegistry registry, string? first, string? second)
    {
        foreach (var metadata in new[] { first, second })
        {
            using var answer = await registry.Http.UploadAsync(Model, Calls.Parts(metadata ?? "{}", ("model.onnx", OnnxModels.Classifier())));
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }
    }

    protected async Task<Rollout> UnderWayAsync()
    {
        await SetUpAsync();
        await ReportAsync("c1", Pools.Canary, (2, VersionState.Ready));
        var rollout = await StartAsync(Quick);
        return await BecomesAsync(rollout.Id, seen => seen.StepSince is not null);
    }

    protected async Task<Rollout> PromotedAsync()
    {
        var rollout = await UnderWayAsync();
        await ReportAsync("s1", Pools.Stable, (1, VersionState.Ready), (2, VersionState.Ready));
        using var answer = await PostAsync(rollout.Id, "promote", $$"""{"generation": {{rollout.Generation}}, "reason": "a hotfix"}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await BecomesAsync(rollout.Id, seen => seen.Phase == RolloutPhase.Promoted);
    }

    protected Task ReportAsync(string id, string pool, params (int Version, VersionState State)[] versions) => ReportAsync(id, pool, Registry, versions);

    protected Task ReportAsync(string id, string pool, RunningRegistry registry, params (int Version, VersionState State)[] versions) =>
        registry.Client.ReportReplicaAsync(
            id,
            Calls.Replica(pool, [.. versions.Select(version => new ReplicaVersion(Model, version.Version, VersionDigest.Prefix + new string('a', 64), version.State))]),
            Token);

    protected Task<HttpResponseMessage> PostRolloutAsync(string body, RunningRegistry? registry = null) =>
        (registry ?? Registry).Http.PostAsync($"/api/models/{Model}/rollouts", Calls.Json(body), Token);

    protected Task<HttpResponseMessage> PostAsync(string id, string what, string body) => Registry.Http.PostAsync($"/api/rollouts/{id}/{what}", Calls.Json(body), Token);

    protected async Task<Rollout> StartAsync(string body, RunningRegistry? registry = null)
    {
        using var answer = await PostRolloutAsync(body, registry);
        var rollout = await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.Rollout);
        Assert.Equal($"/api/rollouts/{rollout.Id}", answer.Headers.Location?.OriginalString);
        return rollout;
    }

    protected async Task VerdictAsync(Rollout rollout, string verdict, string figures = "{}")
    {
        using var answer = await PostAsync(
            rollout.Id, "verdict", $$"""{"generation": {{rollout.Generation}}, "verdict": "{{verdict}}", "reason": "no difference seen", "figures": {{figures}}}""");
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    protected async Task<Rollout> BecomesAsync(string id, Func<Rollout, bool> isAsWanted, RunningRegistry? registry = null)
    {
        Rollout? seen = null;
        await Eventually.BecomesTrueAsync(async () =>
        {
            seen = await (registry ?? Registry).Http.GetAsync($"/api/rollouts/{id}", ContractsJson.Default.Rollout);
            return isAsWanted(seen);
        });
        return seen!;
    }

    protected Task<ServingState> ServingAsync() => Registry.Http.GetAsync($"/api/models/{Model}/serving", ContractsJson.Default.ServingState);
}
