using Sluice.Contracts;

namespace Sluice.Judging;

/// <summary>
/// The rule <c>sequential</c>: goes back as soon as a test goes off, goes on when a step has lasted, nothing speaks against it and, for the large shares, the
/// canary is proved good; otherwise it waits. Reasons to go back come first: evidence that was seen stays valid whatever is not seen now.
/// </summary>
internal static class SequentialRule
{
    public static Judgement Decide(Matter matter, Figures figures) =>
        NoStep(matter, figures)
        ?? RollsBack(matter, figures)
        ?? Blindness.Decide(matter, figures)
        ?? Waits(matter, figures)
        ?? Advances(matter, figures);

    /// <summary>Shared with the other rule.</summary>
    internal static Judgement? NoStep(Matter matter, Figures figures) =>
        matter.Position.IsEnded ? matter.Holds(JudgementReason.NoStep, HoldKind.Evidence, figures)
        : matter.Position.Started is null ? Preflight.Decide(matter, figures)
        : null;

    private static Judgement? RollsBack(Matter matter, Figures figures)
    {
        var settings = matter.Settings;
        var isStableSick = StableHealth.IsSick(matter.Evidence, settings);
        var corroboration = Math.Log(settings.Corroboration);
        JudgementReason? reason =
            !isStableSick && figures.Catastrophic!.IsReached ? JudgementReason.Catastrophic
            : !isStableSick && figures.BreakerOpenSeconds >= settings.BreakerSeconds ? JudgementReason.Breaker
            : !isStableSick && figures.AbsoluteErrors!.IsReached && figures.Errors!.LogEvidence >= corroboration ? JudgementReason.AbsoluteErrors
            : figures.AbsoluteLatency!.IsReached && figures.Latency!.LogEvidence >= corroboration ? JudgementReason.AbsoluteLatency
            : figures.Errors!.IsReached ? JudgementReason.ErrorRatio
            : figures.Latency!.IsReached ? JudgementReason.LatencyRatio
            : figures.Disagreement?.IsReached == true ? JudgementReason.Disagreement
            : null;
        return reason is { } found ? matter.Give(Verdict.RollBack, found, figures) : null;
    }

    private static Judgement? Waits(Matter matter, Figures figures)
    {
        var (settings, step) = (matter.Settings, matter.Step);
        (JudgementReason Reason, HoldKind Hold)? why =
            matter.Position.IsPaused ? (JudgementReason.Paused, HoldKind.Evidence)
            : step is null || matter.Position.StepSince is null ? (JudgementReason.NoStep, HoldKind.Evidence)
            : step.WarmUp ? (JudgementReason.WarmUp, HoldKind.Evidence)
            : StableHealth.IsSick(matter.Evidence, settings) ? (JudgementReason.StableSick, HoldKind.StableSick)
            : settings.WatchShare && figures.Share!.IsReached ? (JudgementReason.Share, HoldKind.Evidence)
            : IsSuspicious(figures, settings.Suspicion) ? (JudgementReason.Suspicion, HoldKind.Evidence)
            : figures.ClientErrors!.IsReached ? (JudgementReason.ClientErrors, HoldKind.Evidence)
            : !matter.Evidence.HasLimitEdge ? (JudgementReason.MissingEdge, HoldKind.Evidence)
            : !IsStepDone(matter, figures) ? (JudgementReason.StepUnderWay, HoldKind.Evidence)
            : null;
        return why is { } found ? OrTooOld(matter, matter.Holds(found.Reason, found.Hold, figures)) : null;
    }

    private static Judgement Advances(Matter matter, Figures figures)
    {
        var passed = matter.Give(Verdict.Advance, JudgementReason.StepPassed, figures);
        if (!matter.NeedsProof)
        {
            return passed;
        }

        return matter.Seconds < matter.Settings.ProofSeconds ? OrTooOld(matter, matter.Holds(JudgementReason.StepUnderWay, HoldKind.Evidence, figures))
            : figures.ErrorProof!.IsReached && figures.LatencyProof!.IsReached ? passed with { Tier = PromotionTier.A }
            : IsTierB(matter, figures) ? passed with { Tier = PromotionTier.B }
            : OrTooOld(matter, matter.Holds(JudgementReason.ProofMissing, HoldKind.Evidence, figures));
    }

    /// <summary>A hold, unless it has lasted too long. Who waits for a person or a warm-up waits for no evidence.</summary>
    internal static Judgement OrTooOld(Matter matter, Judgement hold) =>
        hold.Reason is JudgementReason.Paused or JudgementReason.NoStep or JudgementReason.WarmUp || matter.StepAge < matter.Settings.MaxStepAgeSeconds
            ? hold : matter.Give(Verdict.Inconclusive, JudgementReason.TooOld, hold.Figures);

    private static bool IsStepDone(Matter matter, Figures figures)
    {
        var (settings, seconds) = (matter.Settings, matter.StepSeconds);
        return seconds >= matter.Step!.HoldSeconds && figures.StepRequests > 0 // a step that nobody came by tells nothing, however long it lasted
            && ((figures.StepRequests >= settings.MinRequests && seconds >= settings.StepSeconds) || seconds >= settings.StepPatienceSeconds);
    }

    private static bool IsSuspicious(Figures figures, double evidence) =>
        figures.Errors!.LogEvidence >= Math.Log(evidence) || figures.Latency!.LogEvidence >= Math.Log(evidence);

    private static bool IsTierB(Matter matter, Figures figures) =>
        matter.Seconds >= matter.Settings.TierBSeconds && figures.ErrorCeiling!.IsReached && figures.LatencyCeiling!.IsReached
        && !IsSuspicious(figures, matter.Settings.SuspicionTierB);
}
