namespace Sluice.Judging;

/// <summary>Which edges latencies are compared at: chosen once, from what stable was like before anything was compared.</summary>
internal static class LatencyEdges
{
    private const double LeastTail = 0.003;
    private const double MostTail = 0.1;
    private const double BestTail = 0.02;

    /// <summary>Edges that 0.3 to 10 % of stable's answers lie above, and the limit.</summary>
    public static IReadOnlyList<EdgeEvidence> Choose(Baseline baseline, JudgeSettings settings) =>
        [.. baseline.Edges.Where((edge, i) => edge != settings.MaxLatencySeconds && IsUsable(baseline, i)).Append(settings.MaxLatencySeconds)
            .Select(edge => new EdgeEvidence(edge, RatioEvidence.None(RatioTest.LatencyAlternatives.Count)))];

    /// <summary>The edge of the proof: the usable one whose tail is nearest 2 %; null when there is none.</summary>
    public static double? ForProof(Baseline baseline) => Enumerable.Range(0, baseline.Edges.Count)
        .Where(i => IsUsable(baseline, i))
        .OrderBy(i => Math.Abs(Math.Log(Tail(baseline, i) / BestTail)))
        .Select(i => (double?)baseline.Edges[i])
        .FirstOrDefault();

    private static bool IsUsable(Baseline baseline, int edge) => baseline.Timed > 0 && Tail(baseline, edge) is >= LeastTail and <= MostTail;

    private static double Tail(Baseline baseline, int edge) => (baseline.Timed - baseline.AtMost[edge]) / (double)baseline.Timed;
}

/// <summary>The comparison of slow answers at one edge.</summary>
/// <param name="Edge">Seconds.</param>
/// <param name="Evidence">The sums.</param>
public sealed record EdgeEvidence(double Edge, RatioEvidence Evidence);
