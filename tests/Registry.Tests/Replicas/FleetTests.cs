using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Registry.Store;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Replicas;

/// <summary>A large fleet costs the store its transitions and nothing else.</summary>
public sealed class FleetTests
{
    private const int Replicas = 100;
    private const int Versions = 200;

    private static readonly string Digest = VersionDigest.Prefix + new string('a', 64);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hundred_replicas_with_two_hundred_versions_each_are_written_on_transition_only()
    {
        await using var registry = new RunningRegistry();
        await AssertOnlyTransitionsAsync(registry);
    }

    [Fact]
    public async Task On_redis_too()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        await using var redis = await RedisServer.StartAsync();
        using var blobs = new TemporaryFolder();
        await using var registry = new RunningRegistry(settings: new()
        {
            ["Registry:Store"] = "redis",
            ["Registry:Redis"] = redis.ConnectionString,
            ["Registry:Blobs:Shared"] = "true",
            ["Registry:Blobs:Folder"] = blobs.Path,
        });
        await AssertOnlyTransitionsAsync(registry);
    }

    private static async Task AssertOnlyTransitionsAsync(RunningRegistry registry)
    {
        await ReportAllAsync(registry, inFlight: 0, ready: 0);
        Assert.Equal(Replicas, await RevisionAsync(registry));

        for (var report = 1; report <= 3; report++)
        {
            await ReportAllAsync(registry, inFlight: report, ready: 0);
        }

        Assert.Equal(Replicas, await RevisionAsync(registry)); // 300 reports of 20,000 versions each round: nothing
        var views = await registry.Http.GetAsync(ApiPaths.Replicas, ContractsJson.Default.IReadOnlyListReplicaView);
        Assert.All(views, view => Assert.Equal(3, view.InFlight));

        await ReportAllAsync(registry, inFlight: 0, ready: 1);
        Assert.Equal(2 * Replicas, await RevisionAsync(registry));
    }

    private static Task ReportAllAsync(RunningRegistry registry, int inFlight, int ready) =>
        Parallel.ForEachAsync(Enumerable.Range(0, Replicas), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token }, async (replica, token) =>
        {
            var versions = Enumerable.Range(0, Versions).Select(
                n => new ReplicaVersion($"model-{n}", 1, Digest, n < ready ? VersionState.Ready : VersionState.Loading));
            await registry.Client.ReportReplicaAsync($"r{replica}", Calls.Replica(Pools.Stable, [.. versions]) with { InFlight = inFlight }, token);
        });

    private static async Task<long> RevisionAsync(RunningRegistry registry) =>
        (await registry.Services.GetRequiredService<IStore>().GetPositionAsync(Token)).Revision;
}
