using System.Globalization;
using System.Text;
using Sluice.Registry.Store;

namespace Sluice.Registry.Tests.Store;

/// <summary>What every <see cref="IStore"/> has to do. A test class a store derives from it.</summary>
public abstract class StoreConformance
{
    /// <summary>Revisions that the store under test keeps.</summary>
    protected const int HistoryLength = 20;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The store under test: empty, keeping <see cref="HistoryLength"/> revisions.</summary>
    private protected abstract IStore Store { get; }

    /// <summary>Closes the store and opens it again, as a restart does.</summary>
    private protected abstract IStore Reopen();

    [Fact]
    public async Task A_new_store_is_empty_at_revision_zero()
    {
        Assert.Equal(new StorePosition(0, 0), await Store.GetPositionAsync(Token));
        Assert.Null(await Store.GetAsync("a", Token));
        var listing = await Store.ListAsync("", Token);
        Assert.Equal(0, listing.Revision);
        Assert.Empty(listing.Entries);
    }

    [Fact]
    public async Task What_is_written_is_read_with_the_revision_that_wrote_it()
    {
        Assert.Equal(new Commit(1, null), await PutAsync("a", "1"));
        Assert.Equal(new Commit(2, null), await PutAsync("b", "2"));
        Assert.Equal(new Commit(3, null), await PutAsync("a", "3"));

        await AssertEntryAsync("a", "3", 3);
        await AssertEntryAsync("b", "2", 2);
    }

    [Fact]
    public async Task An_empty_value_is_a_value()
    {
        await PutAsync("a", "");

        await AssertEntryAsync("a", "", 1);
        Assert.Equal(0, (await ReadEventsAsync(0, 1))[0].Changes[0].Value?.Length);
    }

    [Fact]
    public async Task What_is_deleted_is_gone_and_can_be_made_again()
    {
        await PutAsync("a", "1");

        Assert.Equal(new Commit(2, null), await Store.CommitAsync(new StoreBatch().Delete("a", expected: 1), Token));
        Assert.Null(await Store.GetAsync("a", Token));
        Assert.Equal(new Commit(3, null), await Store.CommitAsync(new StoreBatch().Put("a", Bytes("2"), StoreBatch.Absent), Token));
        await AssertEntryAsync("a", "2", 3);
    }

    [Fact]
    public async Task A_batch_that_changes_nothing_makes_no_revision()
    {
        await PutAsync("a", "1");

        Assert.Equal(new Commit(1, null), await Store.CommitAsync(new StoreBatch().Delete("b").Check("a", 1), Token));
        Assert.Equal(1, (await Store.GetPositionAsync(Token)).Revision);
    }

    [Theory]
    [InlineData(StoreBatch.Absent)]
    [InlineData(1L)]
    [InlineData(3L)]
    public async Task A_write_that_expects_another_revision_is_refused_with_the_key(long expected)
    {
        await PutAsync("a", "1");
        await PutAsync("a", "2");

        Assert.Equal(new Commit(2, "a"), await Store.CommitAsync(new StoreBatch().Put("a", Bytes("3"), expected), Token));
        await AssertEntryAsync("a", "2", 2);
    }

    [Fact]
    public async Task A_write_that_expects_a_key_is_refused_when_there_is_none()
    {
        Assert.Equal(new Commit(0, "a"), await Store.CommitAsync(new StoreBatch().Put("a", Bytes("1"), expected: 1), Token));
        Assert.Equal(new Commit(0, "a"), await Store.CommitAsync(new StoreBatch().Delete("a", expected: 1), Token));
        Assert.Equal(new Commit(0, "a"), await Store.CommitAsync(new StoreBatch().Check("a", 1).Put("b", Bytes("1")), Token));
        Assert.Empty((await Store.ListAsync("", Token)).Entries);
    }

    [Fact]
    public async Task One_expectation_that_fails_undoes_the_whole_batch()
    {
        await PutAsync("a", "1");
        await PutAsync("z", "1");

        var commit = await Store.CommitAsync(
            new StoreBatch().Put("a", Bytes("2"), expected: 1).Put("new", Bytes("2"), StoreBatch.Absent).Delete("z", expected: 1), Token);

        Assert.Equal(new Commit(2, "z"), commit);
        await AssertEntryAsync("a", "1", 1);
        await AssertEntryAsync("z", "1", 2);
        Assert.Null(await Store.GetAsync("new", Token));
        Assert.Equal([1, 2], (await ReadEventsAsync(0, 2)).Select(storeEvent => storeEvent.Revision));
    }

    [Fact]
    public async Task All_keys_of_a_batch_get_one_revision_and_one_event_in_its_order()
    {
        await PutAsync("old", "1");

        var commit = await Store.CommitAsync(new StoreBatch().Put("b", Bytes("2")).Delete("old").Check("absent", StoreBatch.Absent).Put("a", Bytes("3")), Token);

        Assert.Equal(new Commit(2, null), commit);
        await AssertEntryAsync("a", "3", 2);
        await AssertEntryAsync("b", "2", 2);
        var storeEvent = (await ReadEventsAsync(1, 1))[0];
        Assert.Equal(2, storeEvent.Revision);
        Assert.Equal(["b=2", "old deleted", "a=3"], storeEvent.Changes.Select(Describe));
    }

    [Fact]
    public async Task A_list_has_the_keys_with_the_prefix_in_ordinal_order()
    {
        foreach (var key in new[] { "m/b", "m/a/2", "m", "n/a", "m/B", "m/~~~", "l/z", "m0", "m/a/10" })
        {
            await PutAsync(key, key);
        }

        Assert.Equal(["m/B", "m/a/10", "m/a/2", "m/b", "m/~~~"], (await Store.ListAsync("m/", Token)).Entries.Select(entry => entry.Key));
        Assert.Equal(["m/a/10", "m/a/2"], (await Store.ListAsync("m/a", Token)).Entries.Select(entry => entry.Key));
        Assert.Equal(9, (await Store.ListAsync("", Token)).Entries.Count);
        Assert.Empty((await Store.ListAsync("q", Token)).Entries);
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("ümlaut")]
    [InlineData("line\nbreak")]
    public void What_is_no_key_is_refused(string key) => Assert.Throws<ArgumentException>(() => new StoreBatch().Put(key, default));

    [Fact]
    public async Task A_batch_that_is_empty_or_names_a_key_twice_is_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Store.CommitAsync(new StoreBatch(), Token).AsTask());
        Assert.Throws<ArgumentException>(() => new StoreBatch().Put("a", default).Delete("a"));
    }

    [Fact]
    public async Task Of_many_writers_none_loses_an_update_and_each_revision_is_one_commit()
    {
        const int Writers = 8;
        const int Updates = 10;
        await PutAsync("counter", "0");

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var done = 0; done < Updates;)
            {
                var seen = (await Store.GetAsync("counter", Token))!;
                var next = int.Parse(Text(seen.Value), CultureInfo.InvariantCulture) + 1;
                var commit = await Store.CommitAsync(
                    new StoreBatch().Put("counter", Bytes($"{next}"), seen.ModRevision).Put($"writer/{writer}", Bytes($"{next}")), Token);
                done += commit.Succeeded ? 1 : 0;
            }
        })));

        await AssertEntryAsync("counter", $"{Writers * Updates}", 1 + (Writers * Updates));
    }

    [Fact]
    public async Task A_list_is_of_one_revision_while_others_write()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await PutPairAsync(0);
        var writing = Task.Run(async () =>
        {
            for (var i = 1; !stop.IsCancellationRequested; i++)
            {
                await PutPairAsync(i);
            }
        }, Token);

        StoreListing listing;
        do
        {
            listing = await Store.ListAsync("pair/", Token);
            Assert.Equal(2, listing.Entries.Count);
            Assert.Equal(Text(listing.Entries[0].Value), Text(listing.Entries[1].Value));
            Assert.Equal(listing.Revision, listing.Entries[0].ModRevision);
        }
        while (listing.Revision < 100);

        await stop.CancelAsync();
        await writing;

        async Task PutPairAsync(int i) => await Store.CommitAsync(new StoreBatch().Put("pair/a", Bytes($"{i}")).Put("pair/b", Bytes($"{i}")), Token);
    }

    [Fact]
    public async Task A_watch_tells_every_revision_once_in_order_what_was_and_what_comes()
    {
        for (var i = 1; i <= 5; i++)
        {
            await PutAsync("a", $"{i}");
        }

        var watching = ReadEventsAsync(2, 10);
        for (var i = 6; i <= 12; i++)
        {
            await PutAsync("a", $"{i}");
        }

        Assert.Equal(Enumerable.Range(3, 10).Select(i => $"{i}: a={i}"), (await watching).Select(e => $"{e.Revision}: {Describe(e.Changes.Single())}"));
    }

    [Fact]
    public async Task Every_watch_tells_all_that_many_writers_wrote()
    {
        const int Writes = HistoryLength; // nothing is compacted, however slow a watch is
        var watches = Enumerable.Range(0, 3).Select(_ => ReadEventsAsync(0, Writes)).ToArray();

        await Task.WhenAll(Enumerable.Range(0, Writes).Select(n => Task.Run(() => PutAsync($"k{n}", "").AsTask())));

        foreach (var watch in watches)
        {
            var events = await watch;
            Assert.Equal(Enumerable.Range(1, Writes).Select(i => (long)i), events.Select(storeEvent => storeEvent.Revision));
            Assert.Equal(Writes, events.Select(storeEvent => storeEvent.Changes.Single().Key).Distinct().Count());
        }
    }

    [Fact]
    public async Task A_watch_after_the_newest_revision_waits_and_ends_when_it_is_cancelled()
    {
        await PutAsync("a", "1");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var watch = Store.WatchAsync(1, stop.Token).GetAsyncEnumerator(stop.Token);
        var next = watch.MoveNextAsync().AsTask();

        Assert.False(next.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public async Task A_watch_after_a_future_revision_is_refused()
    {
        await PutAsync("a", "1");

        var refusal = await Assert.ThrowsAsync<RevisionUnavailableException>(() => ReadEventsAsync(2, 1));
        Assert.Equal(new StorePosition(1, 0), refusal.Position);
    }

    [Fact]
    public async Task Old_revisions_are_compacted_and_a_watch_after_them_is_refused()
    {
        for (var i = 1; i <= HistoryLength + 5; i++)
        {
            await PutAsync("a", $"{i}");
        }

        var position = await Store.GetPositionAsync(Token);
        Assert.Equal(new StorePosition(HistoryLength + 5, 5), position);
        await Assert.ThrowsAsync<RevisionUnavailableException>(() => ReadEventsAsync(4, 1));
        var events = await ReadEventsAsync(5, HistoryLength);
        Assert.Equal(6, events[0].Revision);
        Assert.Equal(HistoryLength + 5, events[^1].Revision);
    }

    [Fact]
    public async Task A_watch_whose_reader_falls_behind_the_compaction_is_refused_rather_than_given_gaps()
    {
        await PutAsync("a", "0");
        await using var watch = Store.WatchAsync(0, Token).GetAsyncEnumerator(Token);
        Assert.True(await watch.MoveNextAsync());
        for (var i = 0; i < 2 * HistoryLength; i++)
        {
            await PutAsync("a", $"{i}");
        }

        await Assert.ThrowsAsync<RevisionUnavailableException>(async () =>
        {
            for (var expected = 2; await watch.MoveNextAsync(); expected++)
            {
                Assert.Equal(expected, watch.Current.Revision);
            }
        });
    }

    [Fact]
    public async Task A_store_that_is_opened_again_is_the_same_store()
    {
        var id = Store.Id;
        await Store.CommitAsync(new StoreBatch().Put("a", Bytes("1")).Put("b", Bytes("1")), Token);
        await PutAsync("a", "2");

        var again = Reopen();

        Assert.Equal(id, again.Id);
        Assert.Equal(new StorePosition(2, 0), await again.GetPositionAsync(Token));
        await AssertEntryAsync("a", "2", 2);
        Assert.Equal([1, 2], (await ReadEventsAsync(0, 2)).Select(storeEvent => storeEvent.Revision));
        Assert.Equal(new Commit(3, null), await PutAsync("a", "3"));
    }

    [Fact]
    public async Task A_log_is_numbered_from_one_and_read_in_pages()
    {
        Assert.Equal(new LogPage([], 0), await Store.ReadLogAsync("log/a", 0, 10, Token), LogPages);
        for (var i = 1; i <= 5; i++)
        {
            Assert.True((await Store.CommitAsync(new StoreBatch().Append("log/a", Bytes($"{i}"), expectedLast: i - 1).Append("log/b", Bytes("x")), Token)).Succeeded);
        }

        Assert.Equal(new LogPage([Entry(3, "3"), Entry(4, "4")], 5), await Store.ReadLogAsync("log/a", 2, 2, Token), LogPages);
        Assert.Equal(new LogPage([], 5), await Store.ReadLogAsync("log/a", 5, 2, Token), LogPages);
        Assert.Equal(5, (await Store.ReadLogAsync("log/b", 0, 1, Token)).Last);
    }

    [Fact]
    public async Task An_append_makes_no_revision_and_is_told_to_nobody()
    {
        Assert.Equal(new Commit(0, null), await Store.CommitAsync(new StoreBatch().Append("log", Bytes("1")), Token));
        Assert.Equal(new Commit(1, null), await Store.CommitAsync(new StoreBatch().Append("log", Bytes("2")).Put("a", Bytes("1")).Append("log", Bytes("")), Token));

        Assert.Equal("a=1", Describe((await ReadEventsAsync(0, 1))[0].Changes.Single()));
        Assert.Equal(new LogPage([Entry(1, "1"), Entry(2, "2"), Entry(3, "")], 3), await Store.ReadLogAsync("log", 0, 10, Token), LogPages);
        Assert.Empty((await Store.ListAsync("log", Token)).Entries);
    }

    [Fact]
    public async Task An_append_and_a_write_happen_together_or_not_at_all()
    {
        await Store.CommitAsync(new StoreBatch().Append("log", Bytes("1")).Put("a", Bytes("1")), Token);

        Assert.Equal(new Commit(1, "log"), await Store.CommitAsync(new StoreBatch().Put("a", Bytes("2")).Append("log", Bytes("2"), expectedLast: 0), Token));
        Assert.Equal(new Commit(1, "a"), await Store.CommitAsync(new StoreBatch().Append("log", Bytes("2"), expectedLast: 1).Put("a", Bytes("2"), expected: 7), Token));
        Assert.Equal(new Commit(1, "a"), await Store.CommitAsync(new StoreBatch().Check("a", 7).DropLog("log"), Token));

        await AssertEntryAsync("a", "1", 1);
        Assert.Equal(1, (await Store.ReadLogAsync("log", 0, 10, Token)).Last);
    }

    [Fact]
    public async Task A_log_that_was_dropped_begins_anew()
    {
        await Store.CommitAsync(new StoreBatch().Append("log", Bytes("1")).Append("log", Bytes("2")).Append("other", Bytes("1")), Token);

        await Store.CommitAsync(new StoreBatch().DropLog("log").DropLog("never"), Token);

        Assert.Equal(0, (await Store.ReadLogAsync("log", 0, 10, Token)).Last);
        Assert.Equal(1, (await Store.ReadLogAsync("other", 0, 10, Token)).Last);
        Assert.True((await Store.CommitAsync(new StoreBatch().Append("log", Bytes("new"), expectedLast: 0), Token)).Succeeded);
        Assert.Equal(new LogPage([Entry(1, "new")], 1), await Store.ReadLogAsync("log", 0, 10, Token), LogPages);
    }

    [Fact]
    public async Task Of_many_that_append_by_compare_and_set_each_gets_a_number_of_its_own_and_a_reopened_store_has_them_all()
    {
        const int Writers = 6;
        const int Entries = 5;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var done = 0; done < Entries;)
            {
                var last = (await Store.ReadLogAsync("log", long.MaxValue, 1, Token)).Last;
                done += (await Store.CommitAsync(new StoreBatch().Append("log", Bytes($"{writer}/{done}"), last), Token)).Succeeded ? 1 : 0;
            }
        })));

        var page = await Reopen().ReadLogAsync("log", 0, 1000, Token);
        Assert.Equal(Enumerable.Range(1, Writers * Entries).Select(i => (long)i), page.Entries.Select(entry => entry.Number));
        Assert.Equal(Writers * Entries, page.Entries.Select(entry => Text(entry.Value)).Distinct().Count());
    }

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private protected ValueTask<Commit> PutAsync(string key, string value) => Store.CommitAsync(new StoreBatch().Put(key, Bytes(value)), Token);

    private protected async Task<List<StoreEvent>> ReadEventsAsync(long after, int count)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Token);
        timeout.CancelAfter(TimeSpan.FromSeconds(30));
        var events = new List<StoreEvent>();
        await foreach (var storeEvent in Store.WatchAsync(after, timeout.Token))
        {
            events.Add(storeEvent);
            if (events.Count == count)
            {
                break;
            }
        }

        return events;
    }

    private async Task AssertEntryAsync(string key, string value, long revision)
    {
        var entry = await Store.GetAsync(key, Token);
        Assert.NotNull(entry);
        Assert.Equal((key, value, revision), (entry.Key, Text(entry.Value), entry.ModRevision));
    }

    private static string Describe(StoreChange change) => change.Value is { } value ? $"{change.Key}={Text(value)}" : $"{change.Key} deleted";

    private static LogEntry Entry(long number, string value) => new(number, Bytes(value));

    private static bool LogPages(LogPage left, LogPage right) =>
        left.Last == right.Last && left.Entries.Select(e => (e.Number, Text(e.Value))).SequenceEqual(right.Entries.Select(e => (e.Number, Text(e.Value))));
}
