using Sluice.Contracts;

namespace Sluice.Judging;

/// <summary>All that a rule decides on.</summary>
internal sealed record Matter(Opening Opening, Position Position, Evidence Evidence)
{
    public JudgeSettings Settings => Opening.Settings;

    /// <summary>The current step; null before the first and after the last.</summary>
    public RolloutStep? Step => Position.Step >= 0 && Position.Step < Opening.Steps.Count ? Opening.Steps[Position.Step] : null;

    /// <summary>Since its weight was set.</summary>
    public double StepSeconds => Since(Position.StepSince);

    /// <summary>Since it was entered or taken up again.</summary>
    public double StepAge => Since(Position.StepEntered);

    /// <summary>Since the canary's first traffic.</summary>
    public double Seconds => Since(Position.Started);

    /// <summary>Whether the next step, or the promotion, wants a proof.</summary>
    public bool NeedsProof => Position.Step + 1 >= Opening.Steps.Count || Opening.Steps[Position.Step + 1].Weight.BasisPoints > Settings.ProofAbove;

    public Judgement Holds(JudgementReason reason, HoldKind kind, Figures figures) => Give(Verdict.Hold, reason, figures) with { Hold = kind };

    public Judgement Give(Verdict verdict, JudgementReason reason, Figures figures) => new()
    {
        At = Evidence.At,
        Looks = Evidence.Looks,
        Verdict = verdict,
        Reason = reason,
        Step = Position.Step,
        Figures = figures,
    };

    private double Since(DateTimeOffset? time) => time is { } from ? Math.Max(0, (Evidence.At - from).TotalSeconds) : 0;
}
