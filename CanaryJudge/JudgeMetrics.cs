using System.Diagnostics.Metrics;
using Sluice.Contracts;
using Sluice.Judging;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.CanaryJudge;

/// <summary>What the judge shows of itself. Series of a rollout go with it.</summary>
internal sealed class JudgeMetrics : IMetricSource
{
    private static readonly MetricFamily LogEvidence = MetricFamily.OfInstrument(
        MetricNames.JudgeLogEvidence, null, MetricType.Gauge, "Natural logarithm of the odds that a test would have been paid at, of open rollouts.");

    private static readonly MetricFamily DataAge = MetricFamily.OfInstrument(
        MetricNames.JudgeDataAge, "s", MetricType.Gauge, "Since the end of the newest window of an open rollout.");

    private readonly Counter<long> _checks;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new(); // held for _open
    private readonly SortedDictionary<string, Shown> _open = new(StringComparer.Ordinal);

    public JudgeMetrics(IMeterFactory meters, RegistryWatch watch, TimeProvider time)
    {
        _time = time;
        var (started, meter) = (time.GetTimestamp(), meters.Create(MetricNames.JudgeMeter));
        _checks = meter.CreateCounter<long>(MetricNames.JudgeChecks, "{check}", "Looks at a rollout, by what was concluded.");

        // While nothing was heard it counts from the start: silence must not look like freshness.
        meter.CreateObservableGauge(
            MetricNames.JudgeRegistrySilence,
            () => (watch.Silence ?? time.GetElapsedTime(started)).TotalSeconds,
            "s",
            "Since the Registry was last heard, or since the start when it never was.");
    }

    /// <summary>A look was made.</summary>
    /// <param name="model">The rollout's model.</param>
    /// <param name="judgement">What was concluded.</param>
    /// <param name="lastSeen">The end of the newest window; null when there was none.</param>
    public void Judged(string model, Judgement judgement, DateTimeOffset? lastSeen)
    {
        _checks.Add(1, new KeyValuePair<string, object?>("model", model), new KeyValuePair<string, object?>("verdict", Label(judgement.Verdict)));
        lock (_lock)
        {
            var shown = _open.TryGetValue(model, out var former) ? former : _open[model] = new Shown(MetricLabels.Of(("model", model)));
            (shown.LastSeen, shown.Tests) = (lastSeen, [.. Tests(judgement.Figures).Select(test => (shown.Labels.And("test", test.Name), test.LogEvidence))]);
        }
    }

    /// <summary>The rollout of a model is over.</summary>
    public void Forget(string model)
    {
        lock (_lock)
        {
            _open.Remove(model);
        }
    }

    /// <summary>Another judge judges.</summary>
    public void ForgetAll()
    {
        lock (_lock)
        {
            _open.Clear();
        }
    }

    /// <inheritdoc />
    public void Write(MetricsWriter writer)
    {
        lock (_lock)
        {
            writer.Begin(LogEvidence);
            foreach (var (labels, log) in _open.Values.SelectMany(shown => shown.Tests))
            {
                writer.Sample(labels, log);
            }

            writer.Begin(DataAge);
            foreach (var shown in _open.Values.Where(shown => shown.LastSeen is not null))
            {
                writer.Sample(shown.Labels, Math.Max(0, (_time.GetUtcNow() - shown.LastSeen!.Value).TotalSeconds));
            }
        }
    }

    /// <summary>A verdict as a label.</summary>
    internal static string Label(Verdict verdict) => verdict switch
    {
        Verdict.Advance => "advance",
        Verdict.Hold => "hold",
        Verdict.StepDown => "step_down",
        Verdict.RollBack => "roll_back",
        Verdict.Inconclusive => "inconclusive",
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, null),
    };

    private static IEnumerable<(string Name, double LogEvidence)> Tests(Figures figures) =>
        new (string Name, TestFigure? Figure)[]
        {
            ("errors", figures.Errors),
            ("latency", figures.Latency),
            ("absolute_errors", figures.AbsoluteErrors),
            ("absolute_latency", figures.AbsoluteLatency),
            ("catastrophic", figures.Catastrophic),
            ("share", figures.Share),
            ("client_errors", figures.ClientErrors),
            ("disagreement", figures.Disagreement),
            ("error_proof", figures.ErrorProof),
            ("latency_proof", figures.LatencyProof),
            ("error_ceiling", figures.ErrorCeiling),
            ("latency_ceiling", figures.LatencyCeiling),
        }.Where(test => test.Figure is not null).Select(test => (test.Name, test.Figure!.LogEvidence));

    private sealed class Shown(MetricLabels labels)
    {
        public MetricLabels Labels { get; } = labels;

        public DateTimeOffset? LastSeen { get; set; }

        public IReadOnlyList<(MetricLabels Labels, double LogEvidence)> Tests { get; set; } = [];
    }
}
