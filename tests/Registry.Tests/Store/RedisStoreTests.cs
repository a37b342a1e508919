using System.Security.Cryptography;
using Sluice.Registry.Store;
using Sluice.Registry.Store.Redis;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.Registry.Tests.Store;

/// <summary>A redis-server for the tests of one class; each takes a prefix of its own.</summary>
public class RedisFixture : IAsyncLifetime
{
    protected virtual RedisServerOptions Options => new();

    public RedisServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (RedisServer.IsInstalled)
        {
            Server = await RedisServer.StartAsync(Options);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Settings that make it the store.</summary>
    internal StoreOptions SettingsOf(string prefix) => new()
    {
        Store = "redis",
        Redis = Server.ConnectionString,
        RedisAuthority = Options.Tls ? Server.AuthorityFile : null,
        RedisPrefix = prefix,
    };

    internal RedisStore Open(string prefix, int historyLength) => new(RedisServerLink.Connect(SettingsOf(prefix)), new RedisKeys(prefix), historyLength);
}

/// <summary>The same with a password and TLS.</summary>
public sealed class GuardedRedisFixture : RedisFixture
{
    protected override RedisServerOptions Options => new() { Password = "a password", Tls = true };
}

/// <summary>The store on Redis: the conformance suite.</summary>
public abstract class RedisStoreConformance : StoreConformance, IDisposable
{
    private readonly RedisFixture _redis;
    private RedisStore _store;

    protected RedisStoreConformance(RedisFixture redis)
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        _redis = redis;
        _store = OpenAnother();
    }

    protected string Prefix { get; } = $"t{Guid.NewGuid():N}";

    private protected override IStore Store => _store;

    private protected RedisFixture Redis => _redis;

    public void Dispose()
    {
        _store.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected override IStore Reopen()
    {
        _store.Dispose();
        return _store = OpenAnother();
    }

    private protected RedisStore OpenAnother() => _redis.Open(Prefix, HistoryLength);
}

/// <summary>With password and TLS.</summary>
public sealed class GuardedRedisStoreTests(GuardedRedisFixture redis) : RedisStoreConformance(redis), IClassFixture<GuardedRedisFixture>
{
    [Fact]
    public void A_password_that_is_wrong_or_an_authority_that_is_not_trusted_is_told_without_the_password()
    {
        foreach (var settings in new[]
        {
            Change(settings => settings.Redis = settings.Redis!.Replace("a password", "another one", StringComparison.Ordinal)),
            Change(settings => settings.RedisAuthority = null),
        })
        {
            var refusal = Assert.Throws<IOException>(() => RedisServerLink.Connect(settings));
            Assert.Contains("Registry:Redis", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("password", refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("another one", refusal.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("a password,", refusal.ToString(), StringComparison.Ordinal);
        }

        StoreOptions Change(Action<StoreOptions> change)
        {
            var settings = Redis.SettingsOf(Prefix);
            change(settings);
            return settings;
        }
    }
}

/// <summary>What is the Redis store's own: several processes, other people's keys, binary values, an emptied server.</summary>
public sealed class RedisStoreTests(RedisFixture redis) : RedisStoreConformance(redis), IClassFixture<RedisFixture>
{
    [Fact]
    public async Task Any_bytes_come_back_as_they_were_as_value_event_and_log_entry()
    {
        var bytes = RandomNumberGenerator.GetBytes(100_000);
        foreach (var value in new[] { bytes, [.. " 12 34"u8], [0], [(byte)'\n', 0xff, 0] })
        {
            await Store.CommitAsync(new StoreBatch().Put("a", value).Append("log", value).DropLog("log").Append("log", value), Token);

            Assert.Equal(value, (await Store.GetAsync("a", Token))!.Value.ToArray());
            Assert.Equal(value, (await Store.ListAsync("", Token)).Entries.Single().Value.ToArray());
            Assert.Equal(value, (await Store.ReadLogAsync("log", 0, 1, Token)).Entries.Single().Value.ToArray());
            var revision = (await Store.GetPositionAsync(Token)).Revision;
            Assert.Equal(value, (await ReadEventsAsync(revision - 1, 1))[0].Changes.Single().Value!.Value.ToArray());
        }
    }

    [Fact]
    public async Task A_batch_of_ten_thousand_keys_is_one_revision()
    {
        var batch = new StoreBatch();
        for (var i = 0; i < 10_000; i++)
        {
            batch.Put($"k/{i:D5}", Bytes($"{i}"));
        }

        Assert.Equal(1, (await Store.CommitAsync(batch, Token)).Revision);
        var listing = await Store.ListAsync("k/", Token);
        Assert.Equal(Enumerable.Range(0, 10_000).Select(i => $"k/{i:D5}={i}"), listing.Entries.Select(entry => $"{entry.Key}={Text(entry.Value)}"));
        Assert.Equal(10_000, (await ReadEventsAsync(0, 1))[0].Changes.Count);
    }

    [Fact]
    public async Task What_one_process_writes_another_one_reads_and_hears_of_at_once()
    {
        using var other = OpenAnother();
        Assert.Equal(Store.Id, other.Id);
        await using var watch = other.WatchAsync(0, Token).GetAsyncEnumerator(Token);
        for (var i = 1; i <= 5; i++)
        {
            var next = watch.MoveNextAsync().AsTask();
            var started = TimeProvider.System.GetTimestamp();
            await PutAsync("a", $"{i}");
            Assert.True(await next.WaitAsync(TimeSpan.FromSeconds(10), Token));
            Assert.Equal(i, watch.Current.Revision);
            Assert.Equal(i, (await other.GetAsync("a", Token))!.ModRevision);

            // The message, not the look that is taken every second. Generous: the machine may be busy.
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(0.9), "the message did not wake the watch");
        }
    }

    [Fact]
    public async Task A_watch_goes_on_without_messages()
    {
        // Another client, with other keys to be woken by: as if every message were lost.
        using var link = RedisServerLink.Connect(Redis.SettingsOf(Prefix));
        var seen = ReadEventsAsync(0, 1);
        await link.Database.ScriptEvaluateAsync(
            RedisScripts.Commit,
            [.. Keys(Guid.NewGuid())],
            [Store.Id, HistoryLength, 1000, "nobody listens here", 1, "p", "a", "1", ""]);

        Assert.Equal("a", (await seen)[0].Changes.Single().Key);
    }

    [Fact]
    public async Task A_commit_that_is_asked_for_twice_happens_once_and_answers_the_same()
    {
        using var link = RedisServerLink.Connect(Redis.SettingsOf(Prefix));
        var keys = Keys(Guid.NewGuid()).Append(new RedisKeys(Prefix).Log("log")).ToArray();
        RedisValue[] arguments = [Store.Id, HistoryLength, 60_000, "", 1, "p", "a", "1", "0", "a", "entry", "0"];

        var first = (RedisResult[])(await link.Database.ScriptEvaluateAsync(RedisScripts.Commit, keys, arguments))!;
        await PutAsync("b", "2");
        var again = (RedisResult[])(await link.Database.ScriptEvaluateAsync(RedisScripts.Commit, keys, arguments))!;

        Assert.Equal((1L, 0), ((long)first[0], (int)first[1]));
        Assert.Equal((1L, 0), ((long)again[0], (int)again[1]));
        Assert.Equal(2, (await Store.GetPositionAsync(Token)).Revision);
        Assert.Equal(1, (await Store.ReadLogAsync("log", 0, 10, Token)).Last);
    }

    [Fact]
    public async Task Two_stores_on_one_server_do_not_see_each_other()
    {
        using var other = Redis.Open(Prefix + "-other", HistoryLength);
        await PutAsync("a", "1");

        Assert.NotEqual(Store.Id, other.Id);
        Assert.Empty((await other.ListAsync("", Token)).Entries);
    }

    [Fact]
    public async Task An_emptied_server_is_not_taken_for_the_same_store()
    {
        await PutAsync("a", "1");
        using var link = RedisServerLink.Connect(Redis.SettingsOf(Prefix));
        var keys = new RedisKeys(Prefix);
        await link.Database.KeyDeleteAsync([keys.Position, keys.Names, keys.Values, keys.History]);

        foreach (var use in new Func<Task>[] { () => PutAsync("a", "2").AsTask(), () => Store.ListAsync("", Token).AsTask(), () => ReadEventsAsync(1, 1), () => Store.GetAsync("a", Token).AsTask(), () => Store.GetPositionAsync(Token).AsTask() })
        {
            Assert.Contains("another store", (await Assert.ThrowsAsync<StoreUnavailableException>(use)).Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await Reopen().GetPositionAsync(Token)).Revision);
    }

    [Fact]
    public async Task A_store_of_a_newer_form_is_refused()
    {
        using var link = RedisServerLink.Connect(Redis.SettingsOf(Prefix));
        await link.Database.HashSetAsync(new RedisKeys(Prefix).Position, "form", "99");

        Assert.Contains("form 99", Assert.Throws<IOException>(OpenAnother).Message, StringComparison.Ordinal);
    }

    private IEnumerable<RedisKey> Keys(Guid commit)
    {
        var keys = new RedisKeys(Prefix);
        return [keys.Position, keys.Values, keys.Names, keys.History, keys.Commit(commit)];
    }
}
