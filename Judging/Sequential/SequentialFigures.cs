namespace Sluice.Judging;

/// <summary>Every test of the rule <c>sequential</c>, made on the evidence so far.</summary>
internal static class SequentialFigures
{
    public static Figures Of(Matter matter)
    {
        var (evidence, settings) = (matter.Evidence, matter.Settings);
        var failures = Math.Clamp(evidence.Baseline.FailureDispersion, 1, Dispersion.Most);
        var latencies = Math.Clamp(evidence.Baseline.LatencyDispersion, 1, Dispersion.Most);
        var recent = evidence.RecentStable;
        return new Figures
        {
            Errors = Compare(evidence.Errors, evidence.Errors.LogAgainst / failures, settings.ErrorAlpha, settings.ErrorRatioAllowed),
            Latency = Latency(evidence.Latency, latencies, settings),
            ClientErrors = Compare(evidence.Client, evidence.Client.LogAgainst / failures, settings.ClientAlpha, settings.ErrorRatioAllowed),
            AbsoluteErrors = Limit(evidence.Failures, settings.MaxErrorRate, failures, settings.AbsoluteErrorAlpha, BernoulliTest.LogAbove),
            AbsoluteLatency = Limit(evidence.Slow, JudgeSettings.LatencyTail, latencies, settings.AbsoluteLatencyAlpha, BernoulliTest.LogAbove),
            Catastrophic = Limit(
                evidence.CatastrophicFailures, settings.CatastrophicFactor * settings.MaxErrorRate, failures, settings.CatastrophicAlpha, BernoulliTest.LogFarAbove),
            Share = new(
                Mixture.LogMean(evidence.Share as double[] ?? [.. evidence.Share]), Needed(settings.ShareAlpha),
                evidence.ShareCounts.Hits, evidence.ShareCounts.Requests, Limit: matter.Position.Weight.BasisPoints / 10_000.0),
            Disagreement = settings.MaxDisagreement is { } limit
                ? Limit(evidence.Disagreements, limit, 1, settings.DisagreementAlpha, BernoulliTest.LogAbove) : null,
            ErrorProof = Compare(
                evidence.Errors, NonInferiority.LogProof(evidence.Errors, settings.ErrorRatioExcluded, settings.ErrorMargin) / failures,
                settings.Beta, settings.ErrorRatioExcluded),
            LatencyProof = LatencyProof(evidence, latencies, settings),
            ErrorCeiling = Limit(evidence.Failures, settings.MaxErrorRate, failures, settings.Beta, BernoulliTest.LogBelow),
            LatencyCeiling = Limit(evidence.Slow, JudgeSettings.LatencyTail, latencies, settings.Beta, BernoulliTest.LogBelow),
            FailureDispersion = failures,
            LatencyDispersion = latencies,
            StepRequests = evidence.StepSince == matter.Position.StepSince ? evidence.StepRequests : 0,
            StepSeconds = matter.StepSeconds,
            BlindSeconds = Blindness.Seconds(matter),
            BlindReason = evidence.BlindReason,
            BreakerOpenSeconds = evidence.BreakerOpenSeconds,
            StableErrorRate = recent.Requests == 0 ? null : recent.Share,
            Loads = evidence.Loads,
            ClassShift = ClassShift.Distance(evidence.Classes),
        };
    }

    private static double Needed(double probability) => Math.Log(1 / probability);

    private static TestFigure Compare(RatioEvidence evidence, double log, double probability, double limit) =>
        new(log, Needed(probability), evidence.CanaryHits, evidence.Canary, evidence.StableHits, evidence.Stable, evidence.StableRate, limit);

    private static TestFigure Limit(Tally tally, double limit, double dispersion, double probability, Func<long, long, double, double> test) =>
        new(test(tally.Hits, tally.Requests, limit) / dispersion, Needed(probability), tally.Hits, tally.Requests, Limit: limit);

    private static TestFigure Latency(IReadOnlyList<EdgeEvidence> edges, double dispersion, JudgeSettings settings)
    {
        if (edges.Count == 0)
        {
            return new TestFigure(0, Needed(settings.LatencyAlpha));
        }

        var logs = new double[edges.Count];
        var most = 0;
        for (var i = 0; i < logs.Length; i++)
        {
            logs[i] = edges[i].Evidence.LogAgainst;
            most = logs[i] > logs[most] ? i : most;
        }

        return Compare(edges[most].Evidence, Mixture.LogMean(logs) / dispersion, settings.LatencyAlpha, edges[most].Edge);
    }

    // Where stable has no tail at any edge, a ratio proves nothing in reasonable time: then the share over the limit itself must be shown to be small.
    private static TestFigure LatencyProof(Evidence evidence, double dispersion, JudgeSettings settings)
    {
        var edge = evidence.Latency.FirstOrDefault(item => item.Edge == (evidence.ProofEdge ?? settings.MaxLatencySeconds));
        if (edge is null)
        {
            return new TestFigure(0, Needed(settings.Beta));
        }

        // At the limit alone there is hardly a tail to compare; at an edge that was chosen there may be none any more, as when stable was slow before the rollout.
        var log = evidence.ProofEdge is null
            ? NonInferiority.LogBelowMargin(edge.Evidence, settings.LatencyRatioExcluded, settings.LatencyMargin)
            : NonInferiority.LogProof(edge.Evidence, settings.LatencyRatioExcluded, settings.LatencyMargin);
        return Compare(edge.Evidence, log / dispersion, settings.Beta, edge.Edge);
    }
}
