using System.Text.Json;
using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.CanaryJudge.Tests.Rounds;

/// <summary>
/// What the Registry's <c>explain</c> rests on (its <c>isSame</c>): the figures of a verdict are the judgement itself, as the library writes it, and it follows from the
/// evidence log and the events, bit by bit.
/// </summary>
internal static class RecordedFigures
{
    public static void AssertAreOf(VerdictProposal verdict, IReadOnlyList<LogEntry> log, IReadOnlyList<RolloutEvent> events)
    {
        var recorded = verdict.Figures!.Value;
        var judgement = recorded.Deserialize(JudgingJson.Default.Judgement)!;
        var recomputed = Explanation.Of(log, Timeline.Of(events), judgement.Looks)!;
        Assert.True(recomputed.IsOf(judgement), $"{recomputed.Text} is not {recorded}");
        Assert.True(JsonElement.DeepEquals(JsonSerializer.SerializeToElement(recomputed.Judgement, JudgingJson.Default.Judgement), recorded), $"{recorded} is more or less than a judgement");
        Assert.Equal(recomputed.Text, verdict.Reason);
    }
}
