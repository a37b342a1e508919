using Sluice.Registry.Store;
using Sluice.Registry.Store.Redis;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Durability;

/// <summary>
/// Registries and redis-server are killed with SIGKILL at random moments while several writers write and watchers watch: nothing acknowledged is lost, nothing
/// happens by half or twice, and every watcher hears every revision once, in order.
/// </summary>
public sealed class DurabilityTests
{
    private static readonly bool Long = Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") is not null;

    private static readonly Random Random = new(11);

    [Fact]
    public async Task Registries_on_redis_and_redis_itself_are_killed_at_random()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        await using var redis = await RedisServer.StartAsync();
        using var blobs = new TemporaryFolder();
        await using var cluster = await KilledCluster.StartAsync(
            registries: 2,
            ("Registry__Store", "redis"),
            ("Registry__Redis", redis.ConnectionString),
            ("Registry__Blobs__Shared", "true"),
            ("Registry__Blobs__Folder", blobs.Path));
        Task[] restarts = [Task.CompletedTask, Task.CompletedTask];
        for (var round = 0; round < (Long ? 300 : 20); round++)
        {
            await cluster.WriteAsync(more: Random.Next(5, 40));
            var victim = Random.Next(2);
            if (Random.Next(4) == 0 && restarts[victim].IsCompleted)
            {
                await cluster.KillAsync(victim);
                restarts[victim] = cluster.RestartAsync(victim); // the other one goes on meanwhile
            }

            if (Random.Next(4) != 0)
            {
                await redis.KillAsync();
                await Task.Delay(Random.Next(200));
                await redis.RestartAsync();
            }
        }

        await Task.WhenAll(restarts);
        var settings = new StoreOptions { Store = "redis", Redis = redis.ConnectionString };
        await cluster.VerifyAsync(() => new RedisStore(RedisServerLink.Connect(settings), new RedisKeys(settings.RedisPrefix), 100_000));
    }

    [Fact]
    public async Task A_Registry_on_sqlite_is_killed_at_random()
    {
        await using var cluster = await KilledCluster.StartAsync(registries: 1);
        for (var round = 0; round < (Long ? 300 : 20); round++)
        {
            await cluster.WriteAsync(more: Random.Next(5, 60));
            await cluster.KillAsync(0);
            await cluster.RestartAsync(0);
        }

        await cluster.VerifyAsync(() => new SqliteStore(Path.Combine(cluster.Data.Path, "registry-0", "registry.db"), 100_000));
    }
}
