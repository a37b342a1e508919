using System.Collections.Concurrent;
using Sluice.Registry.Store;
using Sluice.Registry.Store.Redis;
using Sluice.Registry.Tests.Store;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Durability;

/// <summary>Connections are cut while commits are on their way: nobody knows whether a commit happened whose answer got lost, and it must happen once.</summary>
public sealed class LostAnswerTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private const int Writers = 8;

    private static readonly int Cuts = Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") is null ? 10 : 200;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_commits_under_cut_connections_the_acknowledged_happened_once_and_others_at_most_once()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        using var store = redis.Open($"t{Guid.NewGuid():N}", historyLength: 100_000);
        using var knife = RedisServerLink.Connect(redis.SettingsOf("knife"));
        await AssertOnceAsync(store, () => knife.Database.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"), Cuts);
    }

    [Fact]
    public async Task Of_commits_under_a_killed_server_too()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        await using var own = await RedisServer.StartAsync();
        using var store = new RedisStore(
            RedisServerLink.Connect(new StoreOptions { Store = "redis", Redis = own.ConnectionString }), new RedisKeys("t"), historyLength: 100_000);
        await AssertOnceAsync(
            store,
            async () =>
            {
                await own.KillAsync();
                await own.RestartAsync();
            },
            Cuts / 2);
    }

    private static async Task AssertOnceAsync(RedisStore store, Func<Task> cut, int cuts)
    {
        using var stop = new CancellationTokenSource();
        var acknowledged = new ConcurrentBag<string>();
        var doubtful = new ConcurrentBag<string>();
        var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(store, writer, acknowledged, doubtful, stop.Token))).ToArray();
        for (var i = 0; i < cuts; i++)
        {
            var before = acknowledged.Count;
            await Eventually.BecomesTrueAsync(() => acknowledged.Count >= before + (5 * Writers) || writing.Any(writer => writer.IsFaulted), TimeSpan.FromSeconds(60));
            if (writing.FirstOrDefault(writer => writer.IsFaulted) is { } broken)
            {
                await broken;
            }

            await cut();
        }

        await stop.CancelAsync();
        await Task.WhenAll(writing);
        var entries = (await store.ReadLogAsync("log", 0, int.MaxValue, Token)).Entries.Select(entry => System.Text.Encoding.UTF8.GetString(entry.Value.Span)).ToList();
        Assert.Equal(entries.Count, entries.Distinct().Count());
        Assert.Empty(acknowledged.Except(entries));
        Assert.Empty(entries.Except(acknowledged).Except(doubtful));
        Assert.Equal(entries.Count, (await store.GetPositionAsync(Token)).Revision);
    }

    // Nothing is expected of the log or the key: a second time would not be refused.
    private static async Task WriteAsync(RedisStore store, int writer, ConcurrentBag<string> acknowledged, ConcurrentBag<string> doubtful, CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var entry = $"{writer}/{number}";
            try
            {
                var commit = await store.CommitAsync(new StoreBatch().Append("log", System.Text.Encoding.UTF8.GetBytes(entry)).Put($"writer/{writer}", default), default);
                Assert.True(commit.Succeeded);
                acknowledged.Add(entry);
            }
            catch (StoreUnavailableException exception) when (exception.MayBeDone)
            {
                doubtful.Add(entry);
            }
        }
    }
}
