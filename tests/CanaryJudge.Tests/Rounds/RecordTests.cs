using System.Text.Json;
using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.CanaryJudge.Tests.Rounds;

/// <summary>What is on record with a verdict.</summary>
public sealed class RecordTests : CourtRoom
{
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
}
