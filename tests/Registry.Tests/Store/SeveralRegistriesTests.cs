using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Registry.Store;
using Sluice.Registry.Tests.Watch;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Store;

/// <summary>Several Registries on one Redis work as one.</summary>
public sealed class SeveralRegistriesTests(RedisFixture redis) : IClassFixture<RedisFixture>, IAsyncDisposable
{
    private readonly TemporaryFolder _blobs = new();
    private readonly List<RunningRegistry> _registries = [];
    private readonly string _prefix = $"t{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var registry in _registries)
        {
            await registry.DisposeAsync();
        }

        _blobs.Dispose();
    }

    [Fact]
    public async Task What_is_registered_at_one_is_served_watched_and_fetched_at_the_other()
    {
        var (one, other) = (Start(), Start());
        await using var events = await Events.OpenAsync(other.Http);
        await events.NextEventAsync();

        var version = await one.Http.RegisterAsync("wine", OnnxModels.Classifier());
        Assert.Equal(version.Digest, (await other.Http.GetAsync("/api/models/wine/versions/1", ContractsJson.Default.ModelVersion)).Digest);
        await other.Http.ServeAsync("wine", 1);
        Assert.Equal(1, (await one.Http.GetAsync("/api/models/wine/serving", ContractsJson.Default.ServingState)).Stable);
        Assert.Equal(version.Files[0].Size, (await other.Http.GetByteArrayAsync(ApiPaths.ForBlob(version.Files[0].Digest), Token)).Length);

        var heard = new List<string>();
        while (!heard.Contains("serving wine"))
        {
            heard.AddRange((await events.NextEventAsync()).Changes.Select(change => $"{change.Kind} {change.Key}"));
        }

        Assert.Contains("version wine/1", heard);
    }

    [Fact]
    public async Task A_command_to_one_that_the_other_overtook_is_refused()
    {
        var (one, other) = (Start(), Start());
        await one.Http.RegisterAsync("m", OnnxModels.Scale(1, -1));
        Assert.Equal(2, (await other.Http.RegisterAsync("m", OnnxModels.Scale(2, -1))).Version);
        await one.Http.ServeAsync("m", 1);

        using var first = await other.Http.ServeAsync("m", """{"stable": 2, "generation": 1}""");
        using var second = await one.Http.ServeAsync("m", """{"stable": 2, "generation": 1}""");

        Assert.True(first.IsSuccessStatusCode);
        await Calls.AssertProblemAsync(second, 409, "2");
    }

    [Fact]
    public async Task A_watcher_that_moves_to_another_one_goes_on_without_a_snapshot_even_when_it_is_ahead_of_it()
    {
        var (one, other) = (Start(), Start());
        var store = one.Services.GetRequiredService<IStore>();
        for (var round = 0; round < 20; round++)
        {
            // The other one has hardly heard of the revision when the watcher comes with it.
            var revision = (await store.CommitAsync(new StoreBatch().Put($"internal/{round}", "x"u8.ToArray()), Token)).Revision;
            await using var moved = await Events.OpenAsync(other.Http, $"?after={revision}&store={store.Id}");
            var next = await store.CommitAsync(new StoreBatch().Put($"internal/{round}", "y"u8.ToArray()), Token);

            var heard = await moved.NextEventAsync();
            Assert.Equal((next.Revision, false), (heard.Revision, heard.IsSnapshot));
        }

        await using var future = await Events.OpenAsync(other.Http, $"?after=1000000&store={store.Id}");
        Assert.True((await future.NextEventAsync()).IsSnapshot);
    }

    [Fact]
    public async Task Who_reports_to_one_is_known_at_the_other_and_struck_off_by_none_until_it_is_silent()
    {
        var (one, other) = (Start(), Start());
        await one.Client.ReportReplicaAsync("r", Calls.Replica() with { InFlight = 3 }, Token);
        await one.Client.ReportReplicaAsync("silent", Calls.Replica(), Token);
        var revision = await RevisionAsync(one);
        var view = (await ReplicasAsync(other)).Single(view => view.Status.Id == "r");
        Assert.Equal((3, 4), (view.InFlight, view.Capacity));
        Assert.NotNull(view.LastSeen);

        // Longer than the expiry of 3 s: to one only, and the other one looks every second.
        for (var report = 0; report < 12; report++)
        {
            await one.Client.ReportReplicaAsync("r", Calls.Replica(), Token);
            await Task.Delay(500, Token);
            Assert.Contains(await ReplicasAsync(other), view => view.Status.Id == "r");
        }

        await Eventually.BecomesTrueAsync(async () => (await ReplicasAsync(other)).All(view => view.Status.Id != "silent"));
        Assert.Contains(await ReplicasAsync(one), view => view.Status.Id == "r");
        Assert.Equal(revision + 1, await RevisionAsync(one)); // the end of the silent one, once, and nothing else
    }

    [Fact]
    public async Task When_redis_was_away_nobody_is_struck_off_for_it()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        await using var own = await RedisServer.StartAsync();
        await using var registry = new RunningRegistry(settings: Settings(own.ConnectionString, expirySeconds: 4));
        for (var report = 0; report < 22; report++) // until the expiry is past since the Registry's own start
        {
            await registry.Client.ReportReplicaAsync("r", Calls.Replica(), Token);
            await Task.Delay(200, Token);
        }

        await registry.Client.ReportReplicaAsync("r", Calls.Replica(), Token);
        var since = await RevisionAsync(registry);

        await own.KillAsync();
        await Task.Delay(5000, Token); // longer than the expiry
        await own.RestartAsync();
        await Eventually.BecomesTrueAsync(async () => await Record.ExceptionAsync(() => RevisionAsync(registry)) is null, TimeSpan.FromSeconds(30));

        // The Registry looks every second, and the replica is silent still.
        await Task.Delay(1500, Token);
        Assert.Equal("r", Assert.Single(await ReplicasAsync(registry)).Status.Id);
        Assert.Equal(since, await RevisionAsync(registry));

        await registry.Client.ReportReplicaAsync("r", Calls.Replica(), Token);
        Assert.InRange(await RevisionAsync(registry), since, since + 1); // to come back after a silence is one
    }

    private RunningRegistry Start()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        var registry = new RunningRegistry(settings: Settings(redis.Server.ConnectionString));
        _registries.Add(registry);
        return registry;
    }

    private Dictionary<string, string?> Settings(string connection, int expirySeconds = 3) => new()
    {
        ["Registry:Store"] = "redis",
        ["Registry:Redis"] = connection,
        ["Registry:RedisPrefix"] = _prefix,
        ["Registry:ReplicaExpiry"] = $"00:00:0{expirySeconds}",
        ["Registry:Blobs:Shared"] = "true",
        ["Registry:Blobs:Folder"] = _blobs.Path,
    };

    private static Task<IReadOnlyList<ReplicaView>> ReplicasAsync(RunningRegistry registry) =>
        registry.Http.GetAsync(ApiPaths.Replicas, ContractsJson.Default.IReadOnlyListReplicaView);

    private static async Task<long> RevisionAsync(RunningRegistry registry) =>
        (await registry.Services.GetRequiredService<IStore>().GetPositionAsync(Token)).Revision;
}
