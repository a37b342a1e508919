using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Predictor.Versions;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.Predictor.Figures;

/// <summary>The metrics page: the series of each version that is loaded, gone with it.</summary>
internal sealed class PredictorPage(ServedVersions served, IOptions<PredictorOptions> options) : IMetricSource
{
    private static readonly MetricFamily Requests = Family(MetricNames.PredictorRequests, "{request}", MetricType.Counter, "Requests by outcome.");
    private static readonly MetricFamily Dropped = Family(
        MetricNames.PredictorDropped, "{request}", MetricType.Counter, "Requests whose caller left, or whose time was over, before they were answered.");

    private static readonly MetricFamily Predictions = Family(MetricNames.PredictorPredictions, "{row}", MetricType.Counter, "Predictions by class.");
    private static readonly MetricFamily QueueLength = Family(MetricNames.PredictorQueueLength, "{request}", MetricType.Gauge, "Requests that wait.");
    private static readonly MetricFamily Capacity = Family(
        MetricNames.PredictorCapacity, "{request}", MetricType.Gauge, "Requests that this replica can work on at once.");

    private static readonly MetricFamily Loaded = Family(
        MetricNames.PredictorModelLoaded, "{version}", MetricType.Gauge, "1 for each version that is loaded, with the digest of what is loaded.");

    private static readonly MetricFamily GpuPeak = Family(
        MetricNames.PredictorModelGpuPeak, "By", MetricType.Gauge, "What the GPU's memory grew by from the start of the version's load to the end of its largest batch.");

    private static readonly (MetricFamily Family, Func<VersionFigures, MetricHistogram> Get)[] Histograms =
    [
        (Family(MetricNames.PredictorRequestDuration, "s", MetricType.Histogram, "Requests from their headers to the end of the answer."), figures => figures.RequestDuration),
        (Family(MetricNames.PredictorQueueDuration, "s", MetricType.Histogram, "Waits of requests for their run."), figures => figures.QueueDuration),
        (Family(MetricNames.PredictorComputeDuration, "s", MetricType.Histogram, "Runs of the session."), figures => figures.ComputeDuration),
        (Family(MetricNames.PredictorBatchSize, "{row}", MetricType.Histogram, "Rows of a run."), figures => figures.BatchSize),
    ];

    private readonly MetricLabels _pool = MetricLabels.Of(("pool", options.Value.Pool!));

    /// <inheritdoc />
    public void Write(MetricsWriter writer)
    {
        LoadedVersion[] loaded = [.. served.All.Select(version => version.Loaded).OfType<LoadedVersion>()];
        writer.Begin(Requests);
        foreach (var figures in loaded.Select(version => version.Figures))
        {
            foreach (var fault in FaultClasses.All)
            {
                writer.Sample(figures.OutcomeLabels[(int)fault], figures.CountOf(fault));
            }
        }

        writer.Begin(Dropped);
        foreach (var figures in loaded.Select(version => version.Figures))
        {
            writer.Sample(figures.DroppedLabels[0], figures.CountOfDropped(computed: false));
            writer.Sample(figures.DroppedLabels[1], figures.CountOfDropped(computed: true));
        }

        writer.Begin(Predictions);
        foreach (var figures in loaded.Select(version => version.Figures))
        {
            for (var i = 0; i < figures.ClassLabels.Count; i++)
            {
                writer.Sample(figures.ClassLabels[i], figures.CountOfClass(i));
            }
        }

        foreach (var (family, get) in Histograms)
        {
            writer.Begin(family);
            foreach (var version in loaded)
            {
                writer.Sample(version.Figures.Labels, get(version.Figures));
            }
        }

        WriteGauges(writer, loaded);
    }

    private void WriteGauges(MetricsWriter writer, LoadedVersion[] loaded)
    {
        writer.Begin(QueueLength);
        foreach (var version in loaded)
        {
            writer.Sample(version.Figures.Labels, version.Batcher.QueueLength);
        }

        writer.Begin(Loaded);
        foreach (var version in loaded)
        {
            writer.Sample(version.Figures.LoadedLabels, 1);
        }

        writer.Begin(GpuPeak);
        foreach (var figures in loaded.Select(version => version.Figures).Where(figures => figures.GpuPeakBytes is not null))
        {
            writer.Sample(figures.Labels, figures.GpuPeakBytes!.Value);
        }

        writer.Begin(Capacity);
        writer.Sample(_pool, options.Value.Capacity);
    }

    private static MetricFamily Family(string instrument, string unit, MetricType type, string help) => MetricFamily.OfInstrument(instrument, unit, type, help);
}
