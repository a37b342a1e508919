using Sluice.Contracts;
using Sluice.Gateway.Mirror;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.Gateway.Figures;

/// <summary>What callers of one model got, and the edges that its latencies are counted by. Lives as long as the gateway knows the model.</summary>
internal sealed class ModelFigures
{
    private readonly long[] _counts; // by fault class; behind those by result of a mirrored request, and the requests whose body was not held

    /// <param name="model">The model's name; a label.</param>
    /// <param name="buckets">The edges of its versions' latencies.</param>
    public ModelFigures(string model, MetricBuckets buckets)
        : this(model, buckets, new long[FaultClasses.All.Count + MirrorResults.All.Count + 1], new ReasonCounts(MetricLabels.Of(("model", model))), MetricLabels.Of(("model", model)))
    {
        OutcomeLabels = [.. FaultClasses.All.Select(fault => Labels.And("outcome", fault.Label()))];
        MirrorLabels = [.. MirrorResults.All.Select(result => Labels.And("result", result.Label()))];
    }

    private ModelFigures(string model, MetricBuckets buckets, long[] counts, ReasonCounts refused, MetricLabels labels)
    {
        (Model, Buckets, _counts, Refused, Labels) = (model, buckets, counts, refused, labels);
        Tag = new("model", model);
    }

    public string Model { get; }

    /// <summary>The model as a tag of an instrument, made once.</summary>
    public KeyValuePair<string, object?> Tag { get; }

    public MetricBuckets Buckets { get; }

    public MetricLabels Labels { get; }

    /// <summary>Requests that were not let in, by reason.</summary>
    public ReasonCounts Refused { get; }

    /// <summary>By <see cref="FaultClass"/>.</summary>
    public IReadOnlyList<MetricLabels> OutcomeLabels { get; private init; } = [];

    /// <summary>By <see cref="MirrorResult"/>.</summary>
    public IReadOnlyList<MetricLabels> MirrorLabels { get; private init; } = [];

    /// <summary>A mirrored request ended.</summary>
    public void Mirrored(MirrorResult result) => Interlocked.Increment(ref _counts[FaultClasses.All.Count + (int)result]);

    public long CountOf(MirrorResult result) => Volatile.Read(ref _counts[FaultClasses.All.Count + (int)result]);

    /// <summary>A caller got its answer, or left.</summary>
    public void Answered(FaultClass outcome) => Interlocked.Increment(ref _counts[(int)outcome]);

    public long CountOf(FaultClass outcome) => Volatile.Read(ref _counts[(int)outcome]);

    /// <summary>A body was not held.</summary>
    public void Unheld() => Interlocked.Increment(ref _counts[^1]);

    public long CountOfUnheld => Volatile.Read(ref _counts[^1]);

    /// <summary>The same counts, with other edges; itself when they are the same.</summary>
    public ModelFigures With(MetricBuckets buckets) =>
        buckets == Buckets ? this : new ModelFigures(Model, buckets, _counts, Refused, Labels) { OutcomeLabels = OutcomeLabels, MirrorLabels = MirrorLabels };
}
