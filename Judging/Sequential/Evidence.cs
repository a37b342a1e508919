namespace Sluice.Judging;

/// <summary>Hits of how many requests.</summary>
/// <param name="Hits">Failed, slow, different.</param>
/// <param name="Requests">All.</param>
public readonly record struct Tally(long Hits, long Requests)
{
    /// <summary>The share; 0 of nothing.</summary>
    public double Share => Requests == 0 ? 0 : (double)Hits / Requests;

    internal Tally Add(long hits, long requests) => new(Hits + hits, Requests + requests);
}

/// <summary>What stable did in a window not long ago.</summary>
/// <param name="To">The window's end.</param>
/// <param name="Counts">Failed of judged.</param>
public readonly record struct RecentWindow(DateTimeOffset To, Tally Counts);

/// <summary>All that has been seen of a rollout, folded. A function of opening, timeline and looks: never stored, always recomputed.</summary>
public sealed record Evidence
{
    /// <summary>Looks that are folded in.</summary>
    public int Looks { get; init; }

    /// <summary>The time of the last one.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The rollout's generation that was known then.</summary>
    public long Generation { get; init; }

    /// <summary>The end of the newest window.</summary>
    public DateTimeOffset? LastSeen { get; init; }

    /// <summary>Since when something is missing; null when nothing is.</summary>
    public DateTimeOffset? BlindSince { get; init; }

    /// <summary>What is missing.</summary>
    public string? BlindReason { get; init; }

    /// <summary>Stable before the rollout and during the warm-up.</summary>
    public Baseline Baseline { get; init; } = new();

    /// <summary>Whether the edges are chosen: from the first window on that is evidence.</summary>
    public bool IsUnderWay { get; init; }

    /// <summary>Failures compared.</summary>
    public RatioEvidence Errors { get; init; } = RatioEvidence.None(RatioTest.ErrorAlternatives.Count);

    /// <summary>Slow answers compared, at each edge.</summary>
    public IReadOnlyList<EdgeEvidence> Latency { get; init; } = [];

    /// <summary>The edge that a promotion is proved at.</summary>
    public double? ProofEdge { get; init; }

    /// <summary>Refused requests compared.</summary>
    public RatioEvidence Client { get; init; } = RatioEvidence.None(RatioTest.ErrorAlternatives.Count);

    /// <summary>The canary's failures, in windows in which stable was not sick.</summary>
    public Tally Failures { get; init; }

    /// <summary>The canary's answers over the latency limit.</summary>
    public Tally Slow { get; init; }

    /// <summary>The canary's failures in windows in which stable had no such share of them, warm-up included.</summary>
    public Tally CatastrophicFailures { get; init; }

    /// <summary>Mirrored answers that differ.</summary>
    public Tally Disagreements { get; init; }

    /// <summary>Log evidence on the share of traffic at this step.</summary>
    public IReadOnlyList<double> Share { get; init; } = new double[ShareTest.Alternatives];

    /// <summary>Requests of the canary, and of both, that it rests on.</summary>
    public Tally ShareCounts { get; init; }

    /// <summary>When the step began that the next two are of.</summary>
    public DateTimeOffset? StepSince { get; init; }

    /// <summary>Judged requests of the canary at this step.</summary>
    public long StepRequests { get; init; }

    /// <summary>Stable lately.</summary>
    public IReadOnlyList<RecentWindow> Recent { get; init; } = [];

    /// <summary>Whether the latency limit was an edge of the newest window.</summary>
    public bool HasLimitEdge { get; init; } = true;

    /// <summary>The longest that a breaker of the canary has been open, in the newest look with windows. Seconds.</summary>
    public double BreakerOpenSeconds { get; init; }

    /// <summary>How busy the replicas were last.</summary>
    public ArmLoads? Loads { get; init; }

    /// <summary>Predictions by class.</summary>
    public IReadOnlyList<ClassCount> Classes { get; init; } = [];

    /// <summary>The state of the rule <c>checks</c>.</summary>
    public CheckEvidence Checks { get; init; } = new();

    /// <summary>Stable's failures over the last <see cref="JudgeSettings.SickSeconds"/>.</summary>
    internal Tally RecentStable => Recent.Aggregate(default(Tally), (sum, window) => sum.Add(window.Counts.Hits, window.Counts.Requests));
}
