namespace Sluice.ServiceDefaults.Metrics;

/// <summary>
/// Renders series of its own into the page at <see cref="Management.MetricsPath"/>: series that live and vanish with an object of the domain (a route,
/// a model), which instruments of the SDK cannot, since an instrument never loses a series and holds 2,000 at most.
/// </summary>
/// <remarks>
/// Called for each scrape, never by two threads at once. Keep <see cref="MetricFamily"/> in static fields and <see cref="MetricLabels"/> in the
/// object they speak of: then a series costs no allocation. A family that a source writes replaces the SDK's of the same name, so an instrument
/// may go on to feed OTLP (summed, say) while the page shows the detail. A source that throws loses its own series only, which is logged.
/// </remarks>
public interface IMetricSource
{
    /// <summary>Writes everything it has: each family once, each with its series.</summary>
    void Write(MetricsWriter writer);
}
