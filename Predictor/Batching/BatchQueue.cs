namespace Sluice.Predictor.Batching;

/// <summary>The requests of a version that wait, in the order they came, and the rules by which they are joined. Not thread-safe.</summary>
internal sealed class BatchQueue(BatchingSettings settings, TimeProvider time)
{
    private readonly LinkedList<PendingRequest> _waiting = [];

    public int Count => _waiting.Count;

    public void Add(PendingRequest request) => _waiting.AddLast(request);

    public void Remove(PendingRequest request) => _waiting.Remove(request);

    /// <summary>How long the oldest request may still wait for others; zero when it is due, null when nobody waits.</summary>
    public TimeSpan? FindPause()
    {
        if (_waiting.First?.Value is not { } first)
        {
            return null;
        }

        if (settings.MaxQueueDelay == TimeSpan.Zero || first.Rows is null || CountFitting(settings.EarlyStart) >= settings.EarlyStart)
        {
            return TimeSpan.Zero;
        }

        var left = settings.MaxQueueDelay - time.GetElapsedTime(first.QueuedAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Takes the oldest request and those that fit with it, as many as go into one run.</summary>
    public IReadOnlyList<PendingRequest> Take()
    {
        var wanted = settings.Choose(CountFitting(settings.MaxBatchSize));
        var first = _waiting.First!.Value;
        _waiting.RemoveFirst();
        var taken = new List<PendingRequest> { first };
        var rows = first.Rows ?? wanted;
        for (var node = _waiting.First; node is not null && rows < wanted;)
        {
            var (one, next) = (node.Value, node.Next);
            if (first.FitsWith(one) && rows + one.Rows!.Value <= wanted)
            {
                _waiting.Remove(node);
                taken.Add(one);
                rows += one.Rows.Value;
            }

            node = next;
        }

        return taken;
    }

    // Rows of the oldest request and of those that fit with it, counted up to a limit.
    private long CountFitting(int limit)
    {
        var first = _waiting.First!.Value;
        var rows = first.Rows ?? limit;
        for (var node = _waiting.First.Next; node is not null && rows < limit; node = node.Next)
        {
            rows += first.FitsWith(node.Value) ? node.Value.Rows!.Value : 0;
        }

        return rows;
    }
}
