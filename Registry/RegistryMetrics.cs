using System.Diagnostics.Metrics;
using Sluice.Contracts;
using Sluice.Registry.Watch;

namespace Sluice.Registry;

/// <summary>The Registry's instruments.</summary>
internal sealed class RegistryMetrics
{
    private int _watchers;

    public RegistryMetrics(IMeterFactory meters, WatchHub hub)
    {
        var meter = meters.Create(MetricNames.RegistryMeter);
        meter.CreateObservableGauge(MetricNames.RegistryWatchers, () => Watchers, "{watcher}", "Watchers that are connected.");
        meter.CreateObservableGauge(MetricNames.RegistryRevision, () => hub.Look().Log.Revision, "{revision}", "The store's revision, as watchers are told it.");
    }

    /// <summary>Watchers that are connected.</summary>
    public int Watchers => Volatile.Read(ref _watchers);

    /// <summary>A watcher came; disposing the answer says that it left.</summary>
    public IDisposable WatcherCame()
    {
        Interlocked.Increment(ref _watchers);
        return new Departure(this);
    }

    private sealed class Departure(RegistryMetrics metrics) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref metrics._watchers);
    }
}
