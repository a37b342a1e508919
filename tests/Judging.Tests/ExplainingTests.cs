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
        var story = new Story(Story.Opening).Until(60, look => look with
        {
            Classes = [new("a", 90, 10), new("b", 10, 90)], Windows = [.. look.Windows.Select(window => window with { Loads = new(0.2, 1.5) })],
        });
        Assert.Equal(PromotionTier.A, story.Last.Tier);
        Assert.Equal(0.8, story.Last.Figures.ClassShift!.Value, 1e-12);
        Assert.Equal(new ArmLoads(0.2, 1.5), story.Last.Figures.Loads);
    }
}
