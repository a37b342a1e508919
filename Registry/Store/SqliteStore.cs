using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Sluice.Registry.Store;

/// <summary>
/// The embedded store: one SQLite file in write-ahead mode, every commit synced to the disk before it is acknowledged, one writer. Readers see one
/// revision and never wait for the writer. One process owns the file (see <see cref="DataDirectory"/>).
/// </summary>
internal sealed class SqliteStore : IStore, IDisposable
{
    /// <summary>Revisions that a watch reads at once.</summary>
    private const int WatchPage = 100;

    private readonly SqliteFile _file;
    private readonly SqliteWriter _writer;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private TaskCompletionSource _committed = NewSignal();

    /// <summary>Opens the store, creating it when the file is not there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="historyLength">Revisions that are kept for watches to go on from; older ones are compacted.</param>
    /// <exception cref="IOException">The file cannot be opened or is no store of ours; the message says what to do.</exception>
    public SqliteStore(string path, int historyLength)
    {
        _file = new SqliteFile(path);
        Id = _file.Prepare();
        _writer = new SqliteWriter(_file.Open(), historyLength);
    }

    public string Id { get; }

    public ValueTask<StorePosition> GetPositionAsync(CancellationToken cancellationToken) => new(Read(SqliteReader.Position));

    public ValueTask<StoreEntry?> GetAsync(string key, CancellationToken cancellationToken) => new(Read(connection => SqliteReader.Entry(connection, key)));

    public ValueTask<StoreListing> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        if (!StoreBatch.IsPrefix(prefix))
        {
            throw new ArgumentException($"'{prefix}' is the beginning of no key.", nameof(prefix));
        }

        return new(Read(connection => new StoreListing(SqliteReader.Position(connection).Revision, SqliteReader.Entries(connection, prefix))));
    }

    public async ValueTask<Commit> CommitAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        if (batch.IsEmpty)
        {
            throw new ArgumentException("The batch is empty.", nameof(batch));
        }

        await _writing.WaitAsync(cancellationToken);
        try
        {
            var commit = _writer.Write(batch);
            Interlocked.Exchange(ref _committed, NewSignal()).SetResult();
            return commit;
        }
        catch (SqliteException exception)
        {
            throw _file.Explain(exception, writes: true);
        }
        finally
        {
            _writing.Release();
        }
    }

    public async IAsyncEnumerable<StoreEvent> WatchAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            // Taken before the look, so that a commit between the look and the wait is not slept through.
            var committed = Volatile.Read(ref _committed).Task;
            var events = ReadEvents(after);
            foreach (var storeEvent in events)
            {
                yield return storeEvent;
                after = storeEvent.Revision;
            }

            if (events.Count == 0)
            {
                await committed.WaitAsync(cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public ValueTask<LogPage> ReadLogAsync(string log, long after, int limit, CancellationToken cancellationToken) => new(Read(
        connection => new LogPage(SqliteReader.LogEntries(connection, log, after, limit), SqliteReader.LastOf(connection, log))));

    public void Dispose()
    {
        _writer.Dispose();
        _file.Dispose();
        _writing.Dispose();
    }

    private List<StoreEvent> ReadEvents(long after) => Read(connection =>
    {
        var position = SqliteReader.Position(connection);
        return after >= position.Compacted && after <= position.Revision
            ? SqliteReader.Events(connection, after, after + WatchPage)
            : throw new RevisionUnavailableException(after, position);
    });

    // All of one read is of the same moment, however many queries it takes.
    private T Read<T>(Func<SqliteConnection, T> read)
    {
        try
        {
            return _file.Ask(connection =>
            {
                using var snapshot = connection.BeginTransaction(deferred: true);
                return read(connection);
            });
        }
        catch (SqliteException exception)
        {
            throw _file.Explain(exception, writes: false);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
