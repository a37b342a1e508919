using System.Text.Json;
using Sluice.Contracts;

namespace Sluice.Judging;

/// <summary>A judgement recomputed from what is stored.</summary>
/// <param name="Judgement">With all figures.</param>
/// <param name="Text">The sentence.</param>
/// <param name="Settings">The limits it was given by.</param>
public sealed record Explanation(Judgement Judgement, string Text, JudgeSettings Settings)
{
    /// <summary>Recomputes a judgement.</summary>
    /// <param name="log">The evidence log; its first entry is the opening.</param>
    /// <param name="timeline">The rollout's events.</param>
    /// <param name="looks">How many looks it rested on (<see cref="Judgement.Looks"/>); null for all.</param>
    /// <returns>Null when the log has no opening or fewer looks.</returns>
    public static Explanation? Of(IReadOnlyList<LogEntry> log, Timeline timeline, int? looks = null)
    {
        var all = log.Select(entry => entry.Look).OfType<Look>().ToArray();
        if (log.Count == 0 || log[0].Opening is not { } opening || looks > all.Length)
        {
            return null;
        }

        var judgement = Judge.Replay(opening, timeline, all.Take(looks ?? all.Length));
        return new Explanation(judgement, Sentence.Of(judgement), opening.Settings);
    }

    /// <summary>Whether a stored judgement is this one, figures included, bit by bit.</summary>
    public bool IsOf(Judgement stored) => Json(stored).AsSpan().SequenceEqual(Json(Judgement));

    private static byte[] Json(Judgement judgement) => JsonSerializer.SerializeToUtf8Bytes(judgement, JudgingJson.Default.Judgement);
}

/// <summary>What other settings would have concluded from a stored log. The traffic stays as it was: a step not taken would have shown other windows.</summary>
public static class WhatIf
{
    /// <summary>The judgements at which verdict, reason or step changed, up to and with the first that ends the rollout.</summary>
    /// <param name="opening">The log's opening, with the settings or the rule to try.</param>
    /// <param name="timeline">The rollout's events.</param>
    /// <param name="looks">The log's looks.</param>
    public static IReadOnlyList<Judgement> Run(Opening opening, Timeline timeline, IEnumerable<Look> looks)
    {
        var (evidence, changes) = (Judge.Begin(opening), new List<Judgement>());
        foreach (var look in looks)
        {
            evidence = Judge.Fold(opening, timeline, evidence, look);
            var judgement = Judge.Decide(opening, timeline, evidence);
            if (changes.Count == 0 || (judgement.Verdict, judgement.Reason, judgement.Step) != (changes[^1].Verdict, changes[^1].Reason, changes[^1].Step))
            {
                changes.Add(judgement);
            }

            if (judgement.Verdict is Verdict.RollBack or Verdict.Inconclusive)
            {
                break;
            }
        }

        return changes;
    }
}
