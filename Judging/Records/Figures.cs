using System.Text.Json.Serialization;

namespace Sluice.Judging;

/// <summary>One test: what it saw, how much that says, and how much would be needed.</summary>
/// <param name="LogEvidence">Natural logarithm of the odds it would have been paid at, after tempering.</param>
/// <param name="LogNeeded">The same at which it decides.</param>
/// <param name="CanaryHits">Canary requests that it counts: failed, slow, refused.</param>
/// <param name="Canary">Of how many.</param>
/// <param name="StableHits">The same of stable, in the same windows; 0 where the test looks at the canary alone.</param>
/// <param name="Stable">Of how many.</param>
/// <param name="StableRate">Stable's share of hits, each window weighted as the canary's traffic was; null where the test looks at the canary alone.</param>
/// <param name="Limit">The share, ratio or edge (seconds) it is held against.</param>
public sealed record TestFigure(
    double LogEvidence, double LogNeeded, long CanaryHits = 0, long Canary = 0, long StableHits = 0, long Stable = 0, double? StableRate = null, double? Limit = null)
{
    /// <summary>Whether it decides.</summary>
    [JsonIgnore]
    public bool IsReached => LogEvidence >= LogNeeded;
}

/// <summary>The figures of a judgement. Tests that the rule does not make are null.</summary>
public sealed record Figures
{
    /// <summary>Failures, canary against stable.</summary>
    public TestFigure? Errors { get; init; }

    /// <summary>Slow answers, canary against stable: the edge that says most; the evidence is that of all edges.</summary>
    public TestFigure? Latency { get; init; }

    /// <summary>Failures against the limit.</summary>
    public TestFigure? AbsoluteErrors { get; init; }

    /// <summary>Slow answers against the limit.</summary>
    public TestFigure? AbsoluteLatency { get; init; }

    /// <summary>Failures against several times the limit, warm-up included.</summary>
    public TestFigure? Catastrophic { get; init; }

    /// <summary>Share of the traffic against the weight, at this step.</summary>
    public TestFigure? Share { get; init; }

    /// <summary>Requests refused as the client's fault, canary against stable.</summary>
    public TestFigure? ClientErrors { get; init; }

    /// <summary>Mirrored answers that differ, against the limit; null when there is none.</summary>
    public TestFigure? Disagreement { get; init; }

    /// <summary>For a promotion of tier A: fails not more often than allowed.</summary>
    public TestFigure? ErrorProof { get; init; }

    /// <summary>For a promotion of tier A: slow not more often than allowed.</summary>
    public TestFigure? LatencyProof { get; init; }

    /// <summary>For a promotion of tier B: failures below the limit.</summary>
    public TestFigure? ErrorCeiling { get; init; }

    /// <summary>For a promotion of tier B: slow answers below the limit.</summary>
    public TestFigure? LatencyCeiling { get; init; }

    /// <summary>What the evidence on failures was tempered by.</summary>
    public double FailureDispersion { get; init; } = 1;

    /// <summary>What the evidence on latencies was tempered by.</summary>
    public double LatencyDispersion { get; init; } = 1;

    /// <summary>Canary requests at this step.</summary>
    public long StepRequests { get; init; }

    /// <summary>Since its weight was set.</summary>
    public double StepSeconds { get; init; }

    /// <summary>Since when nothing was seen; 0 when all was.</summary>
    public double BlindSeconds { get; init; }

    /// <summary>What was missing.</summary>
    public string? BlindReason { get; init; }

    /// <summary>For how long a breaker has been open. Seconds.</summary>
    public double BreakerOpenSeconds { get; init; }

    /// <summary>Stable's share of failures lately.</summary>
    public double? StableErrorRate { get; init; }

    /// <summary>How busy the replicas were last.</summary>
    public ArmLoads? Loads { get; init; }

    /// <summary>How far the classes that both versions predict lie apart: total variation distance, 0 to 1; null when they are not known.</summary>
    public double? ClassShift { get; init; }

    /// <summary>Of the rule <c>checks</c>: passed, failed and empty ones.</summary>
    public CheckCounts? Checks { get; init; }
}

/// <summary>Checks of the rule <c>checks</c>.</summary>
/// <param name="Passed">Below both limits.</param>
/// <param name="Failed">Above one.</param>
/// <param name="Empty">Nothing was seen: neither.</param>
public sealed record CheckCounts(int Passed, int Failed, int Empty);
