using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Sluice.ServiceDefaults.Metrics;

/// <summary>
/// Writes what the OpenTelemetry SDK counted, when asked: families ordered by name, series by their labels. Families that are on the page already
/// are passed over, and so is the second of two instruments that share a name. Exemplars are left out: the format has none.
/// </summary>
[ExportModes(ExportModes.Pull)]
internal sealed partial class SdkMetrics : BaseExporter<Metric>, IPullMetricExporter
{
    private static readonly Comparison<(SdkFamily Family, Metric Metric)> ByName = static (left, right) =>
        string.CompareOrdinal(left.Family.Family.Name, right.Family.Family.Name) is not 0 and var order
            ? order
            : string.CompareOrdinal(left.Family.Meter, right.Family.Meter);

    private readonly ILogger<SdkMetrics> _logger;
    private readonly ConditionalWeakTable<Metric, SdkFamily> _known = [];
    private readonly List<(SdkFamily Family, Metric Metric)> _metrics = [];
    private readonly HashSet<string> _clashes = new(StringComparer.Ordinal); // told in the log
    private readonly SeriesOrder _series = new();
    private MetricsWriter? _writer;

    public SdkMetrics(ILogger<SdkMetrics> logger)
    {
        _logger = logger;
        Reader = new BaseExportingMetricReader(this);
    }

    /// <summary>What the SDK's provider is given.</summary>
    public BaseExportingMetricReader Reader { get; }

    /// <summary>Set by the reader: the way to collect that is open to an exporter that pulls.</summary>
    public Func<int, bool>? Collect { get; set; }

    /// <summary>Collects and writes everything. Not for two threads at once.</summary>
    /// <returns>Whether the SDK collected; false while it starts or stops.</returns>
    public bool Write(MetricsWriter writer)
    {
        _writer = writer;
        try
        {
            return Collect!(Timeout.Infinite);
        }
        finally
        {
            _writer = null;
        }
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        // The SDK collects once more when it stops: nobody asked for that page.
        if (_writer is not { } writer)
        {
            return ExportResult.Success;
        }

        WriteTarget(writer, ParentProvider.GetResource());
        foreach (var metric in batch)
        {
            _metrics.Add((_known.GetValue(metric, SdkFamily.Of), metric));
        }

        _metrics.Sort(ByName);
        SdkFamily? before = null;
        foreach (var (family, metric) in _metrics)
        {
            if (!writer.Has(family.Family.Name))
            {
                WriteFamily(writer, family, metric);
                before = family;
            }
            else if (before?.Family.Name == family.Family.Name && _clashes.Add(family.Family.Name))
            {
                LogClash(family.Family.Name, before.Meter, family.Meter);
            }
        }

        _metrics.Clear();
        return ExportResult.Success;
    }

    private static void WriteTarget(MetricsWriter writer, Resource resource)
    {
        var labels = resource.Attributes
            .GroupBy(attribute => PrometheusNames.OfTag(attribute.Key), StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, string.Join(';', group.Select(attribute => attribute.Value))));
        writer.Begin(Target);
        writer.Sample(MetricLabels.Of([.. labels]), 1);
    }

    private void WriteFamily(MetricsWriter writer, SdkFamily family, Metric metric)
    {
        writer.Begin(family.Family);
        _series.Read(metric);
        for (var i = 0; i < _series.Count; i++)
        {
            WriteSeries(writer, family, metric.MetricType, in _series[i], _series.Labels(i));
        }
    }

    private static void WriteSeries(MetricsWriter writer, SdkFamily family, OpenTelemetry.Metrics.MetricType type, in MetricPoint point, ReadOnlySpan<byte> labels)
    {
        // Not type.IsHistogram(): that makes two objects a call, which thousands of series would feel.
        if (family.Family.Type == MetricType.Histogram)
        {
            WriteHistogram(writer, family, type, in point, labels);
            return;
        }

        writer.StartSample(labels);
        switch (type)
        {
            case OpenTelemetry.Metrics.MetricType.LongSum or OpenTelemetry.Metrics.MetricType.LongSumNonMonotonic:
                writer.Number(point.GetSumLong());
                break;
            case OpenTelemetry.Metrics.MetricType.DoubleSum or OpenTelemetry.Metrics.MetricType.DoubleSumNonMonotonic:
                writer.Number(point.GetSumDouble());
                break;
            case OpenTelemetry.Metrics.MetricType.LongGauge:
                writer.Number(point.GetGaugeLastValueLong());
                break;
            default:
                writer.Number(point.GetGaugeLastValueDouble());
                break;
        }

        writer.Raw("\n"u8);
    }

    private static void WriteHistogram(
        MetricsWriter writer, SdkFamily family, OpenTelemetry.Metrics.MetricType type, in MetricPoint point, ReadOnlySpan<byte> labels)
    {
        var count = 0L;
        if (type != OpenTelemetry.Metrics.MetricType.ExponentialHistogram)
        {
            foreach (var bucket in point.GetHistogramBuckets())
            {
                count += bucket.BucketCount;
                if (double.IsFinite(bucket.ExplicitBound))
                {
                    writer.Bucket(labels, family.EdgeText(bucket.ExplicitBound), count);
                }
            }
        }

        // What lies above all edges, and all there is to say of a histogram without edges.
        var total = point.GetHistogramCount();
        writer.Bucket(labels, "+Inf"u8, total);
        writer.SumAndCount(labels, point.GetHistogramSum(), total);
    }

    private static readonly MetricFamily Target = new("target_info", MetricType.Gauge, "What the service says of itself.");

    [LoggerMessage(LogLevel.Warning, "The metric {Name} of {Shown} is also one of {Hidden}, which is left off the page: rename one of them")]
    private partial void LogClash(string name, string shown, string hidden);
}
