using System.Text.Json;
using Sluice.Contracts;

namespace Sluice.Judging.Tests;

/// <summary>The same figures, bit by bit, whoever computes them and whenever.</summary>
public sealed class ReplayTests
{
    [Theory]
    [InlineData(0.005, 1)]
    [InlineData(0.02, 2)]
    public void A_restart_at_any_look_changes_nothing(double errors, int seed)
    {
        var story = new Story(Story.Opening, seed) { Canary = new Behaviour(Errors: errors) }.Until(4).Until(10, Story.Unseen).Until(60);
        var log = Log(story);
        var timeline = JsonSerializer.Deserialize(JsonSerializer.Serialize(story.Timeline, JudgingJson.Default.Timeline), JudgingJson.Default.Timeline)!;
        for (var looks = 1; looks <= story.Looks.Count; looks++)
        {
            var explanation = Explanation.Of(log, timeline, looks)!;
            Assert.True(explanation.IsOf(story.Judgements[looks - 1]), $"look {looks}: {explanation.Text}");
        }

        Assert.Null(Explanation.Of(log, timeline, story.Looks.Count + 1));
        Assert.Null(Explanation.Of([], timeline));
    }

    [Fact]
    public void A_look_rests_on_the_events_that_were_known_and_not_on_those_that_came_to_be_known_later()
    {
        var story = new Story(Story.Opening).Until(3);
        var late = new TimelineEvent(story.Looks[^1].Windows[0].From.AddSeconds(1), TimelineEventKind.WeightLowered, 1, new Weight(500), 99);
        var replayed = Judge.Replay(Story.Opening, new Timeline([.. story.Timeline.Events, late]), story.Looks);
        Assert.Equal(Json(story.Last), Json(replayed));
    }

    [Fact]
    public void Entries_and_judgements_come_back_from_JSON_bit_by_bit()
    {
        var look = new Look
        {
            At = Story.Start.AddTicks(1234567), Generation = 7, Blind = new(Story.Start, Story.Start.AddTicks(1), "g2"), Classes = [new("cat", 3, 4)], Loads = new(new(2, 0.1 + 0.2, 1.0 / 7, 0), new(1, 1.0 / 3, 1.5, 7)),
            Windows = [new EvidenceWindow
            {
                Gateway = "g1", Stratum = "tenant", From = Story.Start, To = Story.Start.AddTicks(15), Weight = new Weight(1234), Edges = [0.1, 1.0 / 3, double.BitIncrement(0.5)],
                Stable = new() { Ok = long.MaxValue / 4, Timed = 3, AtMost = [1, 2, 3] }, Canary = new() { Deadline = 1 }, Mirror = new(1, 2, 3), BreakerOpenSeconds = 1e-17,
            }],
        };
        var text = JsonSerializer.Serialize(new LogEntry(Look: look), JudgingJson.Default.LogEntry);
        var back = JsonSerializer.Deserialize(text, JudgingJson.Default.LogEntry)!;
        Assert.Equal(text, JsonSerializer.Serialize(back, JudgingJson.Default.LogEntry));
        Assert.Equal(look.Windows[0].Edges.Select(BitConverter.DoubleToInt64Bits), back.Look!.Windows[0].Edges.Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal(look.At, back.Look.At);

        var judgement = new Story(Story.Opening).Until(12).Last;
        Assert.Equal(judgement, JsonSerializer.Deserialize(Json(judgement), JudgingJson.Default.Judgement));
    }

    [Fact]
    public void The_timeline_is_read_from_the_rollouts_log()
    {
        RolloutEvent Event(string what, int step, int points, int second, long generation) => new()
        {
            At = Story.Start.AddSeconds(second), Actor = "registry", What = what, Phase = RolloutPhase.Progressing, Step = step, Weight = new Weight(points), Generation = generation, Reason = "",
        };
        var timeline = Timeline.Of([
            Event("step.enter", 0, 0, 0, 1), Event("step.begin", 0, 500, 1, 2), Event("step.enter", 1, 500, 121, 3), Event("hold", 1, 500, 122, 4), Event("step.begin", 1, 2000, 130, 5),
            Event("pause", 1, 2000, 140, 6), Event("resume", 1, 2000, 150, 7), Event("weight.lower", 1, 500, 160, 8), Event("rollback", 1, 0, 170, 9)]);
        Position At(int second, long generation = 99) => timeline.At(Story.Start.AddSeconds(second), generation, Story.Production);
        Assert.Equal((0, 500, false), (At(60).Step, At(60).Weight.BasisPoints, At(60).EvidenceSince.HasValue));
        Assert.Null(At(125).StepSince);
        Assert.Equal(Story.Start.AddSeconds(130), At(139).StepSince);
        Assert.Equal(Story.Start.AddSeconds(130), At(139).EvidenceSince);
        Assert.Equal((true, false), (At(145).IsPaused, At(155).IsPaused));
        Assert.Equal((500, false), (At(165).Weight.BasisPoints, At(165).StepSince.HasValue));
        Assert.Equal((true, false), (At(200).IsEnded, At(200, 8).IsEnded));
    }

    [Fact]
    public void Other_settings_are_tried_on_a_stored_log()
    {
        var story = new Story(Story.Opening, 3) { Canary = new Behaviour(Errors: 0.015) }.Until(60);
        var same = WhatIf.Run(Story.Opening, story.Timeline, story.Looks);
        Assert.Equal(Json(story.Last), Json(same[^1]));
        var bolder = WhatIf.Run(StoryTests.WithSettings(new() { ErrorAlpha = 0.3 }), story.Timeline, story.Looks)[^1];
        Assert.Equal(Verdict.RollBack, bolder.Verdict);
        Assert.True(bolder.At < story.Last.At);
        Assert.Equal(Verdict.RollBack, WhatIf.Run(Story.Opening with { Settings = new() { MaxErrorRate = 0.001 }, Rule = AnalysisRule.Checks }, story.Timeline, story.Looks)[^1].Verdict);
    }

    private static LogEntry[] Log(Story story) =>
        [.. new[] { new LogEntry(Opening: Story.Opening) }.Concat(story.Looks.Select(look => new LogEntry(Look: look)))
            .Select(entry => JsonSerializer.Deserialize(JsonSerializer.Serialize(entry, JudgingJson.Default.LogEntry), JudgingJson.Default.LogEntry)!)];

    private static string Json(Judgement judgement) => JsonSerializer.Serialize(judgement, JudgingJson.Default.Judgement);
}
