using System.Text.Json;
using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.CanaryJudge.Tests.Rounds;

/// <summary>One judge, from look to look.</summary>
public sealed class JudgeRoundTests : CourtRoom
{
    [Fact]
    public async Task A_good_canary_goes_from_step_to_step_and_is_promoted_with_a_proof()
    {
        await PrepareAsync(_court);
        await _court.LookUntilAsync(() => _court.Registry.Rollout.Step == 2, Stable, Good);
        await _court.LookUntilAsync(() => _court.Registry.Rollout.Step == 3, new(100), new(100));

        Assert.Equal([Verdict.Advance, Verdict.Advance], _court.Verdicts);
        Assert.All(_court.Registry.Verdicts, verdict => Assert.True(verdict.Accepted));
        var proof = _court.Registry.Verdicts[^1].Verdict;
        Assert.Equal(PromotionTier.A, proof.Figures!.Value.Deserialize(JudgingJson.Default.Judgement)!.Tier);
        Assert.Contains("proof of tier A", proof.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_canary_goes_back_with_figures_that_follow_from_the_log_and_its_requests_are_watched_until_they_stand_still()
    {
        await PrepareAsync(_court);
        await _court.LookUntilAsync(() => _court.Registry.Rollout.IsDecided, Stable, Bad, most: 10);

        var verdict = Assert.Single(_court.Registry.Verdicts).Verdict;
        Assert.Equal(Verdict.RollBack, verdict.Verdict);
        Assert.Contains("canary requests", verdict.Reason, StringComparison.Ordinal);
        RecordedFigures.AssertAreOf(verdict, _court.Log, _court.Registry.Events);

        await _court.LookAsync(Stable, Bad);
        await _court.LookAsync(Stable, new(3));
        Assert.DoesNotContain(_court.Logged, line => line.Contains("stand still", StringComparison.Ordinal));
        await _court.LookAsync(Stable);
        Assert.Contains(_court.Logged, line => line.Contains("stand still", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(40)]
    public async Task A_judge_that_is_restarted_before_every_look_comes_to_the_same(int okOfForty)
    {
        using var restarted = new Court();
        foreach (var (court, restarts) in new[] { (_court, false), (restarted, true) })
        {
            await PrepareAsync(court);
            for (var looks = 0; looks < 12 && !court.Registry.Rollout.IsDecided; looks++)
            {
                if (restarts)
                {
                    court.Restart();
                }

                await court.LookAsync(Stable, new(okOfForty, 40 - okOfForty));
            }
        }

        Assert.Equal(_court.Registry.Evidence.Select(entry => entry.GetRawText()), restarted.Registry.Evidence.Select(entry => entry.GetRawText()));
        Assert.Equal(Texts(_court), Texts(restarted));
        Assert.NotEmpty(Texts(_court));
    }

    [Fact]
    public async Task That_no_judge_ran_for_long_is_no_reason_to_go_back_as_soon_as_one_does()
    {
        await PrepareAsync(_court);
        await _court.LookAsync(new(40), new(10));
        _court.Time.Advance(TimeSpan.FromSeconds(300));
        _court.Restart(forgets: true);
        await _court.LookAsync(new(40), new(10));
        await _court.LookAsync(new(40), new(10));

        Assert.False(_court.Registry.Rollout.IsDecided);
        Assert.DoesNotContain(Verdict.RollBack, _court.Verdicts);
        Assert.Equal(5, (_court.Looks[^1].Windows[0].To - _court.Looks[^1].Windows[0].From).TotalSeconds);
    }

    [Fact]
    public async Task The_opening_is_the_first_entry_and_stables_windows_before_the_first_weight_are_kept()
    {
        await _court.LookAsync(Stable);
        await _court.LookAsync(Stable);
        await _court.LookAsync(Stable);

        Assert.NotNull(_court.Log[0].Opening);
        Assert.Equal([160, 160], _court.Looks.Select(look => Assert.Single(look.Windows).Stable.Ok));
        Assert.All(_court.Looks, look => Assert.Null(look.Blind));
        Assert.Empty(_court.Verdicts);
    }

    [Fact]
    public async Task What_somebody_else_wrote_in_between_is_read_and_nothing_is_counted_twice()
    {
        await PrepareAsync(_court);
        await _court.LookAsync(Stable, Good);
        var entries = _court.Registry.Evidence.Count;

        // Another judge's look at the same metrics, with a window that this one has not folded.
        var last = _court.Looks[^1];
        var other = last with { At = last.At.AddSeconds(5), Windows = [Assert.Single(last.Windows) with { From = last.Windows[0].To, To = last.Windows[0].To.AddSeconds(5) }] };
        _court.Registry.Append(JsonSerializer.SerializeToElement(new LogEntry(Look: other), JudgingJson.Default.LogEntry));
        await _court.LookAsync(Stable, Good);
        Assert.Equal(entries + 1, _court.Registry.Evidence.Count);

        await _court.LookAsync(Stable, Good);
        Assert.Equal(entries + 2, _court.Registry.Evidence.Count);
        AssertNothingTwice();
    }

    [Fact]
    public async Task An_append_whose_answer_was_lost_is_not_repeated()
    {
        await PrepareAsync(_court);
        await _court.LookAsync(Stable, Good);
        _court.Registry.After = request => Lose(request, "evidence");
        await _court.LookAsync(Stable, Good);
        _court.Registry.After = null;
        await _court.LookAsync(Stable, Good);

        AssertNothingTwice();
        Assert.Equal(_court.Looks.Count, _court.Looks.Select(look => look.At).Distinct().Count());
    }

    [Fact]
    public async Task A_verdict_that_comes_too_late_is_refused_and_not_repeated()
    {
        await PrepareAsync(_court);
        _court.Registry.Before = request =>
        {
            if (request.RequestUri!.AbsolutePath.EndsWith("/verdict", StringComparison.Ordinal))
            {
                _court.Registry.Before = null;
                _court.Registry.Happens("pause", rollout => rollout with { Phase = RolloutPhase.Paused, Pause = new(PauseKind.Person, _court.Time.GetUtcNow()) });
            }
        };
        await _court.LookUntilAsync(() => _court.Verdicts.Count > 0, Stable, Good);
        Assert.False(Assert.Single(_court.Registry.Verdicts).Accepted);

        for (var looks = 0; looks < 5; looks++)
        {
            await _court.LookAsync(Stable, Good);
        }

        Assert.Single(_court.Registry.Verdicts);

        // It goes on where it was, once somebody lets it.
        _court.Registry.Happens("resume", rollout => rollout with { Phase = RolloutPhase.Progressing, Pause = null, StepEntered = _court.Time.GetUtcNow() });
        await _court.LookUntilAsync(() => _court.Registry.Rollout.Step == 2, Stable, Good);
    }

    [Fact]
    public async Task A_verdict_whose_answer_was_lost_moves_the_rollout_once()
    {
        await PrepareAsync(_court);
        _court.Registry.After = request => Lose(request, "verdict");
        await _court.LookUntilAsync(() => _court.Registry.Rollout.Step == 2, Stable, Good);
        _court.Registry.After = null;
        await _court.LookAsync(Stable, Good);

        Assert.Equal(2, _court.Registry.Rollout.Step);
        Assert.Single(_court.Registry.Verdicts);
    }

    [Fact]
    public async Task Without_the_lease_nothing_is_written_and_with_it_work_begins()
    {
        _court.Registry.Holder = "another";
        await PrepareAsync(_court);
        await _court.LookAsync(Stable, Bad);
        Assert.Empty(_court.Registry.Evidence);

        _court.Registry.Holder = null;
        await _court.LookUntilAsync(() => _court.Registry.Rollout.IsDecided, Stable, Bad, most: 10);
    }

    [Fact]
    public async Task A_rollout_that_nobody_is_to_judge_is_left_alone()
    {
        using var court = new Court(AnalysisRule.None);
        await PrepareAsync(court);
        await court.LookAsync(Stable, Bad);

        Assert.Empty(court.Registry.Evidence);
        Assert.Empty(court.Verdicts);
    }

    [Fact]
    public async Task What_is_not_seen_holds_then_lowers_the_weight_then_ends_the_rollout()
    {
        using var court = new Court(AnalysisRule.Sequential, "g1", "g2");
        await PrepareAsync(court);
        await court.LookUntilAsync(() => court.Registry.Rollout.Step == 2, Stable, Good);
        court.Unreadable.Add("g2");
        var before = court.Verdicts.Count;

        await court.LookAsync(new(100), new(100));
        Assert.Equal(HoldKind.Blind, court.Registry.Rollout.Hold?.Kind);
        Assert.Contains("g2: it is down", court.Registry.Rollout.Hold!.Detail, StringComparison.Ordinal);
        await court.LookUntilAsync(() => court.Registry.Rollout.IsDecided, new(100), new(100));

        Assert.Equal([Verdict.Hold, Verdict.StepDown, Verdict.RollBack], court.Verdicts.Skip(before));
        Assert.Contains("nothing reliable was seen for 180 s", court.Registry.Rollout.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_seen_again_takes_back_the_hold()
    {
        var few = new Totals(10); // the step is not over
        await PrepareAsync(_court);
        await _court.LookAsync(new(40), few);
        _court.Unreadable.Add("g1");
        await _court.LookAsync(new(40), few);
        await _court.LookAsync(new(40), few);
        Assert.Equal(HoldKind.Blind, _court.Registry.Rollout.Hold?.Kind);

        _court.Unreadable.Clear();
        await _court.LookAsync(new(40), few);

        Assert.NotEqual(HoldKind.Blind, _court.Registry.Rollout.Hold?.Kind);
        Assert.Equal(15, (_court.Looks[^1].Windows[0].To - _court.Looks[^1].Windows[0].From).TotalSeconds); // nothing of it is lost
        Assert.Equal([Verdict.Hold, Verdict.Hold], _court.Verdicts);
    }

    [Fact]
    public async Task Without_any_gateway_the_judge_sees_nothing()
    {
        await PrepareAsync(_court);
        _court.Gateways = [];
        _court.Registry.Holder = null;
        await _court.LookUntilAsync(() => _court.Verdicts.Count > 0, Stable, Good);

        Assert.Equal(HoldKind.Blind, _court.Registry.Rollout.Hold?.Kind);
    }

    [Fact]
    public async Task A_step_is_not_left_before_every_gateway_routes_by_its_weight()
    {
        await PrepareAsync(_court);
        _court.ReportedWeight = 500;
        for (var looks = 0; looks < 15; looks++)
        {
            await _court.LookAsync(Stable, Good);
        }

        Assert.Empty(_court.Verdicts);
        Assert.Contains(_court.Logged, line => line.Contains("does not route by 20 % yet", StringComparison.Ordinal));
        _court.ReportedWeight = null;
        await _court.LookAsync(Stable, Good);
        Assert.Equal([Verdict.Advance], _court.Verdicts);
    }

    [Fact]
    public async Task A_judge_whose_clock_is_behind_does_not_leave_a_step_twice()
    {
        await PrepareAsync(_court);
        await _court.LookUntilAsync(() => _court.Verdicts.Count == 1, Stable, Good);

        // The Registry's clock is half a minute ahead: what it wrote of the next step lies in this judge's future.
        _court.Registry.Shift(TimeSpan.FromSeconds(30));
        await _court.LookAsync(Stable, Good);
        await _court.LookAsync(Stable, Good);

        Assert.Equal(2, _court.Registry.Rollout.Step);
        Assert.True(_court.Looks[^1].At >= _court.Registry.Events[^1].At);
    }

    private static IEnumerable<string> Texts(Court court) => court.Registry.Verdicts.Select(verdict => $"{verdict.Verdict.Reason} {verdict.Verdict.Figures}");

    private void AssertNothingTwice()
    {
        var windows = _court.Looks.SelectMany(look => look.Windows).ToArray();
        Assert.All(windows.Zip(windows.Skip(1)), pair => Assert.True(pair.First.To <= pair.Second.From));
    }
}
