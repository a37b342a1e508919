using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Sluice.Contracts;
using Sluice.Predictor.Runtime;
using Sluice.Predictor.Versions;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.Predictor;

/// <summary>What this replica counts and times. Labels are of versions that are or were held here, never of what a caller wrote.</summary>
internal sealed class PredictorMetrics : IMetricSource
{
    /// <summary>Spans of the Predictor.</summary>
    public static readonly ActivitySource Activities = new(MetricNames.PredictorMeter);

    // Seconds: from the microseconds of a small model on; the limits that a judge commonly sets (0.1, 0.25, 0.5, 1) are edges.
    private static readonly double[] Edges =
        [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private static readonly double[] LoadEdges = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

    // Rendered from what is held, so that it goes with its version: an instrument's series would say for ever that it is loaded.
    private static readonly MetricFamily ModelLoaded = MetricFamily.OfInstrument(
        MetricNames.PredictorModelLoaded, "{version}", MetricType.Gauge, "1 for each version that is loaded, with the digest of what is loaded.");

    private readonly ServedVersions _served;
    private readonly ComputeDevice _device;
    private readonly Histogram<double> _requests;
    private readonly Histogram<double> _computes;
    private readonly Histogram<double> _loads;
    private readonly Counter<long> _failedLoads;

    public PredictorMetrics(IMeterFactory meters, ServedVersions served, ComputeDevice device)
    {
        (_served, _device) = (served, device);
        var meter = meters.Create(MetricNames.PredictorMeter);
        _requests = Histogram(meter, MetricNames.PredictorRequestDuration, "Requests from their headers to the end of the answer.", Edges);
        _computes = Histogram(meter, MetricNames.PredictorComputeDuration, "Runs of a session.", Edges);
        _loads = Histogram(meter, MetricNames.PredictorModelLoadDuration, "Fetch, load and warm-up of a version.", LoadEdges);
        _failedLoads = meter.CreateCounter<long>(MetricNames.PredictorModelLoadFailures, "{load}", "Loads of a version that failed.");
        meter.CreateObservableGauge(
            MetricNames.PredictorModelLoaded, () => Observe(served, device), "{version}", "1 for each version that is loaded.");
        ObserveDevice(meter, device);
    }

    /// <inheritdoc />
    public void Write(MetricsWriter writer)
    {
        writer.Begin(ModelLoaded);
        foreach (var version in _served.All.Where(version => version.Loaded is not null))
        {
            var number = version.Artifact.Version.ToString(CultureInfo.InvariantCulture);
            writer.Sample(
                MetricLabels.Of(("model", version.Artifact.Model), ("version", number), ("digest", version.Artifact.Digest), ("device", _device.Name)), 1);
        }
    }

    public void Answered(ModelVersion version, FaultClass fault, TimeSpan took)
    {
        var tags = Tags(version);
        tags.Add("outcome", fault.Label());
        _requests.Record(took.TotalSeconds, tags);
    }

    public void Computed(ModelVersion version, TimeSpan took) => _computes.Record(took.TotalSeconds, Tags(version));

    public void Loaded(ModelVersion version, TimeSpan took) => _loads.Record(took.TotalSeconds, Tags(version));

    public void LoadFailed(ModelVersion version) => _failedLoads.Add(1, Tags(version));

    private static Histogram<double> Histogram(Meter meter, string name, string description, double[] edges) =>
        meter.CreateHistogram(name, "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = edges });

    private static void ObserveDevice(Meter meter, ComputeDevice device)
    {
        var memory = device.CudaId is { } id ? GpuMemory.Find(id) : null;
        meter.CreateObservableGauge(
            MetricNames.PredictorDevice,
            () => new Measurement<int>(1, new TagList { { "device", device.Name }, { "reason", device.Reason } }),
            "{device}",
            "What models run on, and why.");
        meter.CreateObservableGauge<long>(
            MetricNames.PredictorGpuMemoryUsed,
            () => memory?.Read() is { } use ? [new Measurement<long>(use.Used, new TagList { { "device", device.Name } })] : [],
            "By",
            "Memory of the GPU that is used, by whatever process.");
    }

    private static IEnumerable<Measurement<int>> Observe(ServedVersions served, ComputeDevice device)
    {
        foreach (var version in served.All.Where(version => version.Loaded is not null))
        {
            var tags = Tags(version.Artifact);
            tags.Add("digest", version.Artifact.Digest);
            tags.Add("device", device.Name);
            yield return new Measurement<int>(1, tags);
        }
    }

    private static TagList Tags(ModelVersion version) => new() { { "model", version.Model }, { "version", version.Version } };
}
