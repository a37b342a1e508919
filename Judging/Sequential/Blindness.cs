using Sluice.Contracts;

namespace Sluice.Judging;

/// <summary>
/// What is not seen speaks neither for the canary nor against it. It holds; after a while the share falls to the first weight, where the canary can do little
/// harm; after a longer one it is rolled back, or as the settings say.
/// </summary>
internal static class Blindness
{
    /// <summary>Notes whether a look saw everything.</summary>
    public static Evidence Note(Evidence evidence, Look look) =>
        look.Blind is { } blind ? evidence with { BlindSince = evidence.BlindSince ?? blind.From, BlindReason = blind.Reason }
        : look.Windows.Count > 0 ? evidence with { BlindSince = null, BlindReason = null }
        : evidence;

    /// <summary>For how long not everything was seen. 0: all is fresh.</summary>
    public static double Seconds(Matter matter)
    {
        var evidence = matter.Evidence;
        if (evidence.BlindSince is { } since)
        {
            return Math.Max((evidence.At - since).TotalSeconds, 0.001); // just noticed is blind, too
        }

        var age = evidence.LastSeen is { } seen ? (evidence.At - seen).TotalSeconds : matter.Seconds;
        return age > matter.Settings.StaleSeconds ? age : 0;
    }

    /// <summary>The verdict on not seeing; null when all is seen.</summary>
    public static Judgement? Decide(Matter matter, Figures figures)
    {
        var settings = matter.Settings;
        return figures.BlindSeconds switch
        {
            0 => null,
            var seconds when seconds >= settings.BlindEndSeconds && settings.WhenBlind != BlindEnd.Hold =>
                matter.Give(settings.WhenBlind == BlindEnd.RollBack ? Verdict.RollBack : Verdict.Inconclusive, JudgementReason.Blind, figures),
            var seconds when seconds >= settings.BlindStepDownSeconds => matter.Give(Verdict.StepDown, JudgementReason.Blind, figures) with { Hold = HoldKind.Blind },
            _ => matter.Holds(JudgementReason.Blind, HoldKind.Blind, figures),
        };
    }
}
