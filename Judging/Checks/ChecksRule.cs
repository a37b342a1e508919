using Sluice.Contracts;

namespace Sluice.Judging;

/// <summary>
/// The rule <c>checks</c>: fixed limits on the canary alone, looked at every so often. A step is left after its part of the checks; the promotion wants most of
/// them passed. A time at which nothing was seen is neither passed nor failed, and the checks take that much longer.
/// </summary>
internal static class ChecksRule
{
    /// <summary>Adds a window to the check under way.</summary>
    public static CheckEvidence Add(CheckEvidence checks, Position position, EvidenceWindow window, JudgeSettings settings)
    {
        if (position.EvidenceSince is not { } since || window.From < since)
        {
            return checks;
        }

        var limit = window.IndexOf(settings.MaxLatencySeconds);
        return checks with
        {
            End = checks.End ?? since.AddSeconds(settings.CheckSeconds),
            Errors = checks.Errors.Add(window.Canary.Failed, window.Canary.Judged),
            Slow = limit < 0 ? checks.Slow : checks.Slow.Add(window.Canary.Above(limit), window.Canary.Timed),
        };
    }

    /// <summary>Makes the checks whose time is over.</summary>
    public static CheckEvidence Close(CheckEvidence checks, DateTimeOffset? seen, JudgeSettings settings)
    {
        while (checks.End is { } end && seen >= end)
        {
            checks = Make(checks, settings) with { End = end.AddSeconds(settings.CheckSeconds), Errors = default, Slow = default };
        }

        return checks;
    }

    public static Figures FiguresOf(Matter matter)
    {
        var (evidence, settings) = (matter.Evidence, matter.Settings);
        return new Figures
        {
            AbsoluteErrors = new(0, 0, evidence.Failures.Hits, evidence.Failures.Requests, Limit: settings.MaxErrorRate),
            AbsoluteLatency = new(0, 0, evidence.Slow.Hits, evidence.Slow.Requests, Limit: JudgeSettings.LatencyTail),
            Checks = new CheckCounts(evidence.Checks.Passed, evidence.Checks.Failed, evidence.Checks.Empty),
            StepRequests = evidence.StepRequests,
            StepSeconds = matter.StepSeconds,
            BlindSeconds = Blindness.Seconds(matter),
            BlindReason = evidence.BlindReason,
            BreakerOpenSeconds = evidence.BreakerOpenSeconds,
            Loads = evidence.Loads,
        };
    }

    public static Judgement Decide(Matter matter, Figures figures) =>
        SequentialRule.NoStep(matter, figures)
        ?? RollsBack(matter, figures)
        ?? Blindness.Decide(matter, figures)
        ?? (Waits(matter) is { } reason ? SequentialRule.OrTooOld(matter, matter.Holds(reason, HoldKind.Evidence, figures)) : null)
        ?? matter.Give(Verdict.Advance, JudgementReason.StepPassed, figures);

    private static CheckEvidence Make(CheckEvidence checks, JudgeSettings settings)
    {
        if (checks.Errors.Requests == 0)
        {
            return checks with { Empty = checks.Empty + 1 };
        }

        var passed = checks.Errors.Share < settings.MaxErrorRate && checks.Slow.Share <= JudgeSettings.LatencyTail;
        return checks with
        {
            Passed = checks.Passed + (passed ? 1 : 0),
            Failed = checks.Failed + (passed ? 0 : 1),
            Requests = checks.Requests + checks.Errors.Requests,
            IsCatastrophic = checks.IsCatastrophic || checks.Errors.Share > settings.CatastrophicFactor * settings.MaxErrorRate,
        };
    }

    // Once so many have failed that the rest cannot make up for it, waiting for the rest would only cost requests.
    private static Judgement? RollsBack(Matter matter, Figures figures)
    {
        var (checks, settings) = (matter.Evidence.Checks, matter.Settings);
        var all = Math.Max(settings.CheckCount, checks.Passed + checks.Failed);
        return checks.IsCatastrophic ? matter.Give(Verdict.RollBack, JudgementReason.Catastrophic, figures)
            : figures.BreakerOpenSeconds >= settings.BreakerSeconds ? matter.Give(Verdict.RollBack, JudgementReason.Breaker, figures)
            : checks.Failed > all - Math.Ceiling(settings.CheckShare * all) ? matter.Give(Verdict.RollBack, JudgementReason.ChecksFailed, figures)
            : null;
    }

    private static JudgementReason? Waits(Matter matter)
    {
        var (checks, settings, step) = (matter.Evidence.Checks, matter.Settings, matter.Step);
        return matter.Position.IsPaused ? JudgementReason.Paused
            : step is null || matter.Position.StepSince is null ? JudgementReason.NoStep
            : step.WarmUp ? JudgementReason.WarmUp
            : !matter.Evidence.HasLimitEdge ? JudgementReason.MissingEdge
            : matter.StepSeconds < step.HoldSeconds || checks.Passed + checks.Failed < Needed(matter) ? JudgementReason.StepUnderWay
            : matter.Position.Step + 1 >= matter.Opening.Steps.Count && checks.Requests < settings.MinRequests ? JudgementReason.ProofMissing
            : null;
    }

    /// <summary>How many checks must have been made to leave the current step: its part of all.</summary>
    private static int Needed(Matter matter)
    {
        var steps = matter.Opening.Steps;
        var judged = steps.Count(step => !step.WarmUp);
        var done = steps.Take(matter.Position.Step + 1).Count(step => !step.WarmUp);
        return (int)Math.Ceiling(matter.Settings.CheckCount * (double)done / judged);
    }
}
