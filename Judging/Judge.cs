using Sluice.Contracts;

namespace Sluice.Judging;

/// <summary>
/// The judge as a function: opening, timeline and looks in, judgement out. No clock and no I/O, so that a restarted judge, an explanation and a what-if all
/// come to the same figures, bit by bit.
/// </summary>
public static class Judge
{
    /// <summary>The evidence before the first look.</summary>
    /// <exception cref="ArgumentException">A setting is not as it must be.</exception>
    public static Evidence Begin(Opening opening) =>
        SettingsRules.FindProblem(opening.Settings) is { } problem ? throw new ArgumentException(problem, nameof(opening)) : new Evidence { Baseline = opening.Baseline };

    /// <summary>The evidence with a look added.</summary>
    public static Evidence Fold(Opening opening, Timeline timeline, Evidence evidence, Look look)
    {
        var next = evidence with
        {
            Looks = evidence.Looks + 1,
            At = look.At,
            Generation = look.Generation,
            Classes = ClassShift.Add(evidence.Classes, look.Classes),
            Loads = look.Loads ?? evidence.Loads,
        };
        foreach (var window in look.Windows)
        {
            var position = timeline.At(window.To, look.Generation, opening.Steps);
            next = Folding.Add(opening, position, next, window);
            if (opening.Rule == AnalysisRule.Checks)
            {
                next = next with { Checks = ChecksRule.Add(next.Checks, position, window, opening.Settings) };
            }
        }

        return Blindness.Note(next, look) with
        {
            BreakerOpenSeconds = look.Windows.Count == 0 ? next.BreakerOpenSeconds : look.Windows.Max(window => window.BreakerOpenSeconds),
            Checks = opening.Rule == AnalysisRule.Checks ? ChecksRule.Close(next.Checks, next.LastSeen, opening.Settings) : next.Checks,
        };
    }

    /// <summary>What the evidence amounts to, at the time of its last look.</summary>
    public static Judgement Decide(Opening opening, Timeline timeline, Evidence evidence)
    {
        var position = timeline.At(evidence.At, evidence.Generation, opening.Steps);
        var matter = new Matter(opening, position, evidence);
        return opening.Rule switch
        {
            AnalysisRule.Sequential => SequentialRule.Decide(matter, SequentialFigures.Of(matter)),
            AnalysisRule.Checks => ChecksRule.Decide(matter, ChecksRule.FiguresOf(matter)),
            _ => matter.Holds(JudgementReason.NotJudged, HoldKind.Evidence, new Figures()),
        };
    }

    /// <summary>The last judgement of a log.</summary>
    /// <param name="opening">Its first entry.</param>
    /// <param name="timeline">The rollout's events.</param>
    /// <param name="looks">As many of its looks as the judgement is to rest on.</param>
    public static Judgement Replay(Opening opening, Timeline timeline, IEnumerable<Look> looks) =>
        Decide(opening, timeline, looks.Aggregate(Begin(opening), (evidence, look) => Fold(opening, timeline, evidence, look)));
}
