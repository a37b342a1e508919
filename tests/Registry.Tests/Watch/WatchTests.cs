using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Registry.Metrics;
using Sluice.Registry.Store;
using Sluice.Registry.Watch;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Watch;

/// <summary>What watchers are told.</summary>
public sealed class WatchTests : IAsyncLifetime
{
    private const int HistoryLength = 20;

    private readonly ManualTime _time = new();
    private RunningRegistry _registry = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _registry = new RunningRegistry(settings: new() { ["Registry:HistoryLength"] = $"{HistoryLength}" }, time: _time);
        return default;
    }

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task A_new_watch_begins_with_a_snapshot_of_everything()
    {
        var version = await _registry.Http.RegisterAsync("wine", OnnxModels.Classifier());
        var serving = await _registry.Http.ServeAsync("wine", 1);
        await _registry.Client.ReportReplicaAsync("r", Calls.Replica(), Token);
        await _registry.Client.ReportGatewayAsync("g", new GatewayReport { Address = "http://g" }, Token);

        await using var events = await Events.OpenAsync(_registry.Http);
        var snapshot = await events.NextEventAsync();

        Assert.True(snapshot.IsSnapshot);
        Assert.Equal("text/event-stream", events.Answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(["gateway g", "replica r", "serving wine", "version wine/1"], snapshot.Changes.Select(change => $"{change.Kind} {change.Key}").Order());
        var state = ClusterState.Empty.Apply(snapshot);
        Assert.Equivalent(version, state.FindVersion("wine", 1));
        Assert.Equivalent(serving, state.Serving["wine"]);
        Assert.Equal("cpu", state.Replicas["r"].Device);
        Assert.Equal("http://g", state.Gateways["g"].Address);
    }

    [Fact]
    public async Task Every_revision_is_one_event_with_what_it_changed()
    {
        await using var events = await Events.OpenAsync(_registry.Http);
        var start = (await events.NextEventAsync()).Revision;

        await _registry.Http.RegisterAsync("wine", OnnxModels.Classifier());
        await _registry.Http.ServeAsync("wine", 1);
        await _registry.Client.ReportReplicaAsync("r", Calls.Replica(), Token);
        await _registry.Client.RemoveReplicaAsync("r", Token);

        Assert.Equal([$"{start + 1}: version wine/1", $"{start + 2}: serving wine", $"{start + 3}: replica r", $"{start + 4}: replica r gone"], new[]
        {
            Describe(await events.NextEventAsync()), Describe(await events.NextEventAsync()), Describe(await events.NextEventAsync()), Describe(await events.NextEventAsync()),
        });
    }

    [Fact]
    public async Task A_watch_goes_on_after_the_revision_that_was_seen_also_over_a_restart()
    {
        using var data = new TemporaryFolder();
        string storeId;
        await using (var first = new RunningRegistry(data.Path))
        {
            storeId = await WriteAsync(first, 5);
            await AssertResumesAsync(first, storeId);
        }

        await using var second = new RunningRegistry(data.Path);
        await AssertResumesAsync(second, storeId);

        static async Task AssertResumesAsync(RunningRegistry registry, string storeId)
        {
            await using var events = await Events.OpenAsync(registry.Http, $"?after=2&store={storeId}");
            for (var revision = 3; revision <= 5; revision++)
            {
                var watchEvent = await events.NextEventAsync();
                Assert.Equal((revision, false, storeId), (watchEvent.Revision, watchEvent.IsSnapshot, watchEvent.StoreId));
            }
        }
    }

    [Theory]
    [InlineData("?after=4", "no store named")]
    [InlineData("?after=4&store=another", "a foreign store")]
    [InlineData("?store=OWN", "no revision named")]
    [InlineData("?after=2&store=OWN", "a compacted revision")]
    [InlineData("?after=1000&store=OWN", "a future revision")]
    [InlineData("?after=9223372036854775807&store=OWN", "the largest revision")]
    public async Task What_cannot_be_gone_on_from_is_answered_with_a_snapshot(string query, string reason)
    {
        var storeId = await WriteAsync(_registry, HistoryLength + 5);

        await using var events = await Events.OpenAsync(_registry.Http, query.Replace("OWN", storeId, StringComparison.Ordinal));
        var first = await events.NextEventAsync();

        Assert.True(first.IsSnapshot, reason);
        Assert.Equal(HistoryLength + 5, first.Revision);
        await WriteAsync(_registry, 1);
        Assert.Equal((HistoryLength + 6, false), await events.NextEventAsync() is var next ? (next.Revision, next.IsSnapshot) : default);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("9223372036854775808")]
    public async Task A_revision_that_is_no_number_is_refused(string after)
    {
        using var answer = await _registry.Http.GetAsync($"{ApiPaths.Watch}?after={after}&store=x", Token);

        await Calls.AssertProblemAsync(answer, 400, "after", after);
    }

    [Fact]
    public async Task A_watch_that_resumes_hears_at_once_and_then_every_five_seconds()
    {
        // Not by a replica's reports: it would expire while the clock goes on, and that is an event.
        var store = _registry.Services.GetRequiredService<IStore>();
        var revision = (await store.CommitAsync(new StoreBatch().Put("internal/thing", "x"u8.ToArray()), Token)).Revision;
        await using var events = await Events.OpenAsync(_registry.Http, $"?after={revision}&store={store.Id}");
        var first = await events.NextAsync();
        Assert.Equal((WatchEventTypes.Heartbeat, $"{revision}"), (first.EventType, first.Data));

        for (var beat = 0; beat < 3; beat++)
        {
            var next = events.NextAsync();
            _time.Advance(TimeSpan.FromSeconds(4.9));
            Assert.NotSame(next, await Task.WhenAny(next, Task.Delay(50, Token))); // time for what must not come
            _time.Advance(TimeSpan.FromSeconds(0.1));
            Assert.Equal(WatchEventTypes.Heartbeat, (await next).EventType);
        }
    }

    [Fact]
    public async Task A_revision_that_watchers_need_not_know_is_told_without_objects()
    {
        await using var events = await Events.OpenAsync(_registry.Http);
        await events.NextEventAsync();

        await _registry.Services.GetRequiredService<IStore>().CommitAsync(new StoreBatch().Put("internal/thing", "x"u8.ToArray()), Token);

        var watchEvent = await events.NextEventAsync();
        Assert.Equal((1, 0), (watchEvent.Revision, watchEvent.Changes.Count));
        await using var fresh = await Events.OpenAsync(_registry.Http);
        Assert.Empty((await fresh.NextEventAsync()).Changes);
    }

    [Fact]
    public async Task Many_watchers_hear_the_same_and_are_counted_until_they_leave()
    {
        var metrics = _registry.Services.GetRequiredService<RegistryMetrics>();
        var watches = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Events.OpenAsync(_registry.Http)));
        await Task.WhenAll(watches.Select(watch => watch.NextEventAsync()));
        Assert.Equal(10, metrics.Watchers);

        await WriteAsync(_registry, 5);
        foreach (var watch in watches)
        {
            for (var revision = 1; revision <= 5; revision++)
            {
                Assert.Equal(revision, (await watch.NextEventAsync()).Revision);
            }

            await watch.DisposeAsync();
        }

        await Eventually.BecomesTrueAsync(() => metrics.Watchers == 0);
    }

    [Fact]
    public async Task A_watcher_that_does_not_read_holds_nobody_up_and_gets_a_snapshot_when_it_does()
    {
        // A socket that reads nothing: its buffers fill, then the Registry's writing to it waits.
        using var slow = new TcpClient { ReceiveBufferSize = 4096 };
        await slow.ConnectAsync(_registry.Http.BaseAddress!.Host, _registry.Http.BaseAddress.Port, Token);
        await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {ApiPaths.Watch} HTTP/1.1\r\nHost: localhost\r\n\r\n"), Token);
        await using var fast = await Events.OpenAsync(_registry.Http);
        var revision = (await fast.NextEventAsync()).Revision;

        var large = new string('x', 190);
        for (var i = 0; i < 40; i++)
        {
            var versions = Enumerable.Range(1, 1000).Select(n => new ReplicaVersion($"m{n}", n, VersionDigest.Prefix + new string('a', 64), VersionState.Loading, large));
            await _registry.Client.ReportReplicaAsync("r", Calls.Replica(Pools.Stable, [.. versions]) with { Device = $"cpu:{i}" }, Token);
            Assert.Equal(++revision, (await fast.NextEventAsync()).Revision);
        }

        var types = await ReadEventTypesAsync(slow, untilRevision: revision);
        Assert.Equal("snapshot", types[0]);
        Assert.Equal("snapshot", types.Last(type => type != "heartbeat")); // it fell behind the 20 revisions that are kept
        Assert.True(types.Count < 40, "nothing was left out");
    }

    [Fact]
    public void A_log_keeps_the_newest_frames_and_knows_from_where_it_can_be_followed()
    {
        var log = WatchLog.After(10);
        for (var revision = 11; revision <= 15; revision++)
        {
            log = log.Add(new WatchFrame(revision, default, default), limit: 3);
        }

        Assert.Equal((12, 15), (log.First, log.Revision));
        Assert.Equal([13, 14, 15], log.Frames.Select(frame => frame.Revision));
        Assert.Equal([false, true, true, false], new[] { 11, 12, 15, 16 }.Select(revision => log.Reaches(revision)));
    }

    /// <summary>Makes so many revisions.</summary>
    /// <returns>The store's id.</returns>
    private static async Task<string> WriteAsync(RunningRegistry registry, int revisions)
    {
        var store = registry.Services.GetRequiredService<IStore>();
        for (var i = 0; i < revisions; i++)
        {
            var position = await store.GetPositionAsync(Token);
            await registry.Client.ReportReplicaAsync("writer", Calls.Replica() with { Device = $"cpu:{position.Revision}" }, Token);
        }

        return store.Id;
    }

    private static async Task<List<string>> ReadEventTypesAsync(TcpClient client, long untilRevision)
    {
        var types = new List<string>();
        using var reader = new StreamReader(client.GetStream(), leaveOpen: true);
        while (await reader.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                types.Add(line["event: ".Length..]);
            }
            else if (line == $"id: {untilRevision}")
            {
                break;
            }
        }

        return types;
    }

    private static string Describe(WatchEvent watchEvent) =>
        $"{watchEvent.Revision}: {string.Join(", ", watchEvent.Changes.Select(change => $"{change.Kind} {change.Key}{(change.Value is null ? " gone" : "")}"))}";
}
