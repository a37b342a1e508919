using System.Diagnostics;
using System.Diagnostics.Metrics;
using Sluice.Contracts;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor;

/// <summary>
/// Instruments of the whole process, for OTLP: by model, since an instrument never loses a series, and versions come and go. The page for Prometheus
/// shows the series of each version (<see cref="Figures.PredictorPage"/>) in their place. Labels are of what is or was held here, never of what a
/// caller wrote.
/// </summary>
internal sealed class PredictorMetrics
{
    /// <summary>Spans of the Predictor.</summary>
    public static readonly ActivitySource Activities = new(MetricNames.PredictorMeter);

    /// <summary>Edges of durations, seconds: from the microseconds of a small model on; the limits that a judge commonly sets (0.1, 0.25, 0.5, 1) are among them.</summary>
    public static readonly double[] Edges =
        [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    /// <summary>Edges of batches, rows.</summary>
    public static readonly double[] RowEdges = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

    private static readonly double[] LoadEdges = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

    private readonly Counter<long> _answers;
    private readonly Histogram<double> _requests;
    private readonly Histogram<double> _waits;
    private readonly Histogram<double> _computes;
    private readonly Histogram<long> _batches;
    private readonly Histogram<double> _loads;
    private readonly Counter<long> _failedLoads;

    public PredictorMetrics(IMeterFactory meters, ComputeDevice device)
    {
        var meter = meters.Create(MetricNames.PredictorMeter);
        _answers = meter.CreateCounter<long>(MetricNames.PredictorRequests, "{request}", "Requests by outcome.");
        _requests = Seconds(meter, MetricNames.PredictorRequestDuration, "Requests from their headers to the end of the answer.", Edges);
        _waits = Seconds(meter, MetricNames.PredictorQueueDuration, "Waits of requests for their run.", Edges);
        _computes = Seconds(meter, MetricNames.PredictorComputeDuration, "Runs of a session.", Edges);
        _loads = Seconds(meter, MetricNames.PredictorModelLoadDuration, "Fetch, load and proof of a version.", LoadEdges);
        _batches = meter.CreateHistogram(
            MetricNames.PredictorBatchSize, "{row}", "Rows of a run.", advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [.. RowEdges.Select(edge => (long)edge)] });
        _failedLoads = meter.CreateCounter<long>(MetricNames.PredictorModelLoadFailures, "{load}", "Loads of a version that failed.");
        ObserveDevice(meter, device);
    }

    public void Answered(string model, FaultClass fault, TimeSpan took)
    {
        _answers.Add(1, new("model", model), new("outcome", fault.Label()));
        _requests.Record(took.TotalSeconds, new KeyValuePair<string, object?>("model", model));
    }

    public void Waited(string model, TimeSpan waited) => _waits.Record(waited.TotalSeconds, new KeyValuePair<string, object?>("model", model));

    public void Computed(string model, TimeSpan took, long rows)
    {
        _computes.Record(took.TotalSeconds, new KeyValuePair<string, object?>("model", model));
        _batches.Record(rows, new KeyValuePair<string, object?>("model", model));
    }

    public void Loaded(string model, TimeSpan took) => _loads.Record(took.TotalSeconds, new KeyValuePair<string, object?>("model", model));

    public void LoadFailed(string model) => _failedLoads.Add(1, new KeyValuePair<string, object?>("model", model));

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

    private static Histogram<double> Seconds(Meter meter, string name, string description, double[] edges) =>
        meter.CreateHistogram(name, "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = edges });
}
