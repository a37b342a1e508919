using FsCheck;
using FsCheck.Fluent;
using Sluice.Contracts;

namespace Sluice.Judging.Tests;

/// <summary>What is not seen.</summary>
public sealed class BlindTests
{
    [Fact]
    public void An_outage_holds_then_steps_down_then_rolls_back()
    {
        var story = new Story(Story.Opening).Until(7);
        Assert.True(story.Last.Step > 1);
        var since = story.Minutes;
        story.Until(since + 4.7, Story.Unseen);
        Assert.All(story.Judgements.TakeLast(10), item => Assert.Equal((Verdict.Hold, JudgementReason.Blind, HoldKind.Blind), (item.Verdict, item.Reason, item.Hold)));
        story.Until(since + 14.9, Story.Unseen);
        Assert.Contains(story.Judgements, item => item.Verdict == Verdict.StepDown);
        story.Until(60, Story.Unseen);
        Assert.Equal((Verdict.RollBack, JudgementReason.Blind), (story.Last.Verdict, story.Last.Reason));
        Assert.InRange(story.Minutes - since, 14.9, 15.3);
    }

    [Theory]
    [InlineData(BlindEnd.Inconclusive, Verdict.Inconclusive)]
    [InlineData(BlindEnd.Hold, Verdict.StepDown)]
    public void What_a_long_outage_ends_with_is_a_setting(BlindEnd setting, Verdict expected) =>
        Assert.Equal(expected, new Story(StoryTests.WithSettings(new() { WhenBlind = setting })).Until(7).Until(25, Story.Unseen).Last.Verdict);

    [Fact]
    public void After_a_short_outage_the_step_begins_again_and_what_happened_meanwhile_counts()
    {
        var story = new Story(Story.Opening).Until(5).Until(11, Story.Unseen);
        Assert.Contains(story.Judgements, item => item.Verdict == Verdict.StepDown);
        Assert.Equal(PromotionTier.A, story.Until(60).Last.Tier);
    }

    [Fact]
    public void A_missing_gateway_is_blindness_although_the_others_are_seen()
    {
        var story = new Story(Story.Opening).Until(30, look => look with { Blind = new(look.At.AddSeconds(-15), look.At, "gateway g2 was not scraped") });
        Assert.Equal((Verdict.RollBack, JudgementReason.Blind), (story.Last.Verdict, story.Last.Reason));
        Assert.DoesNotContain(story.Judgements, item => item.Verdict == Verdict.Advance);
    }

    [Fact]
    public void Looks_without_new_windows_are_stale_though_nobody_says_so()
    {
        var story = new Story(Story.Opening).Until(7);
        story.Until(8, look => look with { Windows = [] });
        Assert.Equal(JudgementReason.Blind, story.Last.Reason);
    }

    [Fact]
    public void No_look_that_misses_something_ever_advances_whatever_the_order_of_sight_and_blindness()
    {
        var stories = Gen.Choose(0, 3).ListOf(120);
        Prop.ForAll(stories.ToArbitrary(), pattern =>
        {
            var story = new Story(Story.Opening, seed: pattern.Sum(), requestsPerSecond: 60);
            foreach (var sight in pattern)
            {
                story.Play(sight switch { 0 => Story.Unseen, 1 => look => look with { Blind = new(look.At, look.At, "g2") }, _ => look => look });
                if (sight < 2 && story.Last.Verdict == Verdict.Advance)
                {
                    return false;
                }

                if (story.IsOver)
                {
                    break;
                }
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") == "1" ? 1000 : 40));
    }
}
