namespace Sluice.Contracts;

/// <summary>
/// How a version wants to be computed. Registered with it and as immutable as its files, so that a rollout tries settings out like a model; what is
/// left out is up to the predictor's own settings (<c>Predictor:Batching</c>, <c>Predictor:IntraOpThreads</c>, …).
/// </summary>
public sealed record InferenceSettings
{
    /// <summary>Whether requests may be joined along dimension 0; they are only where the load proves that rows do not touch each other.</summary>
    public bool? Batching { get; init; }

    /// <summary>Rows of a joined run, at most; 1 to 65,536. A larger request is computed alone.</summary>
    public int? MaxBatchSize { get; init; }

    /// <summary>Milliseconds that a request waits for others although it could be computed; 0 to 10,000.</summary>
    public double? MaxQueueDelayMs { get; init; }

    /// <summary>Sizes that batches are cut to, where a delay is set: a batch starts as soon as one of them is reached.</summary>
    public IReadOnlyList<int>? PreferredBatchSizes { get; init; }

    /// <summary>Runs of this version at once; 1 to 1,024.</summary>
    public int? Instances { get; init; }

    /// <summary>Requests that may wait; one more is answered with 503. 0 to 100,000.</summary>
    public int? MaxQueueSize { get; init; }

    /// <summary>Threads of one run; 1 to 256.</summary>
    public int? IntraOpThreads { get; init; }

    /// <summary>Whether nodes may fall to the processor although a GPU was asked for.</summary>
    public bool? AllowCpuNodes { get; init; }

    /// <summary>GPU memory that this version's session may allocate, bytes; at least 1 MiB.</summary>
    public long? GpuMemoryLimitBytes { get; init; }
}
