using Sluice.Registry.Store;

namespace Sluice.Registry.Tests.Store;

/// <summary>A store in which somebody else is faster: before the next commit, something a test wants happens.</summary>
internal sealed class InterferingStore(IStore inner) : IStore, IDisposable
{
    private Func<Task>? _interference;

    public string Id => inner.Id;

    /// <summary>Happens once, between a request's reading and its writing.</summary>
    public void BeforeNextCommit(Func<Task> interference) => _interference = interference;

    public ValueTask<StorePosition> GetPositionAsync(CancellationToken cancellationToken) => inner.GetPositionAsync(cancellationToken);

    public ValueTask<StoreEntry?> GetAsync(string key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

    public ValueTask<StoreListing> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    public IAsyncEnumerable<StoreEvent> WatchAsync(long after, CancellationToken cancellationToken) => inner.WatchAsync(after, cancellationToken);

    public ValueTask<LogPage> ReadLogAsync(string log, long after, int limit, CancellationToken cancellationToken) =>
        inner.ReadLogAsync(log, after, limit, cancellationToken);

    public async ValueTask<Commit> CommitAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _interference, null) is { } interference)
        {
            await interference();
        }

        return await inner.CommitAsync(batch, cancellationToken);
    }

    public void Dispose() => (inner as IDisposable)?.Dispose();
}
