using Sluice.Testing;

namespace Sluice.EndToEnd.Tests.Faults;

/// <summary>The store behind the Registry goes and comes, under load with a split: the traffic goes on as it was, and so does the rollout afterwards.</summary>
[Collection(nameof(SharedFleet))] // not beside the other stories; the fleet is one of its own
public sealed class RedisFaultTests
{
    [Fact]
    public async Task Redis_is_killed_and_started_again()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        await using var fleet = new RedisFleet();
        await fleet.InitializeAsync();
        var known = await fleet.ServeAsync("redis", canaryShare: 5000, 1, 2);
        var traffic = Traffic.Start(fleet.Users, "redis", known);
        await traffic.MoreAsync(200);

        await fleet.Redis.KillAsync();
        await traffic.MoreAsync(700);
        await fleet.Redis.RestartAsync();
        await traffic.MoreAsync(200);
        await Eventually.BecomesTrueAsync(() => fleet.TryRollBackAsync("redis"), TimeSpan.FromSeconds(60));
        await fleet.EveryGatewayAsync("sluice_gateway_route_weight_ratio", 0, ("model", "redis"), ("version", "2"));

        var received = await traffic.EndAsync();
        Assert.Empty(received.Where(answer => answer.Problem is not null).Select(answer => answer.Problem));
        Assert.InRange(received.Take(1000).Count(answer => answer.Version == "2"), 350, 650);
    }

    private sealed class RedisFleet : Fleet
    {
        public RedisServer Redis { get; private set; } = null!;

        protected override async Task<(string Key, string Value)[]> RegistrySettingsAsync()
        {
            Redis = await RedisServer.StartAsync();
            return
            [
                ("Registry__Store", "redis"),
                ("Registry__Redis", Redis.ConnectionString),
                ("Registry__Blobs__Folder", PathOf("blobs")),
                ("Registry__Blobs__Shared", "true"),
            ];
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await Redis.DisposeAsync();
        }
    }
}
