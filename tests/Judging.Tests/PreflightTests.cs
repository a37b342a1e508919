using Sluice.Contracts;

namespace Sluice.Judging.Tests;

/// <summary>Whether a rollout could be judged, before it has any traffic.</summary>
public sealed class PreflightTests
{
    [Fact]
    public void What_is_seen_whole_and_well_is_passed() => AssertIs(Verdict.Advance, JudgementReason.PreflightPassed, Look(15));

    [Fact]
    public void Without_any_window_nothing_is_said_yet() => AssertIs(Verdict.Hold, JudgementReason.NoStep, Look(15) with { Windows = [] });

    [Theory]
    [InlineData(25, JudgementReason.NoStep)] // a route of a moment ago need not be seen yet
    [InlineData(45, JudgementReason.Blind)]
    public void What_is_not_seen_for_half_a_minute_is_in_the_way(int seconds, JudgementReason expected) => AssertIs(
        Verdict.Hold, expected, Look(10) with { Blind = new(Story.Start.AddSeconds(10), Story.Start.AddSeconds(10), "g2") },
        Look(seconds) with { Blind = new(Story.Start.AddSeconds(10), Story.Start.AddSeconds(seconds), "g2") });

    [Fact]
    public void So_is_a_limit_that_is_no_edge() => AssertIs(
        Verdict.Hold, JudgementReason.MissingEdge,
        Look(15) with { Windows = [.. Look(15).Windows.Select(window => window with { Edges = [0.1, 0.25, 0.4] })] });

    [Fact]
    public void And_a_stable_version_that_is_sick() => AssertIs(Verdict.Hold, JudgementReason.StableSick, Look(15, failing: 40));

    [Fact]
    public void It_is_the_same_for_the_other_rule() => AssertIs(Story.Opening with { Rule = AnalysisRule.Checks }, Verdict.Advance, JudgementReason.PreflightPassed, Look(15));

    [Fact]
    public void It_can_be_said() => Assert.Equal(
        "Pre-flight passed at 12:00:15: every gateway shows both versions, the latency limit is an edge, 1.0 % of stable's requests failed lately.",
        Sentence.Of(Judge.Replay(Story.Opening, new Timeline([]), [Look(15, failing: 3)])));

    private static void AssertIs(Verdict verdict, JudgementReason reason, params Look[] looks) => AssertIs(Story.Opening, verdict, reason, looks);

    private static void AssertIs(Opening opening, Verdict verdict, JudgementReason reason, params Look[] looks)
    {
        var judgement = Judge.Replay(opening, new Timeline([]), looks);
        Assert.Equal((verdict, reason, -1), (judgement.Verdict, judgement.Reason, judgement.Step));
    }

    private static Look Look(int seconds, int failing = 0) => new()
    {
        At = Story.Start.AddSeconds(seconds),
        Generation = 1,
        Windows =
        [
            new EvidenceWindow
            {
                Gateway = "g1", From = Story.Start.AddSeconds(seconds - 10), To = Story.Start.AddSeconds(seconds), Weight = Weight.None, Edges = Story.Edges,
                Stable = new() { Ok = 300 - failing, Model = failing, Timed = 300, AtMost = [290, 295, 300] }, Canary = new() { AtMost = [0, 0, 0] },
            },
        ],
    };
}
