namespace Sluice.Judging;

/// <summary>What stable was like before the rollout: by it the edges are chosen that latencies are compared at, and the evidence is tempered.</summary>
public sealed record Baseline
{
    /// <summary>Requests that were judged.</summary>
    public long Requests { get; init; }

    /// <summary>Of those, the failed.</summary>
    public long Failed { get; init; }

    /// <summary>Edges, seconds, ascending.</summary>
    public IReadOnlyList<double> Edges { get; init => field = value ?? []; } = [];

    /// <summary>Timed requests.</summary>
    public long Timed { get; init; }

    /// <summary>Of those, the ones at or below each edge.</summary>
    public IReadOnlyList<long> AtMost { get; init => field = value ?? []; } = [];

    /// <summary>How many times the variance of independent failures theirs is, 1 to 10: <see cref="Dispersion"/>. 0 for not measured.</summary>
    public double FailureDispersion { get; init; }

    /// <summary>The same of slow requests.</summary>
    public double LatencyDispersion { get; init; }

    /// <summary>What windows say of stable before a rollout; what they say of a canary is left aside.</summary>
    public static Baseline Of(IReadOnlyList<EvidenceWindow> windows)
    {
        var sums = windows.Aggregate(new Baseline(), (sum, window) => sum.And(window));
        return sums with
        {
            FailureDispersion = StableDispersion.Of(windows, window => new(window.Stable.Failed, window.Stable.Judged)),
            LatencyDispersion = LatencyEdges.ForProof(sums) is not { } edge ? 1
                : StableDispersion.Of(windows, window => window.IndexOf(edge) is >= 0 and var i ? new(window.Stable.Above(i), window.Stable.Timed) : default),
        };
    }

    /// <summary>Together with stable's counts of a window; edges that only one of them has are left out.</summary>
    internal Baseline And(EvidenceWindow window)
    {
        var stable = window.Stable;
        if (Timed == 0)
        {
            return this with
            {
                Requests = Requests + stable.Judged, Failed = Failed + stable.Failed, Edges = window.Edges, Timed = stable.Timed, AtMost = stable.AtMost,
            };
        }

        var common = Enumerable.Range(0, Edges.Count).Select(own => (Own: own, Other: window.IndexOf(Edges[own]))).Where(pair => pair.Other >= 0).ToArray();
        return this with
        {
            Requests = Requests + stable.Judged,
            Failed = Failed + stable.Failed,
            Edges = common.Length == Edges.Count ? Edges : [.. common.Select(pair => Edges[pair.Own])],
            Timed = Timed + stable.Timed,
            AtMost = [.. common.Select(pair => AtMost[pair.Own] + stable.AtMost[pair.Other])],
        };
    }
}
