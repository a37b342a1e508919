using Sluice.Contracts;

namespace Sluice.Judging;

/// <summary>
/// Before the first share: whether what the verdicts are to rest on can be seen at all, and whether stable is well enough to compare with. A version whose
/// faults could not be noticed gets no traffic.
/// </summary>
internal static class Preflight
{
    public static Judgement Decide(Matter matter, Figures figures)
    {
        (JudgementReason Reason, HoldKind Hold)? why =
            figures.BlindSeconds > matter.Settings.StaleSeconds ? (JudgementReason.Blind, HoldKind.Blind)
            : figures.BlindSeconds > 0 || matter.Evidence.LastSeen is null ? (JudgementReason.NoStep, HoldKind.Evidence) // a route of a moment ago need not be seen yet
            : !matter.Evidence.HasLimitEdge ? (JudgementReason.MissingEdge, HoldKind.Evidence)
            : StableHealth.IsSick(matter.Evidence, matter.Settings) ? (JudgementReason.StableSick, HoldKind.StableSick)
            : null;
        return why is { } found ? matter.Holds(found.Reason, found.Hold, figures) : matter.Give(Verdict.Advance, JudgementReason.PreflightPassed, figures);
    }
}
