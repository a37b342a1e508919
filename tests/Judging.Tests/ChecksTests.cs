using Sluice.Contracts;

namespace Sluice.Judging.Tests;

/// <summary>The rule <c>checks</c>.</summary>
public sealed class ChecksTests
{
    private static readonly Opening Fixed = Story.Opening with { Rule = AnalysisRule.Checks, Steps = [new(new Weight(1000), HoldSeconds: 900)] };

    [Fact]
    public void Fifteen_checks_of_a_minute_promote()
    {
        var story = new Story(Fixed, requestsPerSecond: 200).Until(60);
        Assert.Equal(Verdict.Advance, story.Last.Verdict);
        Assert.Equal(15, story.Minutes, 0.01);
        Assert.Equal(new CheckCounts(15, 0, 0), story.Last.Figures.Checks);
    }

    [Fact]
    public void A_second_failed_check_of_fifteen_is_one_too_many()
    {
        var story = new Story(Fixed, requestsPerSecond: 200) { Canary = new(Errors: 0.03) }.Until(60);
        Assert.Equal((Verdict.RollBack, JudgementReason.ChecksFailed), (story.Last.Verdict, story.Last.Reason));
        Assert.Equal(2, story.Last.Figures.Checks!.Failed);
        Assert.Equal(JudgementReason.ChecksFailed, new Story(Fixed, requestsPerSecond: 200) { Canary = new(Over250: 0.1, Over500: 0.02) }.Until(60).Last.Reason);
    }

    [Fact]
    public void More_than_three_times_the_limit_goes_back_at_the_first_check()
    {
        var story = new Story(Fixed, requestsPerSecond: 200) { Canary = new(Errors: 0.09) }.Until(60);
        Assert.Equal((Verdict.RollBack, JudgementReason.Catastrophic), (story.Last.Verdict, story.Last.Reason));
        Assert.InRange(story.Minutes, 1, 1.01);
    }

    [Fact]
    public void No_data_is_no_pass()
    {
        var blind = new Story(Fixed, requestsPerSecond: 200).Until(2).Until(60, Story.Unseen);
        Assert.Equal((Verdict.RollBack, JudgementReason.Blind), (blind.Last.Verdict, blind.Last.Reason));
        var silent = new Story(Fixed, requestsPerSecond: 0).Until(40);
        Assert.Equal((Verdict.Hold, 0), (silent.Last.Verdict, silent.Last.Figures.Checks!.Passed));
        var gap = new Story(Fixed, requestsPerSecond: 200).Until(2).Until(5, Story.Unseen).Until(60);
        Assert.Equal(Verdict.Advance, gap.Last.Verdict);
        Assert.True(gap.Last.Figures.Checks!.Empty > 0 && gap.Minutes > 16);
    }

    [Fact]
    public void Few_requests_are_not_enough_however_many_checks_passed()
    {
        var story = new Story(Fixed with { Settings = new(MinRequests: 100_000) }, requestsPerSecond: 200).Until(30);
        Assert.Equal((Verdict.Hold, JudgementReason.ProofMissing), (story.Last.Verdict, story.Last.Reason));
    }

    [Fact]
    public void Several_steps_share_the_checks()
    {
        var story = new Story(Fixed with { Steps = Story.Production }, requestsPerSecond: 400).Until(60);
        Assert.Equal(Verdict.Advance, story.Last.Verdict);
        Assert.InRange(story.StepMinutes(2), 2 + 4, 2 + 4.3); // a quarter of fifteen, rounded up
    }
}
