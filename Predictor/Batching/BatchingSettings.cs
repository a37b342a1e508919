using Sluice.Contracts;

namespace Sluice.Predictor.Batching;

/// <summary>What is in force for one version: its own settings over the predictor's.</summary>
/// <param name="Joins">Whether requests may be joined.</param>
/// <param name="MaxBatchSize">Rows.</param>
/// <param name="MaxQueueDelay">Zero for none.</param>
/// <param name="PreferredBatchSizes">Rows, ascending, none above <paramref name="MaxBatchSize"/>.</param>
/// <param name="Instances">Runs at once.</param>
/// <param name="MaxQueueSize">Requests.</param>
internal sealed record BatchingSettings(
    bool Joins, int MaxBatchSize, TimeSpan MaxQueueDelay, IReadOnlyList<int> PreferredBatchSizes, int Instances, int MaxQueueSize)
{
    /// <summary>Settings of a version.</summary>
    /// <param name="options">The predictor's.</param>
    /// <param name="own">The version's.</param>
    /// <param name="defaultInstances">Where neither says.</param>
    public static BatchingSettings Of(BatchingOptions options, InferenceSettings? own, int defaultInstances)
    {
        var most = own?.MaxBatchSize ?? options.MaxBatchSize;
        return new BatchingSettings(
            own?.Batching ?? options.Enabled,
            most,
            own?.MaxQueueDelayMs is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : options.MaxQueueDelay,
            [.. (own?.PreferredBatchSizes ?? options.PreferredBatchSizes).Where(size => size <= most).Order()],
            own?.Instances ?? options.Instances ?? defaultInstances,
            own?.MaxQueueSize ?? options.MaxQueueSize);
    }

    /// <summary>The rows that a batch should have when so many wait: the largest preferred size among them, else all, up to the largest batch.</summary>
    public long Choose(long waiting)
    {
        var best = 0;
        foreach (var size in PreferredBatchSizes)
        {
            best = size <= waiting ? size : best;
        }

        return best > 0 && waiting < MaxBatchSize ? best : Math.Min(waiting, MaxBatchSize);
    }

    /// <summary>Rows with which a batch starts before its delay is over.</summary>
    public int EarlyStart => PreferredBatchSizes.Count > 0 ? PreferredBatchSizes[0] : MaxBatchSize;
}
