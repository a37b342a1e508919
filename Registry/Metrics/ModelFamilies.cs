using Sluice.Contracts;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.Registry.Metrics;

/// <summary>The families of <see cref="ModelMetrics"/>.</summary>
internal static class ModelFamilies
{
    private static readonly MetricFamily Versions = MetricFamily.OfInstrument(
        MetricNames.RegistryVersions, unit: null, MetricType.Gauge, "Versions that the model has.");

    private static readonly MetricFamily Pending = MetricFamily.OfInstrument(
        MetricNames.RegistryVersionsPending, unit: null, MetricType.Gauge, "Versions newer than the stable one that were not yet asked to roll out.");

    private static readonly MetricFamily PromotionWait = MetricFamily.OfInstrument(
        MetricNames.RegistryPromotionWait, "s", MetricType.Gauge, "Since the first of the pending versions was registered; 0 when none is pending.");

    private static readonly MetricFamily Qualities = MetricFamily.OfInstrument(
        MetricNames.RegistryVersionMetric, unit: null, MetricType.Gauge, "Registered quality metrics of the stable version, the canary and the newest one.");

    private static readonly MetricFamily Rollouts = MetricFamily.OfInstrument(
        MetricNames.RegistryRollouts, unit: null, MetricType.Counter, "Rollouts that reached their verdict, by the process that wrote it.");

    private static readonly MetricFamily Durations = MetricFamily.OfInstrument(
        MetricNames.RegistryRolloutDuration, "s", MetricType.Histogram, "From the start of a rollout to its verdict, pauses included.");

    /// <summary>Writes all of them. A family stands in one place, so the models are gone through once for each.</summary>
    public static void Write(MetricsWriter writer, IReadOnlyCollection<ModelSeries> models, DateTimeOffset now)
    {
        writer.Begin(Versions);
        foreach (var model in models)
        {
            writer.Sample(model.Labels, model.Versions);
        }

        writer.Begin(Pending);
        foreach (var model in models)
        {
            writer.Sample(model.Labels, model.FindPending().Count);
        }

        writer.Begin(PromotionWait);
        foreach (var model in models)
        {
            writer.Sample(model.Labels, model.FindPending().Since is { } since ? Math.Max(0, (now - since).TotalSeconds) : 0);
        }

        writer.Begin(Qualities);
        foreach (var model in models)
        {
            foreach (var (labels, value) in model.Qualities)
            {
                writer.Sample(labels, value);
            }
        }

        WriteRollouts(writer, models);
    }

    private static void WriteRollouts(MetricsWriter writer, IReadOnlyCollection<ModelSeries> models)
    {
        writer.Begin(Rollouts);
        foreach (var model in models)
        {
            foreach (var (labels, durations) in model.Rollouts)
            {
                writer.Sample(labels, durations.Count);
            }
        }

        writer.Begin(Durations);
        foreach (var model in models)
        {
            foreach (var (labels, durations) in model.Rollouts)
            {
                // Two histograms a model are much for a thousand of them: those that had no rollout yet go without.
                if (durations.Count > 0)
                {
                    writer.Sample(labels, durations);
                }
            }
        }
    }
}
