namespace Sluice.Registry.Watch;

/// <summary>What one watcher is to be told next.</summary>
/// <param name="hub">Where it comes from.</param>
/// <param name="after">The last revision that the watcher saw; null for a snapshot first.</param>
internal sealed class Watcher(WatchHub hub, long? after)
{
    /// <summary>Frames written at once at most; in between it is looked whether the watcher fell behind.</summary>
    private const int Page = 64;

    private long? _after = after;
    private long _beat = -1; // so that the first thing a resumed watcher hears is a heartbeat

    /// <summary>Waits for something to tell.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<IReadOnlyList<WatchFrame>> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (log, changed) = hub.Look();
            if (_after is not { } seen || (!log.Reaches(seen) && !await hub.CatchUpAsync(seen, cancellationToken)))
            {
                var snapshot = await hub.GetSnapshotAsync(cancellationToken);
                (_after, _beat) = (snapshot.Revision, log.Beat);
                return [snapshot];
            }

            if (log.Revision < seen)
            {
                continue; // the log has caught up in between
            }

            if (log.Revision > seen)
            {
                var skipped = (int)(seen - log.First);
                var frames = log.Frames.GetRange(skipped, Math.Min(Page, log.Frames.Count - skipped));
                _after = frames[^1].Revision;
                return frames;
            }

            if (log.Beat != _beat)
            {
                _beat = log.Beat;
                return [WatchFrame.OfHeartbeat(log.Revision)];
            }

            await changed.WaitAsync(cancellationToken);
        }
    }
}
