using System.Diagnostics.Metrics;
using Sluice.Contracts;

namespace Sluice.CanaryJudge;

/// <summary>What the judge shows of itself.</summary>
internal sealed class JudgeMetrics(IMeterFactory meters, RegistryWatch watch, TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();

    /// <summary>Makes the instruments. The age of the data counts from the start while nothing was heard: silence must not look like freshness.</summary>
    public void Observe() => meters.Create(MetricNames.JudgeMeter).CreateObservableGauge(
        MetricNames.JudgeDataAge,
        () => (watch.Silence ?? time.GetElapsedTime(_started)).TotalSeconds,
        "s",
        "Since the Registry was last heard, or since the start when it never was.");
}
