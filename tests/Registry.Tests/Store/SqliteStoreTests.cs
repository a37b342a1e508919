using System.Globalization;
using Microsoft.Data.Sqlite;
using Sluice.Registry.Store;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Store;

/// <summary>The embedded store: the conformance suite, and what is its own: files, restarts, sudden death.</summary>
public sealed class SqliteStoreTests : StoreConformance, IDisposable
{
    private static readonly bool Long = Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") is not null;

    private readonly TemporaryFolder _folder = new();
    private SqliteStore _store;

    public SqliteStoreTests() => _store = new SqliteStore(File, HistoryLength);

    private protected override IStore Store => _store;

    private string File => _folder.PathOf("store.db");

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    private protected override IStore Reopen()
    {
        _store.Dispose();
        return _store = new SqliteStore(File, HistoryLength);
    }

    [Fact]
    public void Every_new_store_has_an_id_of_its_own()
    {
        using var other = new SqliteStore(_folder.PathOf("other.db"), HistoryLength);

        Assert.NotEqual(_store.Id, other.Id);
        Assert.NotEmpty(other.Id);
    }

    [Fact]
    public async Task A_longer_history_than_before_does_not_claim_what_was_compacted()
    {
        for (var i = 1; i <= HistoryLength + 5; i++)
        {
            await PutAsync("a", $"{i}");
        }

        _store.Dispose();
        _store = new SqliteStore(File, HistoryLength * 10);
        await PutAsync("a", "again");

        Assert.Equal(new StorePosition(HistoryLength + 6, 5), await _store.GetPositionAsync(Token));
        await Assert.ThrowsAsync<RevisionUnavailableException>(() => ReadEventsAsync(4, 1));
        Assert.Equal(6, (await ReadEventsAsync(5, 1))[0].Revision);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_alone()
    {
        var path = _folder.PathOf("letter.db");
        await System.IO.File.WriteAllTextAsync(path, new string('x', 5000), Token);

        var refusal = Assert.Throws<IOException>(() => new SqliteStore(path, HistoryLength));

        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(new string('x', 5000), await System.IO.File.ReadAllTextAsync(path, Token));
    }

    [Fact]
    public void A_store_of_a_newer_form_is_refused()
    {
        _store.Dispose();
        using (var connection = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        Assert.Contains("form 99", Assert.Throws<IOException>(() => new SqliteStore(File, HistoryLength)).Message, StringComparison.Ordinal);
    }

    /// <summary>The writers of StoreWriter are killed again and again while they write to the same file.</summary>
    [Fact]
    public async Task After_kill_9_every_acknowledged_write_is_there_and_no_half_batch()
    {
        var path = _folder.PathOf("killed.db");
        var acknowledged = new int[3];
        var watched = 0L;
        var random = new Random(7);
        for (var round = 0; round < (Long ? 300 : 20); round++)
        {
            watched = await WriteUntilKilledAsync(path, acknowledged, watched, lines: random.Next(20, 150));
            using var store = new SqliteStore(path, historyLength: 5000);
            var total = 0;
            for (var writer = 0; writer < acknowledged.Length; writer++)
            {
                var first = await NumberAsync(store, $"writer/{writer}/a");
                Assert.Equal(first, await NumberAsync(store, $"writer/{writer}/b"));

                // One more may be written and not yet said, and another one said in the line that death may have cut.
                Assert.InRange(first, acknowledged[writer], acknowledged[writer] + 2);
                acknowledged[writer] = first; // what was there once stays, and a round may end before this writer says anything
                total += first;
            }

            Assert.Equal(total, await NumberAsync(store, "shared"));
            Assert.Equal(total, (await store.GetPositionAsync(Token)).Revision);
            Assert.InRange(watched, 1, total);
            await AssertHistoryIsWholeAsync(store);
        }
    }

    // Answers the revision that the watch heard last; it goes on after it, and misses and repeats none.
    private static async Task<long> WriteUntilKilledAsync(string path, int[] acknowledged, long watched, int lines)
    {
        await using var writer = ChildProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "StoreWriter.dll"), path, $"{watched}"]);
        await Eventually.BecomesTrueAsync(() => writer.HasExited || writer.Output.Count(letter => letter == '\n') >= lines, TimeSpan.FromSeconds(60));
        writer.Kill();
        await writer.WaitForExitAsync(TimeSpan.FromSeconds(10));

        // The last line may have been cut by the death itself.
        foreach (var line in writer.Output.Split('\n')[..^1])
        {
            var parts = line.Split(' ');
            if (parts[0] == "watch")
            {
                Assert.Equal($"{++watched}", parts[1]);
                continue;
            }

            acknowledged[int.Parse(parts[0], CultureInfo.InvariantCulture)] = int.Parse(parts[1], CultureInfo.InvariantCulture);
        }

        return watched;
    }

    private static async Task AssertHistoryIsWholeAsync(SqliteStore store)
    {
        var (revision, compacted) = await store.GetPositionAsync(Token);
        var next = compacted + 1;
        await foreach (var storeEvent in store.WatchAsync(compacted, Token))
        {
            Assert.Equal(next++, storeEvent.Revision);
            Assert.Equal(3, storeEvent.Changes.Count);
            if (storeEvent.Revision == revision)
            {
                return;
            }
        }
    }

    private static async Task<int> NumberAsync(SqliteStore store, string key) =>
        await store.GetAsync(key, Token) is { } entry ? int.Parse(entry.Value.Span, CultureInfo.InvariantCulture) : 0;
}
