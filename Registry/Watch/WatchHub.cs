using Microsoft.Extensions.Options;
using Sluice.Registry.Store;

namespace Sluice.Registry.Watch;

/// <summary>
/// Follows the store once for all watchers: keeps the latest revisions as ready frames, and a snapshot while it is the newest. Watchers pull at their
/// own pace, so a slow one holds nobody and nothing up; one that falls behind the kept frames starts over with a snapshot.
/// </summary>
internal sealed partial class WatchHub(IStore store, IOptions<RegistryOptions> options, TimeProvider time, ILogger<WatchHub> logger) : BackgroundService
{
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new(); // held to replace _log and _changed together
    private readonly SemaphoreSlim _snapshotting = new(1, 1);
    private WatchLog _log = WatchLog.After(0);
    private TaskCompletionSource _changed = NewSignal();
    private WatchFrame? _snapshot;
    private PeriodicTimer? _beat;

    /// <summary>The store's id.</summary>
    public string StoreId => store.Id;

    /// <summary>What can be told now, and a task that ends when that changes.</summary>
    public (WatchLog Log, Task Changed) Look()
    {
        lock (_lock)
        {
            return (_log, _changed.Task);
        }
    }

    /// <summary>The whole state at a revision that the log has reached.</summary>
    public async Task<WatchFrame> GetSnapshotAsync(CancellationToken cancellationToken)
    {
        // All watchers that come at once, after a restart say, share one.
        await _snapshotting.WaitAsync(cancellationToken);
        try
        {
            if (_snapshot is null || _snapshot.Revision < Look().Log.Revision)
            {
                _snapshot = WatchFrame.OfSnapshot(store.Id, await store.ListAsync("", cancellationToken));
                await ReachAsync(_snapshot.Revision, cancellationToken);
            }

            return _snapshot;
        }
        finally
        {
            _snapshotting.Release();
        }
    }

    /// <summary>
    /// Waits until the log has a revision that a watcher already saw at another Registry, which follows the store faster. False when the store does
    /// not have it either, or when the log is past it.
    /// </summary>
    public async Task<bool> CatchUpAsync(long revision, CancellationToken cancellationToken)
    {
        if (revision <= Look().Log.Revision || revision > (await store.GetPositionAsync(cancellationToken)).Revision)
        {
            return Look().Log.Reaches(revision);
        }

        await ReachAsync(revision, cancellationToken);
        return Look().Log.Reaches(revision);
    }

    /// <summary>Reads what the store still knows, before anybody can ask, so that watchers go on where they were before a restart.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var position = await store.GetPositionAsync(cancellationToken);
        Replace(_ => WatchLog.After(Math.Max(position.Compacted, position.Revision - options.Value.HistoryLength)));
        _beat = new PeriodicTimer(HeartbeatInterval, time);
        await base.StartAsync(cancellationToken);
        await ReachAsync(position.Revision, cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(FollowAsync(stoppingToken), BeatAsync(stoppingToken));

    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var storeEvent in store.WatchAsync(Look().Log.Revision, stoppingToken))
                {
                    var frame = WatchFrame.OfChange(store.Id, storeEvent);
                    Replace(log => log.Add(frame, options.Value.HistoryLength));
                }
            }
            catch (RevisionUnavailableException exception)
            {
                // The store went on faster than it was followed: watchers get a snapshot, as those do that fell behind themselves.
                LogStartedOver(exception.Message);
                Replace(log => WatchLog.After(exception.Position.Revision) with { Beat = log.Beat });
            }
            catch (StoreUnavailableException exception)
            {
                LogStoreUnavailable(exception.Message);
                await Task.Delay(RetryPause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
                await Task.Delay(RetryPause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ReachAsync(long revision, CancellationToken cancellationToken)
    {
        for (var (log, changed) = Look(); log.Revision < revision; (log, changed) = Look())
        {
            await changed.WaitAsync(cancellationToken);
        }
    }

    private async Task BeatAsync(CancellationToken stoppingToken)
    {
        using var beat = _beat!;
        while (await beat.WaitForNextTickAsync(stoppingToken))
        {
            Replace(log => log with { Beat = log.Beat + 1 });
        }
    }

    private void Replace(Func<WatchLog, WatchLog> next)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _log = next(_log);
            changed = _changed;
            _changed = NewSignal();
        }

        changed.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(LogLevel.Warning, "The watch starts over ({Reason}); watchers get a snapshot. If this repeats, raise Registry:HistoryLength")]
    private partial void LogStartedOver(string reason);

    [LoggerMessage(LogLevel.Error, "The store cannot be followed; watchers learn nothing new until it can. {Reason}")]
    private partial void LogStoreUnavailable(string reason);

    [LoggerMessage(LogLevel.Error, "The store cannot be followed; watchers learn nothing new until it can. Check the store")]
    private partial void LogFailed(Exception exception);
}
