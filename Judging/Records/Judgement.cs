using Sluice.Contracts;

namespace Sluice.Judging;

/// <summary>Why a verdict was given.</summary>
public enum JudgementReason
{
    /// <summary>Rolled back: far more failures than the limit, while stable had few.</summary>
    Catastrophic,

    /// <summary>Rolled back: a gateway's breaker of the canary stayed open.</summary>
    Breaker,

    /// <summary>Rolled back: more failures than the limit, and more than stable.</summary>
    AbsoluteErrors,

    /// <summary>Rolled back: more slow answers than the limit allows, and more than stable.</summary>
    AbsoluteLatency,

    /// <summary>Rolled back: fails more often than stable.</summary>
    ErrorRatio,

    /// <summary>Rolled back: slow more often than stable.</summary>
    LatencyRatio,

    /// <summary>Rolled back: its answers to mirrored requests differ from stable's too often.</summary>
    Disagreement,

    /// <summary>Held, stepped down or rolled back: nothing was seen.</summary>
    Blind,

    /// <summary>Held: there is nothing to decide (ended, or not begun).</summary>
    NoStep,

    /// <summary>Held: it waits for somebody.</summary>
    Paused,

    /// <summary>Held: warm-up.</summary>
    WarmUp,

    /// <summary>Held: stable is sick itself.</summary>
    StableSick,

    /// <summary>Held: the canary does not get its share of the traffic.</summary>
    Share,

    /// <summary>Held: too much speaks against the canary to go on, too little to go back.</summary>
    Suspicion,

    /// <summary>Held: callers' requests are refused more often than by stable.</summary>
    ClientErrors,

    /// <summary>Held: the latency limit is no edge of the gateways' histograms.</summary>
    MissingEdge,

    /// <summary>Held: the step is young, or had few requests.</summary>
    StepUnderWay,

    /// <summary>Held: what is known does not suffice for the next step.</summary>
    ProofMissing,

    /// <summary>Inconclusive: the step is too old.</summary>
    TooOld,

    /// <summary>Advance: the step is passed.</summary>
    StepPassed,

    /// <summary>Rolled back by the rule <c>checks</c>: too many checks failed.</summary>
    ChecksFailed,

    /// <summary>Held: nobody judges this rollout.</summary>
    NotJudged,

    /// <summary>Advance, before the first share: nothing keeps the rollout from beginning.</summary>
    PreflightPassed,
}

/// <summary>What a promotion is worth.</summary>
public enum PromotionTier
{
    /// <summary>Proved to be not worse than stable.</summary>
    A,

    /// <summary>Proved to be within the absolute limits only.</summary>
    B,
}

/// <summary>What the judge concludes from a log, and by which figures.</summary>
public sealed record Judgement
{
    /// <summary>When: the time of the last look, which is an argument of the rule, not a clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>How many looks it rests on: with the log cut there, it can be recomputed.</summary>
    public required int Looks { get; init; }

    /// <summary>The conclusion. Advance out of the last step is the promotion.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Why.</summary>
    public required JudgementReason Reason { get; init; }

    /// <summary>The step it is about; -1 before the first.</summary>
    public required int Step { get; init; }

    /// <summary>How a hold is shown.</summary>
    public HoldKind? Hold { get; init; }

    /// <summary>Set where the next step needs a proof: what was proved.</summary>
    public PromotionTier? Tier { get; init; }

    /// <summary>The figures.</summary>
    public required Figures Figures { get; init; }
}
