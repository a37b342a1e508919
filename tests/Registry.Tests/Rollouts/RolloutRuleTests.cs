using Sluice.Contracts;
using Sluice.Registry.Rollouts;

namespace Sluice.Registry.Tests.Rollouts;

/// <summary>The phases of a rollout, one rule at a time.</summary>
public sealed class RolloutRuleTests
{
    private static readonly RolloutPlan Plan = new()
    {
        Steps = [new(new Weight(500), 10, WarmUp: true), new(new Weight(500)), new(new Weight(5000), 30)],
        PrepareTimeoutSeconds = 60,
        PromoteTimeoutSeconds = 60,
        KeepPreviousSeconds = 100,
        MaxStepAgeSeconds = 600,
    };

    [Fact]
    public void A_good_version_goes_through_every_step_and_is_promoted_by_a_change_of_label()
    {
        var world = Begin();
        Assert.Equal((RolloutPhase.Preparing, Weight.None), (world.Rollout.Phase, world.Serving.CanaryWeight));
        Assert.Equal([new(Pools.Stable, 1), new(Pools.Canary, 2)], world.Serving.Assignments);

        ReachStep(world, 1);
        Assert.Equal((1, 500), (world.Rollout.Step, world.Serving.CanaryWeight.BasisPoints));
        Assert.Null(world.Judge(Verdict.Advance));
        world.Tick();
        Assert.Equal((2, 5000), (world.Rollout.Step, world.Serving.CanaryWeight.BasisPoints));

        Assert.Contains("lasts until", world.Judge(Verdict.Advance)!.Reason, StringComparison.Ordinal);
        world.Pass(30);
        Assert.Null(world.Judge(Verdict.Advance));
        Assert.Equal((RolloutPhase.Promoting, 5000), (world.Rollout.Phase, world.Serving.CanaryWeight.BasisPoints));
        world.Tick();
        Assert.Equal((RolloutPhase.Promoting, 1), (world.Rollout.Phase, world.Serving.Stable));

        world.SettleAll();
        world.Tick();
        Assert.Equal(RolloutPhase.Promoted, world.Rollout.Phase);
        Assert.Equal((2, null, 1, 0), (world.Serving.Stable, world.Serving.Canary, world.Serving.Previous, world.Serving.CanaryWeight.BasisPoints));
        Assert.Equal([new(Pools.Stable, 2), new(Pools.Stable, 1)], world.Serving.Assignments);
        Assert.Equal(world.Rollout.Id, world.Serving.Rollout);
        Assert.False(world.Rollout.IsClosed);

        world.Pass(100);
        world.Tick();
        Assert.Equal((null, null), (world.Serving.Previous, world.Serving.Rollout));
        Assert.Equal([new PoolAssignment(Pools.Stable, 2)], world.Serving.Assignments);
        Assert.True(world.Rollout.IsClosed);
    }

    [Theory]
    [InlineData(StepGate.None)]
    [InlineData(StepGate.Approval)]
    public void Stables_traffic_is_mirrored_from_when_the_canary_is_ready_until_there_is_a_verdict(StepGate gate)
    {
        var world = Begin(Plan with { Steps = [new(new Weight(500), Gate: gate)], MirrorShare = new Weight(300) });
        Assert.Equal(Weight.None, world.Serving.MirrorShare);

        world.Settle("c1");
        world.Tick();
        Assert.Equal(300, world.Serving.MirrorShare.BasisPoints);
        var generation = world.Serving.Generation;
        Assert.Equal(gate == StepGate.None ? 500 : 0, world.Serving.CanaryWeight.BasisPoints); // it waits for no step

        world.Order(RolloutOrders.Promote);
        Assert.Equal((RolloutPhase.Promoting, 300), (world.Rollout.Phase, world.Serving.MirrorShare.BasisPoints));
        Assert.True(world.Serving.Generation > generation);
        world.SettleAll();
        world.Tick();
        Assert.Equal((RolloutPhase.Promoted, Weight.None), (world.Rollout.Phase, world.Serving.MirrorShare));

        var other = Begin(Plan with { MirrorShare = Weight.All });
        ReachStep(other, 1);
        Assert.Equal(Weight.All, other.Serving.MirrorShare);
        other.Judge(Verdict.RollBack);
        Assert.Equal((RolloutPhase.RolledBack, Weight.None), (other.Rollout.Phase, other.Serving.MirrorShare));
    }

    [Fact]
    public void A_version_that_no_canary_replica_loads_is_rolled_back_with_the_loaders_words()
    {
        var world = Begin();
        world.Settle("c1", VersionState.Failed);

        world.Tick();

        AssertRolledBack(world, "out of memory");
    }

    [Fact]
    public void A_version_that_is_not_ready_in_time_is_rolled_back()
    {
        var world = Begin();
        world.Settle("c1", VersionState.Loading);
        world.Pass(59);
        world.Tick();
        Assert.Equal(RolloutPhase.Preparing, world.Rollout.Phase);

        world.Pass(1);
        world.Tick();

        AssertRolledBack(world, "not ready on the canary replicas within 60 s");
    }

    [Fact]
    public void A_pool_without_replicas_is_named()
    {
        var world = Begin();
        world.RemoveReplica("c1");
        world.Pass(60);

        world.Tick();

        AssertRolledBack(world, "no canary replica");
    }

    [Fact]
    public void A_replica_that_got_ready_while_the_Registry_was_away_is_not_too_late()
    {
        var world = Begin();
        world.SettleAll();
        world.Pass(3600);

        world.Tick();

        Assert.Equal(RolloutPhase.Progressing, world.Rollout.Phase);
    }

    [Fact]
    public void While_a_judge_is_at_work_no_share_is_given_before_its_pre_flight_is_passed()
    {
        var world = Begin();
        world.HasJudge = true;
        world.SettleAll();
        world.Tick();
        Assert.Equal((RolloutPhase.Preparing, Weight.None), (world.Rollout.Phase, world.Rollout.Weight));

        Assert.Null(world.Judge(Verdict.Hold, HoldKind.Blind));
        Assert.Equal(HoldKind.Blind, world.Rollout.Hold!.Kind);
        Assert.Null(world.Judge(Verdict.Advance));
        Assert.True(world.Rollout is { IsCleared: true, Hold: null });
        Assert.Null(world.Judge(Verdict.Hold, HoldKind.StableSick)); // it fell sick before the first share
        world.Tick();
        Assert.Equal((RolloutPhase.Preparing, false), (world.Rollout.Phase, world.Rollout.IsCleared));

        var generation = world.Rollout.Generation;
        world.Judge(Verdict.Hold, HoldKind.StableSick);
        Assert.Equal(generation, world.Rollout.Generation); // the same again is no change
        world.Judge(Verdict.Advance);
        world.Judge(Verdict.Advance);
        Assert.Equal(generation + 1, world.Rollout.Generation);
        world.Tick();
        Assert.Equal(RolloutPhase.Progressing, world.Rollout.Phase);
        Assert.True(world.Rollout.Weight > Weight.None);
    }

    [Fact]
    public void A_pre_flight_that_is_not_passed_in_time_ends_the_rollout_with_the_judges_words()
    {
        var world = Begin();
        world.HasJudge = true;
        world.SettleAll();
        world.Judge(Verdict.Hold, HoldKind.Blind);
        world.Pass(59);
        world.Tick();
        Assert.Equal(RolloutPhase.Preparing, world.Rollout.Phase);

        world.Pass(1);
        world.Tick();

        AssertRolledBack(world, "the judge's pre-flight was not passed within 60 s. a judge says so");
    }

    [Theory]
    [InlineData(false, AnalysisRule.Sequential)] // nobody is there to be asked
    [InlineData(true, AnalysisRule.None)] // nobody is to judge
    public void Without_a_judge_there_is_no_pre_flight(bool hasJudge, AnalysisRule rule)
    {
        var world = Begin(Plan with { Analysis = new(rule) });
        world.HasJudge = hasJudge;
        world.SettleAll();

        world.Tick();

        Assert.Equal(RolloutPhase.Progressing, world.Rollout.Phase);
    }

    [Fact]
    public void Capacity_comes_before_weight_first_by_widening()
    {
        var world = Begin();
        ReachStep(world, 1);
        world.Peak = 12; // half of it are 6 at once, the canary replica can work on 4
        world.Judge(Verdict.Advance);

        world.Tick();
        Assert.True(world.Rollout.IsWidened);
        Assert.Contains(new PoolAssignment(Pools.Stable, 2), world.Serving.Assignments);
        Assert.Equal((2, 500, HoldKind.Capacity), (world.Rollout.Step, world.Serving.CanaryWeight.BasisPoints, world.Rollout.Hold!.Kind));

        world.Settle("s1");
        world.Tick();
        Assert.Equal((5000, null), (world.Serving.CanaryWeight.BasisPoints, world.Rollout.Hold));
    }

    [Fact]
    public void When_replicas_are_lost_the_share_falls_and_the_step_begins_again()
    {
        var world = Begin();
        world.AddReplica("c2", Pools.Canary, 4);
        ReachStep(world, 1);
        world.Peak = 10;
        world.Judge(Verdict.Advance);
        world.Tick();
        Assert.Equal(5000, world.Serving.CanaryWeight.BasisPoints);

        world.RemoveReplica("c2");
        world.Tick();
        Assert.Equal((500, 2, null), (world.Serving.CanaryWeight.BasisPoints, world.Rollout.Step, world.Rollout.StepSince));

        world.RemoveReplica("c1");
        world.Tick();
        Assert.Equal(0, world.Serving.CanaryWeight.BasisPoints);

        world.AddReplica("c1", Pools.Canary, 8);
        world.Settle("c1");
        world.Tick();
        Assert.Equal((5000, world.Now), (world.Serving.CanaryWeight.BasisPoints, world.Rollout.StepSince));
    }

    [Fact]
    public void While_reports_are_missing_nothing_is_concluded_from_them()
    {
        var world = Begin();
        ReachStep(world, 1);
        world.Peak = null;
        world.Judge(Verdict.Advance);
        var before = world.Rollout;

        world.Tick();

        Assert.Equal(before, world.Rollout);
    }

    [Fact]
    public void A_version_that_fails_on_every_replica_later_is_rolled_back()
    {
        var world = Begin();
        ReachStep(world, 1);
        world.Settle("c1", VersionState.Failed);

        world.Tick();

        AssertRolledBack(world, "out of memory");
    }

    [Fact]
    public void A_step_without_a_verdict_becomes_inconclusive_and_can_be_taken_up_again()
    {
        var world = Begin();
        ReachStep(world, 1);
        world.Pass(600);

        world.Tick();

        Assert.Equal((RolloutPhase.Paused, PauseKind.Inconclusive, 500), (world.Rollout.Phase, world.Rollout.Pause!.Kind, world.Serving.CanaryWeight.BasisPoints));
        Assert.Null(world.Order(RolloutOrders.Resume));
        world.Tick();
        Assert.Equal((RolloutPhase.Progressing, 1), (world.Rollout.Phase, world.Rollout.Step));
    }

    [Fact]
    public void A_judge_that_is_blind_takes_the_share_down_to_the_first_weight_and_keeps_the_step()
    {
        var world = Begin();
        ReachStep(world, 1);
        world.Judge(Verdict.Advance);
        world.Tick();
        Assert.Equal(5000, world.Serving.CanaryWeight.BasisPoints);

        world.Judge(Verdict.StepDown);
        world.Tick();
        Assert.Equal((500, 2, HoldKind.Blind), (world.Serving.CanaryWeight.BasisPoints, world.Rollout.Step, world.Rollout.Hold!.Kind));
        var generation = world.Rollout.Generation;
        world.Judge(Verdict.StepDown);
        Assert.Equal(generation, world.Rollout.Generation); // said once

        world.Judge(Verdict.Hold, HoldKind.Evidence);
        world.Tick();
        Assert.Equal(5000, world.Serving.CanaryWeight.BasisPoints);
    }

    [Theory]
    [InlineData(StepGate.Approval, PauseKind.Approval)]
    [InlineData(StepGate.Webhook, PauseKind.Webhook)]
    public void A_gate_is_asked_before_its_step_begins(StepGate gate, PauseKind pause)
    {
        var world = Begin(Plan with { Steps = [new(new Weight(500)), new(new Weight(5000), Gate: gate)], Webhook = new Uri("https://w.example/") });
        world.SettleAll();
        world.Tick();
        world.Judge(Verdict.Advance);
        world.Tick();

        Assert.Equal((RolloutPhase.Paused, pause, 1), (world.Rollout.Phase, world.Rollout.Pause!.Kind, world.Rollout.Pause.ForStep));
        Assert.Equal(500, world.Serving.CanaryWeight.BasisPoints);
        Assert.NotNull(world.Order(RolloutOrders.Resume));
        Assert.Null(world.Order(RolloutOrders.Approve));
        world.Tick();
        Assert.Equal((RolloutPhase.Progressing, 5000), (world.Rollout.Phase, world.Serving.CanaryWeight.BasisPoints));
    }

    [Fact]
    public void A_gate_of_the_promotion_is_asked_before_it()
    {
        var world = Begin(Plan with { Steps = [new(new Weight(500))], PromotionGate = StepGate.Approval });
        world.SettleAll();
        world.Tick();
        world.Judge(Verdict.Advance);
        world.SettleAll();
        world.Tick();
        Assert.Equal((RolloutPhase.Paused, 1), (world.Rollout.Phase, world.Rollout.Pause!.ForStep));

        world.Order(RolloutOrders.Approve);
        world.SettleAll();
        world.Tick();

        Assert.Equal(RolloutPhase.Promoted, world.Rollout.Phase);
    }

    [Fact]
    public void A_stable_pool_that_cannot_hold_both_versions_ends_in_a_rollback()
    {
        var world = Begin();
        ReachStep(world, 1);
        world.Order(RolloutOrders.Promote);
        world.Settle("s1");
        world.Settle("s2", VersionState.Failed);
        world.Pass(60);

        world.Tick();

        AssertRolledBack(world, "1 of 2 replicas");
    }

    [Fact]
    public void A_promotion_can_be_taken_back_while_the_former_version_is_kept_and_not_afterwards()
    {
        var world = Promoted();
        Assert.Null(world.Order(RolloutOrders.RollBack));
        AssertRolledBack(world, "a test orders it");

        world = Promoted();
        world.Pass(100);
        world.Tick();
        Assert.Contains("not kept any more", world.Order(RolloutOrders.RollBack)!.Reason, StringComparison.Ordinal);
        Assert.Equal(2, world.Serving.Stable);
    }

    [Fact]
    public void Without_a_judge_steps_end_by_time()
    {
        var world = Begin(Plan with { Analysis = new(AnalysisRule.None) });
        world.SettleAll();
        for (var i = 0; i < 10 && world.Rollout.Phase != RolloutPhase.Promoted; i++)
        {
            world.Tick();
            world.Pass(30);
            world.SettleAll();
        }

        Assert.Equal((RolloutPhase.Promoted, 2), (world.Rollout.Phase, world.Serving.Stable));
    }

    [Fact]
    public void What_a_phase_does_not_allow_is_refused_and_changes_nothing()
    {
        var world = Begin();
        AssertRefuses(world, RolloutOrders.Pause, RolloutOrders.Resume, RolloutOrders.Approve, RolloutOrders.Promote);
        AssertRefuses(world, Judging(Verdict.StepDown), Judging(Verdict.RollBack), Judging(Verdict.Inconclusive));

        world.Order(RolloutOrders.RollBack);
        AssertRefuses(
            world, RolloutOrders.Pause, RolloutOrders.Resume, RolloutOrders.Approve, RolloutOrders.Promote, RolloutOrders.RollBack, Judging(Verdict.Advance), Judging(Verdict.RollBack));

        static Func<RolloutState, Cause, CommandOutcome> Judging(Verdict verdict) =>
            (state, cause) => RolloutOrders.Judge(state, new VerdictProposal { Generation = state.Rollout.Generation, Verdict = verdict, Reason = "r" }, cause);
    }

    private static RolloutWorld Begin(RolloutPlan? plan = null)
    {
        var world = new RolloutWorld();
        world.Begin(2, plan ?? Plan);
        return world;
    }

    // Through the warm-up.
    private static void ReachStep(RolloutWorld world, int step)
    {
        world.SettleAll();
        world.Tick();
        world.Pass(10);
        world.Tick();
        Assert.Equal(step, world.Rollout.Step);
        Assert.NotNull(world.Rollout.StepSince);
    }

    private static RolloutWorld Promoted()
    {
        var world = Begin();
        ReachStep(world, 1);
        world.Order(RolloutOrders.Promote);
        world.SettleAll();
        world.Tick();
        Assert.Equal(RolloutPhase.Promoted, world.Rollout.Phase);
        return world;
    }

    private static void AssertRolledBack(RolloutWorld world, string words)
    {
        Assert.Equal(RolloutPhase.RolledBack, world.Rollout.Phase);
        Assert.Contains(words, world.Rollout.Reason, StringComparison.Ordinal);
        Assert.Equal((1, null, 0, null), (world.Serving.Stable, world.Serving.Canary, world.Serving.CanaryWeight.BasisPoints, world.Serving.Rollout));
        Assert.Equal([new PoolAssignment(Pools.Stable, 1)], world.Serving.Assignments);
    }

    private static void AssertRefuses(RolloutWorld world, params Func<RolloutState, Cause, CommandOutcome>[] rules)
    {
        var before = world.State;
        foreach (var rule in rules)
        {
            Assert.NotNull(world.Order(rule));
            Assert.Same(before, world.State);
        }
    }
}
