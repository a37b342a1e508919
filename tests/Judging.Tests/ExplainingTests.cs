using Sluice.Contracts;

namespace Sluice.Judging.Tests;

public sealed class ExplainingTests
{
    [Fact]
    public void The_sentence_has_the_figures_that_a_person_asks_for()
    {
        var timeline = new Timeline([new(Story.Start, TimelineEventKind.StepBegan, 1, new Weight(500), 1)]);
        var look = new Look
        {
            At = Story.Start.AddSeconds(435), Generation = 1,
            Windows = [new EvidenceWindow
            {
                Gateway = "g1", From = Story.Start, To = Story.Start.AddSeconds(435), Weight = new Weight(500), Edges = [0.5],
                Stable = new() { Ok = 13_215, Model = 85, Timed = 13_215, AtMost = [13_215] }, Canary = new() { Ok = 682, Model = 18, Timed = 682, AtMost = [682] },
            }],
        };
        Assert.Equal(
            "Rolled back at 12:07:15: 18 failures in 700 canary requests against 85 in 13,300 stable ones of the same windows; ratio 4.0, allowed 1.1; evidence 2,487 : 1, needed 250 : 1.",
            Sentence.Of(Judge.Replay(Story.Opening, timeline, [look])));
    }

    [Fact]
    public void Every_judgement_of_every_kind_of_rollout_can_be_said()
    {
        Story[] stories =
        [
            new Story(Story.Opening).Until(60), new Story(Story.Opening) { Canary = new(Over500: 0.05, Over250: 0.1) }.Until(60), new Story(Story.Opening) { Canary = new(Errors: 0.9) }.Until(60),
            new Story(Story.Opening) { Canary = new(Errors: 0.05) }.Until(60), new Story(Story.Opening).Until(9).Until(60, Story.Unseen), new Story(Story.Opening, requestsPerSecond: 0.2).Until(200),
            new Story(Story.Opening with { Rule = AnalysisRule.Checks, Steps = [new(new Weight(1000), 900)] }).Until(60), new Story(Story.Opening with { Rule = AnalysisRule.None }).Until(3),
        ];
        var sentences = stories.SelectMany(story => story.Judgements).Select(Sentence.Of).ToArray();
        Assert.All(sentences, sentence => Assert.Matches(@"^[A-Z][^:]* at \d\d:\d\d:\d\d: .+\.$", sentence));
        Assert.All(sentences, sentence => Assert.DoesNotContain("NaN", sentence, StringComparison.Ordinal));
    }

    [Fact]
    public void The_forecast_of_a_plan_tells_minutes_and_bad_requests()
    {
        var forecast = Forecast.Of(Story.Opening, 20, 0.005);
        Assert.InRange(forecast.Minutes!.Value, 23, 32);
        Assert.Equal(5, forecast.Steps.Count);
        Assert.InRange(forecast.Steps[1].BadRequests, 15, 40); // 1.5 % at 5 %: about 22
        Assert.InRange(Forecast.Of(Story.Opening, 200, 0.005).Minutes!.Value, 23, 23.5);
        Assert.Null(Forecast.Of(Story.Opening, 0.05, 0.005).Minutes);
        Assert.NotNull(Forecast.Of(Story.Opening, 20, 0).Minutes);
        Assert.Throws<ArgumentOutOfRangeException>(() => Forecast.Of(Story.Opening, 0, 0.005));
    }

    [Fact]
    public void Classes_and_loads_are_shown_and_decide_nothing()
    {
        var loads = new ArmLoads(new(4, 4.75, 0.2, 0), new(1, 1, 1.5, 7));
        var story = new Story(Story.Opening).Until(60, look => look with
        {
            Classes = [new("a", 90, 10), new("b", 10, 90)], Loads = loads,
        });
        Assert.Equal(PromotionTier.A, story.Last.Tier);
        Assert.Equal(0.8, story.Last.Figures.ClassShift!.Value, 1e-12);
        Assert.Equal(loads, story.Last.Figures.Loads);
        Assert.Equal(
            ["replicas 1 4", "requests a second, each replica 1 4.8", "replicas' requests in work, of what they can 1.50 0.20", "requests waiting in queues 7 0", "distance of the classes predicted (0 to 1) 0.800 "],
            FigureLine.Of(story.Last.Figures, Story.Opening.Settings).TakeLast(5).Select(line => $"{line.Test} {line.Canary} {line.Stable}"));
    }

    [Fact]
    public void A_canary_that_is_slow_because_its_replicas_have_too_much_to_do_is_told_as_that()
    {
        var story = new Story(Story.Opening) { Canary = new(Over250: 0.089, Over500: 0.006) }.Until(60, look => look with { Loads = new(new(4, 4.75, 0.2, 0), new(1, 19, 1.5, 7)) });
        Assert.EndsWith(
            "; its replicas had 19 requests a second each and were busy at 1.50 of their capacity (7 requests waited), stable's 4.8 requests a second each and were busy at 0.20 of their capacity.",
            Sentence.Of(story.Last), StringComparison.Ordinal);
    }
}
