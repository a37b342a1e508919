using System.Diagnostics;
using System.Diagnostics.Metrics;
using Sluice.Contracts;
using Sluice.Registry.Watch;

namespace Sluice.Registry.Metrics;

/// <summary>What the Registry counts, by methods named after what happened. Series that speak of one model are those of <see cref="ModelMetrics"/>.</summary>
internal sealed class RegistryMetrics
{
    private readonly ModelMetrics _models;
    private readonly Counter<long> _reports;
    private int _watchers;

    public RegistryMetrics(IMeterFactory meters, WatchHub hub, ModelMetrics models)
    {
        _models = models;
        var meter = meters.Create(MetricNames.RegistryMeter);
        meter.CreateObservableGauge(MetricNames.RegistryWatchers, () => Watchers, "{watcher}", "Watchers that are connected.");
        meter.CreateObservableGauge(MetricNames.RegistryRevision, () => hub.Look().Log.Revision, "{revision}", "The store's revision, as watchers are told it.");
        _reports = meter.CreateCounter<long>(MetricNames.RegistryReports, "{report}", "Reports of replicas and gateways that were taken.");
    }

    /// <summary>Watchers that are connected.</summary>
    public int Watchers => Volatile.Read(ref _watchers);

    /// <summary>A watcher came; disposing the answer says that it left.</summary>
    public IDisposable WatcherCame()
    {
        Interlocked.Increment(ref _watchers);
        return new Departure(this);
    }

    /// <summary>A report was taken.</summary>
    /// <param name="kind"><see cref="ObjectKinds.Replica"/> or <see cref="ObjectKinds.Gateway"/>.</param>
    public void ReportTaken(string kind) => _reports.Add(1, new TagList { { "kind", kind } });

    /// <summary>A rollout reached its verdict, and it was this process that wrote it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="result">One of <see cref="RolloutResults"/>.</param>
    /// <param name="waited">From the start of the rollout, pauses included.</param>
    public void RolloutEnded(string model, string result, TimeSpan waited) => _models.RolloutEnded(model, result, waited);

    private sealed class Departure(RegistryMetrics metrics) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref metrics._watchers);
    }
}
