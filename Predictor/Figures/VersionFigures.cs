using System.Collections.Concurrent;
using System.Globalization;
using Sluice.Contracts;
using Sluice.Predictor.Batching;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.Predictor.Figures;

/// <summary>What one loaded version counted and timed: the series of its metrics and the figures of the statistics extension. Goes with the version.</summary>
internal sealed class VersionFigures : IBatchObserver
{
    /// <summary>Classes that are counted one by one; of a classifier with more none is, since each would be a series.</summary>
    private const int MostClasses = 100;

    /// <summary>Batch sizes that statistics are kept of; a larger or rarer one counts in the totals only.</summary>
    private const int MostBatchSizes = 256;

    private static readonly MetricBuckets Seconds = new(PredictorMetrics.Edges);
    private static readonly MetricBuckets Rows = new(PredictorMetrics.RowEdges);

    private readonly long[] _outcomes = new long[FaultClasses.All.Count];
    private readonly long[] _classes;
    private readonly ClassOutput? _classOutput;
    private readonly PredictorMetrics _metrics;
    private readonly string _model;
    private readonly ConcurrentDictionary<long, DurationTotal> _batches = new();
    private readonly TimeProvider _time;
    private long _computedRows;
    private long _droppedQueued;
    private long _droppedComputed;
    private long _lastInference;

    /// <param name="version">Whose they are.</param>
    /// <param name="device">What it computes on.</param>
    /// <param name="classes">Where its classes stand; null when it is no classifier.</param>
    /// <param name="metrics">Instruments of the process, for OTLP.</param>
    /// <param name="time">The clock.</param>
    public VersionFigures(ModelVersion version, string device, ClassOutput? classes, PredictorMetrics metrics, TimeProvider time)
    {
        (_model, _classOutput, _metrics, _time) = (version.Model, classes, metrics, time);
        _classes = classes is { Labels.Count: <= MostClasses } ? new long[classes.Labels.Count] : [];
        Labels = MetricLabels.Of(("model", version.Model), ("version", version.Version.ToString(CultureInfo.InvariantCulture)), ("device", device));
        LoadedLabels = Labels.And("digest", version.Digest);
        OutcomeLabels = [.. FaultClasses.All.Select(fault => Labels.And("outcome", fault.Label()))];
        ClassLabels = [.. (classes?.Labels ?? []).Take(_classes.Length).Select((label, index) => Labels.And("class", NameOf(label, index, classes!.Labels)))];
        DroppedLabels = [Labels.And("stage", "queued"), Labels.And("stage", "computed")];
    }

    public MetricLabels Labels { get; }

    public MetricLabels LoadedLabels { get; }

    public IReadOnlyList<MetricLabels> OutcomeLabels { get; }

    public IReadOnlyList<MetricLabels> ClassLabels { get; }

    public IReadOnlyList<MetricLabels> DroppedLabels { get; }

    public MetricHistogram RequestDuration { get; } = new(Seconds);

    public MetricHistogram QueueDuration { get; } = new(Seconds);

    public MetricHistogram ComputeDuration { get; } = new(Seconds);

    public MetricHistogram BatchSize { get; } = new(Rows);

    /// <summary>Requests that were answered.</summary>
    public DurationTotal Succeeded { get; } = new();

    /// <summary>Requests that were not, for whatever reason.</summary>
    public DurationTotal Failed { get; } = new();

    /// <summary>Waits for a run.</summary>
    public DurationTotal Queue { get; } = new();

    /// <summary>Receiving and parsing of requests.</summary>
    public DurationTotal Input { get; } = new();

    /// <summary>Runs.</summary>
    public DurationTotal Compute { get; } = new();

    /// <summary>Writing of answers.</summary>
    public DurationTotal Output { get; } = new();

    /// <summary>What the GPU's memory grew by from the start of its load to the end of its largest batch, bytes; null where that was not measured.</summary>
    public long? GpuPeakBytes { get; set; }

    /// <summary>Rows computed; a run whose rows cannot be told counts as one.</summary>
    public long ComputedRows => Volatile.Read(ref _computedRows);

    /// <summary>When the last run ended; null before the first.</summary>
    public DateTimeOffset? LastInference => Volatile.Read(ref _lastInference) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Runs by their rows.</summary>
    public IEnumerable<KeyValuePair<long, DurationTotal>> Batches => _batches;

    public long CountOf(FaultClass fault) => Volatile.Read(ref _outcomes[(int)fault]);

    public long CountOfClass(int index) => Volatile.Read(ref _classes[index]);

    public long CountOfDropped(bool computed) => computed ? Volatile.Read(ref _droppedComputed) : Volatile.Read(ref _droppedQueued);

    /// <summary>A request ended.</summary>
    public void Answered(FaultClass fault, TimeSpan took)
    {
        Interlocked.Increment(ref _outcomes[(int)fault]);
        (fault == FaultClass.Ok ? Succeeded : Failed).Add(took);
        RequestDuration.Observe(took.TotalSeconds);
        _metrics.Answered(_model, fault, took);
    }

    /// <summary>A request was received and parsed.</summary>
    public void Read(TimeSpan took) => Input.Add(took);

    /// <summary>An answer was written.</summary>
    public void Written(TimeSpan took) => Output.Add(took);

    /// <summary>Counts the classes of an answer.</summary>
    public void Predicted(OutputTensors outputs)
    {
        if (_classes.Length == 0)
        {
            return;
        }

        foreach (var index in _classOutput!.Read(outputs))
        {
            if (index >= 0)
            {
                Interlocked.Increment(ref _classes[index]);
            }
        }
    }

    /// <inheritdoc />
    public void Ran(int requests, long rows, TimeSpan took)
    {
        Interlocked.Add(ref _computedRows, Math.Max(rows, 1));
        Volatile.Write(ref _lastInference, _time.GetUtcNow().Ticks);
        Compute.Add(took);
        ComputeDuration.Observe(took.TotalSeconds);
        BatchSize.Observe(Math.Max(rows, 1));
        if (_batches.TryGetValue(rows, out var batch) || (_batches.Count < MostBatchSizes && (batch = _batches.GetOrAdd(rows, _ => new DurationTotal())) is not null))
        {
            batch.Add(took);
        }

        _metrics.Computed(_model, took, Math.Max(rows, 1));
    }

    /// <inheritdoc />
    public void Waited(TimeSpan waited)
    {
        Queue.Add(waited);
        QueueDuration.Observe(waited.TotalSeconds);
        _metrics.Waited(_model, waited);
    }

    /// <inheritdoc />
    public void Dropped(bool computed) => Interlocked.Increment(ref computed ? ref _droppedComputed : ref _droppedQueued);

    // A class that has another one's name is known by its number.
    private static string NameOf(string label, int index, IReadOnlyList<string> labels) =>
        labels.Count(other => other == label) == 1 ? label : index.ToString(CultureInfo.InvariantCulture);
}
