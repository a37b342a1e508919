using Sluice.Contracts;

namespace Sluice.Judging;

/// <summary>Adds what one window says to the evidence. The sums do not depend on the order of windows, but for rounding.</summary>
internal static class Folding
{
    /// <summary>The evidence with a window added.</summary>
    public static Evidence Add(Opening opening, Position position, Evidence evidence, EvidenceWindow window)
    {
        var settings = opening.Settings;
        var seen = evidence with
        {
            LastSeen = evidence.LastSeen > window.To ? evidence.LastSeen : window.To,
            Recent = StableHealth.Add(evidence.Recent, window, settings),
            HasLimitEdge = window.IndexOf(settings.MaxLatencySeconds) >= 0,
        };
        seen = AddCatastrophic(seen, window, settings);
        if (position.EvidenceSince is not { } since || window.From < since)
        {
            return seen.IsUnderWay ? seen : seen with { Baseline = seen.Baseline.And(window) };
        }

        var sums = AddTotals(UnderWay(seen, settings), window, settings);
        return AddStep(opening.Rule == AnalysisRule.Sequential ? AddComparison(sums, window, settings) : sums, position, window);
    }

    private static Evidence UnderWay(Evidence evidence, JudgeSettings settings) => evidence.IsUnderWay ? evidence : evidence with
    {
        IsUnderWay = true,
        Latency = LatencyEdges.Choose(evidence.Baseline, settings),
        ProofEdge = LatencyEdges.ForProof(evidence.Baseline),
    };

    private static Evidence AddTotals(Evidence evidence, EvidenceWindow window, JudgeSettings settings)
    {
        var canary = window.Canary;
        var limit = window.IndexOf(settings.MaxLatencySeconds);
        var isCounted = IsStableBelow(settings.SickFactor * settings.MaxErrorRate, evidence, window);
        return evidence with
        {
            Failures = isCounted ? evidence.Failures.Add(canary.Failed, canary.Judged) : evidence.Failures,
            Slow = limit < 0 ? evidence.Slow : evidence.Slow.Add(canary.Above(limit), canary.Timed),
            Disagreements = window.Mirror is { } mirror ? evidence.Disagreements.Add(mirror.Disagree, mirror.Agree + mirror.Disagree) : evidence.Disagreements,
        };
    }

    private static Evidence AddComparison(Evidence evidence, EvidenceWindow window, JudgeSettings settings)
    {
        var (canary, stable) = (window.Canary, window.Stable);
        var latency = RatioTest.OfLatency(settings);
        return evidence with
        {
            Errors = RatioTest.OfErrors(settings).Add(evidence.Errors, new(canary.Failed, canary.Judged, stable.Failed, stable.Judged)),
            Client = RatioTest.OfErrors(settings).Add(evidence.Client, new(canary.Client, canary.Answered, stable.Client, stable.Answered)),
            Latency = [.. evidence.Latency.Select(edge => Add(latency, edge, window))],
        };
    }

    private static EdgeEvidence Add(RatioTest test, EdgeEvidence edge, EvidenceWindow window)
    {
        var i = window.IndexOf(edge.Edge);
        return i < 0 ? edge : edge with
        {
            Evidence = test.Add(edge.Evidence, new(window.Canary.Above(i), window.Canary.Timed, window.Stable.Above(i), window.Stable.Timed)),
        };
    }

    private static Evidence AddCatastrophic(Evidence evidence, EvidenceWindow window, JudgeSettings settings) =>
        !IsStableBelow(settings.CatastrophicFactor * settings.MaxErrorRate, evidence, window) ? evidence : evidence with
        {
            CatastrophicFailures = evidence.CatastrophicFailures.Add(window.Canary.Failed, window.Canary.Judged),
        };

    // What stable suffers as well is no fault of the canary: windows in which it does are left out, by stable's counts alone, which leaves the tests against
    // fixed limits valid.
    private static bool IsStableBelow(double limit, Evidence evidence, EvidenceWindow window) =>
        new Tally(window.Stable.Failed, window.Stable.Judged).Share < limit && evidence.RecentStable.Share < limit;

    private static Evidence AddStep(Evidence evidence, Position position, EvidenceWindow window)
    {
        var current = evidence.StepSince == position.StepSince ? evidence : evidence with
        {
            StepSince = position.StepSince,
            StepRequests = 0,
            Share = new double[ShareTest.Alternatives],
            ShareCounts = default,
        };
        if (position.StepSince is not { } since || window.From < since)
        {
            return current;
        }

        var (canary, all) = (window.Canary.Routed, window.Canary.Routed + window.Stable.Routed);
        var isShare = window.BreakerOpenSeconds == 0 && window.Weight == position.Weight && window.Weight > Weight.None;
        return current with
        {
            StepRequests = current.StepRequests + window.Canary.Judged,
            Share = isShare ? ShareTest.Add(current.Share, canary, all, window.Weight) : current.Share,
            ShareCounts = isShare ? current.ShareCounts.Add(canary, all) : current.ShareCounts,
        };
    }
}
