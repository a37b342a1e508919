using System.Text.Json;
using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.CanaryJudge.Tests.Rounds;

public sealed class JudgeRoundTests : IDisposable
{
    private static readonly Totals Stable = new(Ok: 160, Failed: 0);
    private static readonly Totals Good = new(Ok: 40, Failed: 0);
    private static readonly Totals Bad = new(Ok: 30, Failed: 10);

    private readonly Court _court = new();

    public void Dispose() => _court.Dispose();

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

    [Fact]
    public async Task Requests_of_a_canary_that_do_not_stand_still_are_told()
    {
        await PrepareAsync(_court);
        await _court.LookUntilAsync(() => _court.Registry.Rollout.IsDecided, Stable, Bad, most: 10);

        for (var looks = 0; looks < 15; looks++)
        {
            await _court.LookAsync(Stable, new(1));
        }

        Assert.Single(_court.Logged, line => line.Contains("Do callers ask for it by its number?", StringComparison.Ordinal));
        Assert.DoesNotContain(_court.Logged, line => line.Contains("stand still", StringComparison.Ordinal));
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

    [Fact]
    public async Task Every_verdict_and_the_pre_flight_are_on_record_as_the_judgement_itself()
    {
        await PrepareAsync(_court);
        await _court.LookUntilAsync(() => _court.Registry.Rollout.Step == 2, Stable, Good);
        await _court.LookUntilAsync(() => _court.Registry.Rollout.IsDecided, new(100), new(80, Failed: 20));

        VerdictProposal[] all = [.. _court.Registry.Preflights, .. _court.Registry.Verdicts.Select(verdict => verdict.Verdict)];
        Assert.Equal([Verdict.Advance, Verdict.Advance, Verdict.RollBack], all.Select(verdict => verdict.Verdict));
        Assert.All(all, verdict => RecordedFigures.AssertAreOf(verdict, _court.Log, _court.Registry.Events));
    }

    [Fact]
    public async Task How_busy_the_replicas_were_is_in_the_record_of_the_verdict()
    {
        ReplicaView Replica(string id, int version, int inFlight) => new(
            new ReplicaStatus { Id = id, Pool = Pools.Stable, Address = "http://p", Device = "cpu", Versions = [new("wine", version, "sha256:1", VersionState.Ready)] }, inFlight, Capacity: 4, _court.Time.GetUtcNow());
        _court.Registry.Replicas = [Replica("s1", 1, 1), Replica("s2", 1, 2), Replica("c1", 2, 7), Replica("other", 3, 4)];
        await PrepareAsync(_court, stable: new(160, Slow: 4));
        await _court.LookUntilAsync(() => _court.Registry.Rollout.IsDecided, new(160, Slow: 4), new(40, Slow: 30));

        var loads = _court.Registry.Verdicts[^1].Verdict.Figures!.Value.Deserialize(JudgingJson.Default.Judgement)!.Figures.Loads!;
        Assert.Equal(new ArmLoad(2, 160 / 5.0 / 2, 3 / 8.0, 0), loads.Stable);
        Assert.Equal(new ArmLoad(1, 40 / 5.0, 7 / 4.0, 3), loads.Canary);
        Assert.Contains("busy at 1.75 of their capacity (3 requests waited), stable's 16 requests a second each", _court.Registry.Rollout.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_replicas_are_not_told_of_keeps_nobody_from_judging()
    {
        _court.Registry.Before = request => Lose(request, ApiPaths.Replicas, HttpMethod.Get);
        await PrepareAsync(_court);
        await _court.LookUntilAsync(() => _court.Registry.Rollout.IsDecided, Stable, Bad);

        Assert.All(_court.Looks, look => Assert.Null(look.Loads));
    }

    [Fact]
    public async Task No_share_is_given_to_a_version_whose_gateways_are_not_all_seen()
    {
        using var court = new Court(AnalysisRule.Sequential, "g1", "g2");
        court.Unreadable.Add("g2");
        for (var looks = 0; looks < 10; looks++)
        {
            await court.LookAsync(Stable);
        }

        var hold = Assert.Single(court.Registry.Preflights);
        Assert.Equal((Verdict.Hold, HoldKind.Blind), (hold.Verdict, hold.Hold));
        Assert.Contains("Not begun at 00:00:40: nothing reliable was seen for", hold.Reason, StringComparison.Ordinal);
        Assert.Contains("gateway g2: it is down", hold.Reason, StringComparison.Ordinal);

        court.Unreadable.Clear();
        await court.LookAsync(Stable);
        Assert.True(court.Registry.Rollout.IsCleared);
        Assert.Contains("every gateway shows both versions, the latency limit is an edge, 0.0 % of stable's requests failed lately", court.Registry.Rollout.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nor_while_stable_is_sick_and_what_was_cleared_is_not_when_it_falls_sick_before_the_first_share()
    {
        await _court.LookAsync(Stable);
        await _court.LookAsync(Stable);
        Assert.True(_court.Registry.Rollout.IsCleared);

        await _court.LookAsync(new(100, Failed: 60));
        Assert.Equal((HoldKind.StableSick, false), (_court.Registry.Rollout.Hold?.Kind, _court.Registry.Rollout.IsCleared));
        await _court.LookAsync(new(100, Failed: 60));
        Assert.Equal(2, _court.Registry.Preflights.Count); // said once

        for (var looks = 0; looks < 6; looks++)
        {
            await _court.LookAsync(Stable); // until it was well for half a minute
        }

        Assert.True(_court.Registry.Rollout.IsCleared);
    }

    [Fact]
    public async Task Nor_where_the_limit_on_latency_is_no_edge()
    {
        _court.Registry.Happens("start", rollout => rollout with { Plan = rollout.Plan with { Analysis = new(MaxLatencySeconds: 0.3) } });
        await _court.LookAsync(Stable);
        await _court.LookAsync(Stable);

        Assert.Contains("the latency limit is no edge of the gateways' histograms", Assert.Single(_court.Registry.Preflights).Reason, StringComparison.Ordinal);
        Assert.False(_court.Registry.Rollout.IsCleared);
    }

    [Fact]
    public async Task A_limit_on_different_answers_rolls_back_by_what_the_mirror_compared()
    {
        _court.Registry.Happens("start", rollout => rollout with { Plan = rollout.Plan with { MirrorShare = new Weight(1000), Analysis = new(MaxDisagreement: 0.05) } });
        _court.Mirrored = new(Agree: 30, Disagree: 10);
        await PrepareAsync(_court);
        await _court.LookUntilAsync(() => _court.Registry.Rollout.IsDecided, Stable, Good);

        var judgement = _court.Registry.Verdicts[^1].Verdict.Figures!.Value.Deserialize(JudgingJson.Default.Judgement)!;
        Assert.Equal((Verdict.RollBack, JudgementReason.Disagreement), (judgement.Verdict, judgement.Reason));
        Assert.Equal(0.25, (double)judgement.Figures.Disagreement!.CanaryHits / judgement.Figures.Disagreement.Canary);
        Assert.Contains("different answers", _court.Registry.Rollout.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_that_limit_different_answers_decide_nothing()
    {
        _court.Mirrored = new(Agree: 30, Disagree: 10);
        await PrepareAsync(_court);
        await _court.LookUntilAsync(() => _court.Registry.Rollout.Step == 2, Stable, Good);
        Assert.Contains(_court.Looks, look => look.Windows.Any(window => window.Mirror == new MirrorCounts(30, 10)));
    }

    [Theory]
    [InlineData("a restart")]
    [InlineData("a lost answer")]
    [InlineData("a lease that another had")]
    public async Task Whether_a_canarys_requests_stand_still_is_found_out_in_spite_of(string what)
    {
        await PrepareAsync(_court);
        await _court.LookUntilAsync(() => _court.Registry.Rollout.IsDecided, Stable, Bad, most: 10);
        switch (what)
        {
            case "a restart":
                _court.Restart();
                break;
            case "a lost answer":
                _court.Registry.Before = request => Lose(request, FakeRegistry.Id, HttpMethod.Get);
                break;
            default:
                _court.Registry.Holder = "another";
                break;
        }

        await _court.LookAsync(Stable, Bad);
        await _court.LookAsync(Stable);
        Assert.Equal(what == "a restart", _court.Logged.Any(line => line.Contains("stand still", StringComparison.Ordinal)));
        (_court.Registry.Before, _court.Registry.Holder) = (null, what == "a lost answer" ? _court.Registry.Holder : null);
        await _court.LookAsync(Stable);
        await _court.LookAsync(Stable);
        Assert.Single(_court.Logged, line => line.Contains("stand still", StringComparison.Ordinal));
    }

    [Fact]
    public async Task That_of_a_rollback_of_long_ago_is_not_asked_any_more()
    {
        await PrepareAsync(_court);
        await _court.LookUntilAsync(() => _court.Registry.Rollout.IsDecided, Stable, Bad, most: 10);
        _court.Time.Advance(TimeSpan.FromHours(1));
        _court.Restart();
        await _court.LookAsync(Stable);
        await _court.LookAsync(Stable);

        Assert.DoesNotContain(_court.Logged, line => line.Contains("stand still", StringComparison.Ordinal));
    }

    private static async Task PrepareAsync(Court court, Totals? stable = null)
    {
        await court.LookAsync(stable ?? Stable);
        await court.LookAsync(stable ?? Stable);
        court.Registry.Begins(0);
        await court.LookAsync(stable ?? Stable, Good);
        await court.LookAsync(stable ?? Stable, Good);
        court.Registry.Begins(1);
    }

    private static IEnumerable<string> Texts(Court court) => court.Registry.Verdicts.Select(verdict => $"{verdict.Verdict.Reason} {verdict.Verdict.Figures}");

    private static void Lose(HttpRequestMessage request, string what, HttpMethod? method = null)
    {
        if (request.Method == (method ?? HttpMethod.Post) && request.RequestUri!.AbsolutePath.EndsWith(what, StringComparison.Ordinal))
        {
            throw new HttpRequestException("the connection broke");
        }
    }

    private void AssertNothingTwice()
    {
        var windows = _court.Looks.SelectMany(look => look.Windows).ToArray();
        Assert.All(windows.Zip(windows.Skip(1)), pair => Assert.True(pair.First.To <= pair.Second.From));
    }
}
