using System.Diagnostics;
using System.Diagnostics.Metrics;
using Sluice.Contracts;

namespace Sluice.Registry.Store;

/// <summary>A store whose commits are timed; it ends with this.</summary>
internal sealed class MeasuredStore : IStore, IDisposable, IAsyncDisposable
{
    // Seconds: from a synced write to a fast disk up to what an operator has to look after.
    private static readonly double[] Edges = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly IStore _store;
    private readonly Histogram<double> _commits;

    public MeasuredStore(IStore store, IMeterFactory meters)
    {
        _store = store;
        _commits = meters.Create(MetricNames.RegistryMeter).CreateHistogram(
            MetricNames.RegistryStoreCommitDuration,
            "s",
            "Commits to the store, by how they ended: committed, conflict, failed.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Edges });
    }

    public string Id => _store.Id;

    public ValueTask<StorePosition> GetPositionAsync(CancellationToken cancellationToken) => _store.GetPositionAsync(cancellationToken);

    public ValueTask<StoreEntry?> GetAsync(string key, CancellationToken cancellationToken) => _store.GetAsync(key, cancellationToken);

    public ValueTask<StoreListing> ListAsync(string prefix, CancellationToken cancellationToken) => _store.ListAsync(prefix, cancellationToken);

    public IAsyncEnumerable<StoreEvent> WatchAsync(long after, CancellationToken cancellationToken) => _store.WatchAsync(after, cancellationToken);

    public ValueTask<LogPage> ReadLogAsync(string log, long after, int limit, CancellationToken cancellationToken) =>
        _store.ReadLogAsync(log, after, limit, cancellationToken);

    public async ValueTask<Commit> CommitAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var result = "failed";
        try
        {
            var commit = await _store.CommitAsync(batch, cancellationToken);
            result = commit.Succeeded ? "committed" : "conflict";
            return commit;
        }
        finally
        {
            _commits.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, new TagList { { "result", result } });
        }
    }

    public void Dispose() => (_store as IDisposable)?.Dispose();

    public async ValueTask DisposeAsync()
    {
        if (_store is IAsyncDisposable store)
        {
            await store.DisposeAsync();
        }
        else
        {
            Dispose();
        }
    }
}
