using OpenTelemetry.Metrics;

namespace Sluice.ServiceDefaults.Metrics;

/// <summary>An instrument of the SDK as a family of the page, with its edges as text. Made once an instrument.</summary>
internal sealed class SdkFamily
{
    private readonly Dictionary<double, byte[]> _edges = [];

    private SdkFamily(MetricFamily family, string meter) => (Family, Meter) = (family, meter);

    public MetricFamily Family { get; }

    /// <summary>The meter that the instrument is of.</summary>
    public string Meter { get; }

    public static SdkFamily Of(Metric metric)
    {
        var type = TypeOf(metric.MetricType);
        return new(new MetricFamily(PrometheusNames.OfInstrument(metric.Name, metric.Unit, type), type, metric.Description, strict: false), metric.MeterName);
    }

    /// <summary>The value of <c>le</c> for an edge.</summary>
    public ReadOnlySpan<byte> EdgeText(double edge)
    {
        if (!_edges.TryGetValue(edge, out var text))
        {
            var writer = new MetricsWriter();
            writer.Number(edge);
            _edges[edge] = text = writer.Written.ToArray();
        }

        return text;
    }

    private static MetricType TypeOf(OpenTelemetry.Metrics.MetricType type) =>
        type.IsHistogram() ? MetricType.Histogram
        : type is OpenTelemetry.Metrics.MetricType.LongSum or OpenTelemetry.Metrics.MetricType.DoubleSum ? MetricType.Counter
        : MetricType.Gauge; // gauges, and sums that also fall
}
