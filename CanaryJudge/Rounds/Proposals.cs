using System.Text.Json;
using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.CanaryJudge.Rounds;

/// <summary>Which judgements are told to the Registry. Pure.</summary>
internal static class Proposals
{
    private const int LongestReason = 2000;

    /// <summary>What is to be proposed; null when the rollout is already as the judgement would have it, or when it is not the judge's turn.</summary>
    /// <param name="rollout">As it was at the look.</param>
    /// <param name="judgement">Of the look.</param>
    public static VerdictProposal? Of(Rollout rollout, Judgement judgement) => IsDue(rollout, judgement) ? new VerdictProposal
    {
        Generation = rollout.Generation,
        Verdict = judgement.Verdict,
        Reason = Sentence.Of(judgement) is { Length: > LongestReason } text ? text[..LongestReason] : Sentence.Of(judgement),
        Hold = judgement.Hold,
        Figures = JsonSerializer.SerializeToElement(judgement, JudgingJson.Default.Judgement),
    } : null;

    private static bool IsDue(Rollout rollout, Judgement judgement) => judgement.Verdict switch
    {
        _ when rollout.Phase == RolloutPhase.Preparing => IsPreflightDue(rollout, judgement),
        Verdict.RollBack => rollout.Phase is RolloutPhase.Progressing or RolloutPhase.Paused or RolloutPhase.Promoting,
        _ when rollout.Phase != RolloutPhase.Progressing => false,
        Verdict.Advance => judgement.Step == rollout.Step && rollout.StepSince is not null,
        Verdict.Inconclusive => true,
        Verdict.StepDown => rollout.Weight > rollout.Plan.Steps[0].Weight || rollout.Hold?.Kind != HoldKind.Blind,
        _ => IsNews(rollout.Hold?.Kind, judgement),
    };

    // That nothing was seen yet is none either.
    private static bool IsPreflightDue(Rollout rollout, Judgement judgement) => judgement.Reason switch
    {
        JudgementReason.PreflightPassed => !rollout.IsCleared,
        JudgementReason.Blind or JudgementReason.MissingEdge or JudgementReason.StableSick => rollout.Hold?.Kind != judgement.Hold,
        _ => false,
    };

    // That a step takes its time is no hold to be shown, unless it takes back what was shown. What the Registry itself waits for, it says itself.
    private static bool IsNews(HoldKind? shown, Judgement judgement) => shown switch
    {
        HoldKind.Capacity => false,
        HoldKind.Blind or HoldKind.StableSick => judgement.Hold != shown,
        HoldKind.Evidence => judgement.Hold is HoldKind.Blind or HoldKind.StableSick,
        _ => judgement.Reason is not (JudgementReason.NoStep or JudgementReason.Paused or JudgementReason.WarmUp or JudgementReason.StepUnderWay or JudgementReason.NotJudged),
    };
}
