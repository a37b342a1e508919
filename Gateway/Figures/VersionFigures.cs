using System.Globalization;
using Sluice.Contracts;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.Gateway.Figures;

/// <summary>
/// The first attempts at one version: what a judge reads. Lives as long as the version has a route, whatever replicas come and go, and its series go with
/// it. Each outcome is counted from 0 on, so that the first failure is a rise like any other.
/// </summary>
internal sealed class VersionFigures
{
    private readonly long[] _outcomes;

    public VersionFigures(ModelFigures model, int version)
    {
        Model = model;
        Version = version;
        _outcomes = new long[FaultClasses.All.Count];
        Duration = new MetricHistogram(model.Buckets);
        Labels = model.Labels.And("version", version.ToString(CultureInfo.InvariantCulture));
        OutcomeLabels = [.. FaultClasses.All.Select(fault => Labels.And("outcome", fault.Label()))];
        StableLabels = Labels.And("role", "stable");
        CanaryLabels = Labels.And("role", "canary");
        Retries = new ReasonCounts(Labels);
        Shielded = new ReasonCounts(Labels);
    }

    // Those who still hold the former figures count on in them: the counters are shared, and the histogram has the former one's values.
    private VersionFigures(VersionFigures former, ModelFigures model)
    {
        (Model, Version, _outcomes) = (model, former.Version, former._outcomes);
        Duration = former.Duration.Buckets == model.Buckets ? former.Duration : new MetricHistogram(model.Buckets, former.Duration);
        (Labels, OutcomeLabels, StableLabels, CanaryLabels) = (former.Labels, former.OutcomeLabels, former.StableLabels, former.CanaryLabels);
        (Retries, Shielded) = (former.Retries, former.Shielded);
    }

    /// <summary>Those of the model.</summary>
    public ModelFigures Model { get; }

    public int Version { get; }

    public MetricLabels Labels { get; }

    /// <summary>By <see cref="FaultClass"/>.</summary>
    public IReadOnlyList<MetricLabels> OutcomeLabels { get; }

    public MetricLabels StableLabels { get; }

    public MetricLabels CanaryLabels { get; }

    /// <summary>Seconds that first attempts took which were answered; one that passed its deadline lies above every edge.</summary>
    public MetricHistogram Duration { get; }

    /// <summary>Attempts on another replica.</summary>
    public ReasonCounts Retries { get; }

    /// <summary>Requests that the stable version answered in this one's place.</summary>
    public ReasonCounts Shielded { get; }

    /// <summary>A first attempt ended.</summary>
    /// <param name="outcome">How.</param>
    /// <param name="seconds">How long it took; null when that says nothing.</param>
    public void Attempted(FaultClass outcome, double? seconds)
    {
        Interlocked.Increment(ref _outcomes[(int)outcome]);
        if (seconds is not { } took)
        {
            return;
        }

        if (outcome == FaultClass.Ok)
        {
            Duration.Observe(took);
        }
        else if (outcome == FaultClass.Deadline)
        {
            Duration.ObserveCut(took);
        }
    }

    public long CountOf(FaultClass outcome) => Volatile.Read(ref _outcomes[(int)outcome]);

    /// <summary>The same counts under another model's figures, with its edges; itself when they are the same.</summary>
    public VersionFigures With(ModelFigures model) => model == Model ? this : new VersionFigures(this, model);
}
