using System.Text.Json;
using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.Registry.Rollouts.Explaining;

/// <summary>Comes to the judge's conclusions again, from what is stored and nothing else. Pure.</summary>
internal static class Recomputation
{
    /// <summary>The explanation of a rollout.</summary>
    /// <param name="rollout">The rollout.</param>
    /// <param name="events">What happened to it.</param>
    /// <param name="evidence">What the judge saw.</param>
    /// <param name="looks">How many looks the explained judgement is to rest on; null for its verdict, or, while it is open, for all there are.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static RolloutExplanation Explain(
        Rollout rollout, IReadOnlyList<RolloutEvent> events, StoredEvidence evidence, int? looks, CancellationToken cancellationToken)
    {
        var recorded = events.Select(each => (Event: each, Judgement: FindJudgement(each))).Where(pair => pair.Judgement is not null).ToList();
        var explained = looks ?? (rollout.IsDecided && recorded.Count > 0 ? Math.Min(recorded[^1].Judgement!.Looks, evidence.Looks.Count) : evidence.Looks.Count);
        var wanted = recorded.Select(pair => pair.Judgement!.Looks).Append(explained).ToHashSet();
        var judgements = evidence.Opening is { } opening ? Replay(opening, Timeline.Of(events), evidence.Looks, wanted, cancellationToken) : [];
        return new RolloutExplanation(
            rollout.Id,
            $"Version {rollout.Canary} of {rollout.Model} in place of {rollout.Stable}: {rollout.Phase}, {rollout.Weight}; by {rollout.Actor}: {rollout.Reason}",
            evidence.Looks.Count,
            judgements.TryGetValue(explained, out var judgement) ? SaidJudgement.Of(judgement, evidence.Opening!.Settings) : null,
            evidence.Opening?.Settings,
            [.. recorded.Select(pair => Compare(pair.Event, pair.Judgement!, judgements))]);
    }

    /// <summary>What other settings would have made of the evidence.</summary>
    public static WhatIfAnswer Try(string id, Opening opening, IReadOnlyList<RolloutEvent> events, IReadOnlyList<Look> looks, CancellationToken cancellationToken) => new(
        id, opening.Rule, opening.Settings,
        [.. WhatIf.Run(opening, Timeline.Of(events), Until(looks, cancellationToken)).Select(judgement => SaidJudgement.Of(judgement, opening.Settings))]);

    private static Dictionary<int, Judgement> Replay(
        Opening opening, Timeline timeline, IReadOnlyList<Look> looks, HashSet<int> wanted, CancellationToken cancellationToken)
    {
        var (evidence, judgements) = (Judge.Begin(opening), new Dictionary<int, Judgement>());
        foreach (var look in Until(looks, cancellationToken))
        {
            evidence = Judge.Fold(opening, timeline, evidence, look);
            if (wanted.Contains(evidence.Looks))
            {
                judgements[evidence.Looks] = Judge.Decide(opening, timeline, evidence);
            }
        }

        return judgements;
    }

    private static IEnumerable<Look> Until(IReadOnlyList<Look> looks, CancellationToken cancellationToken)
    {
        foreach (var look in looks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return look;
        }
    }

    private static RecordedVerdict Compare(RolloutEvent change, Judgement recorded, Dictionary<int, Judgement> judgements) => new(
        change.Number, change.What, change.Reason, recorded.Looks,
        judgements.TryGetValue(recorded.Looks, out var again) && Json(again).AsSpan().SequenceEqual(Json(recorded)));

    // The judge's figures are its judgement; those of other kinds of changes, and of other judges, are not.
    private static Judgement? FindJudgement(RolloutEvent change)
    {
        try
        {
            return change.Figures is { ValueKind: JsonValueKind.Object } figures ? figures.Deserialize(JudgingJson.Default.Judgement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] Json(Judgement judgement) => JsonSerializer.SerializeToUtf8Bytes(judgement, JudgingJson.Default.Judgement);
}
