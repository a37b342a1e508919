using FsCheck;
using FsCheck.Fluent;
using Sluice.Contracts;
using Sluice.Registry.Rollouts;

namespace Sluice.Registry.Tests.Rollouts;

/// <summary>Whatever happens in whatever order, some things hold. FsCheck looks for an order in which they do not.</summary>
public sealed class RolloutModelTests
{
    private static readonly string[] Names = ["s1", "s2", "s3", "c1", "c2"];

    private static readonly RolloutPlan[] Plans =
    [
        RolloutPlans.Find(RolloutPlans.Production)!,
        RolloutPlans.Find(RolloutPlans.Development)! with { KeepPreviousSeconds = 0 },
        new()
        {
            Steps = [new(new Weight(100)), new(new Weight(2500), Gate: StepGate.Approval), new(new Weight(2500), 20, Gate: StepGate.Webhook), new(Weight.All)],
            PromotionGate = StepGate.Approval, PrepareTimeoutSeconds = 100, PromoteTimeoutSeconds = 100, KeepPreviousSeconds = 50, MaxStepAgeSeconds = 300,
            MirrorShare = new Weight(1000),
            Webhook = new Uri("https://w.example/"), Analysis = new(AnalysisRule.None),
        },
    ];

    /// <summary>One thing that happens; what the two numbers mean, depends on the kind.</summary>
    private sealed record Happening(Kind Kind, int Which, int Much);

    private enum Kind
    {
        Pass, Tick, Settle, SettleAll, Fail, Lose, Come, Traffic, Silence, Pause, Resume, Approve, Promote, RollBack, Advance, Hold, StepDown, BadVerdict, Inconclusive, Stale, Restart, JudgeComes, JudgeGoes,
    }

    [Fact]
    public void No_order_of_events_breaks_the_laws()
    {
        var happening =
            from kind in Gen.Frequency((8, Gen.Constant(Kind.Tick)), (4, Gen.Constant(Kind.Settle)), (3, Gen.Constant(Kind.Advance)), (12, Gen.Elements(Enum.GetValues<Kind>())))
            from which in Gen.Choose(0, 99)
            from much in Gen.Choose(0, 400)
            select new Happening(kind, which, much);
        var stories = from plan in Gen.Choose(0, Plans.Length - 1) from events in happening.ListOf(60) select (plan, events);
        var ends = new Dictionary<RolloutPhase, int>();

        Prop.ForAll(stories.ToArbitrary(), story => Tell(story.plan, story.events, ends))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

        // Otherwise the stories were too short to prove anything.
        Assert.All(Enum.GetValues<RolloutPhase>(), phase => Assert.True(ends.GetValueOrDefault(phase) > 20, $"{phase} was reached {ends.GetValueOrDefault(phase)} times"));
    }

    private static void Tell(int plan, IEnumerable<Happening> story, Dictionary<RolloutPhase, int> ends)
    {
        var world = new RolloutWorld { Changed = AssertLawful };
        world.Begin(2, Plans[plan]);
        foreach (var happening in story)
        {
            if (world.Rollout.IsClosed)
            {
                ends[world.Rollout.Phase] = ends.GetValueOrDefault(world.Rollout.Phase) + 1;
                world.Begin(world.Serving.Stable == 2 ? 1 : 2, Plans[plan]); // and on with the next one
            }

            Happen(world, happening);
            AssertSound(world);
        }

        ends[world.Rollout.Phase] = ends.GetValueOrDefault(world.Rollout.Phase) + 1;
    }

    private static void Happen(RolloutWorld world, Happening happening)
    {
        var replica = world.Replicas.ElementAtOrDefault(happening.Which % Math.Max(1, world.Replicas.Count()));
        var before = world.State;
        switch (happening.Kind)
        {
            case Kind.Pass:
                world.Pass(happening.Much);
                break;
            case Kind.Tick:
                world.Tick();
                AssertCarried(world);
                break;
            case Kind.Settle when replica is not null:
                world.Settle(replica);
                break;
            case Kind.SettleAll:
                world.SettleAll();
                break;
            case Kind.Fail when replica is not null:
                world.Settle(replica, VersionState.Failed);
                break;
            case Kind.Lose when replica is not null:
                world.RemoveReplica(replica);
                break;
            case Kind.Come:
                var name = Names[happening.Which % Names.Length];
                world.AddReplica(name, name[0] == 's' ? Pools.Stable : Pools.Canary, 1 + (happening.Much % 8));
                break;
            case Kind.Traffic:
                world.Peak = happening.Much % 20;
                break;
            case Kind.Silence:
                world.Peak = null;
                break;
            case Kind.Pause:
                world.Order(RolloutOrders.Pause);
                break;
            case Kind.Resume:
                world.Order(RolloutOrders.Resume);
                break;
            case Kind.Approve:
                world.Order(RolloutOrders.Approve);
                break;
            case Kind.Promote when happening.Which < 30:
                world.Order(RolloutOrders.Promote);
                break;
            case Kind.RollBack when happening.Which < 30:
                world.Order(RolloutOrders.RollBack);
                break;
            case Kind.Advance:
                world.Judge(Verdict.Advance);
                break;
            case Kind.Hold:
                world.Judge(Verdict.Hold, happening.Which % 2 == 0 ? HoldKind.Evidence : HoldKind.StableSick);
                break;
            case Kind.StepDown:
                world.Judge(Verdict.StepDown);
                break;
            case Kind.BadVerdict when happening.Which < 30:
                world.Judge(Verdict.RollBack);
                break;
            case Kind.Inconclusive:
                world.Judge(Verdict.Inconclusive);
                break;
            case Kind.Stale:
                Assert.NotNull(world.Judge(Verdict.Advance, generation: world.Rollout.Generation - 1));
                Assert.NotNull(world.Order(RolloutOrders.RollBack, generation: world.Rollout.Generation + 1));
                Assert.Same(before, world.State);
                break;
            case Kind.JudgeComes:
                world.HasJudge = true;
                break;
            case Kind.JudgeGoes:
                world.HasJudge = false;
                break;
            case Kind.Restart:
                world.Restart();
                break;
        }
    }

    // Holds at every moment.
    private static void AssertSound(RolloutWorld world)
    {
        var (rollout, serving) = (world.Rollout, world.Serving);
        Assert.Contains(new PoolAssignment(Pools.Stable, serving.Stable!.Value), serving.Assignments);
        Assert.Equal(serving.Assignments.Count, serving.Assignments.Distinct().Count());
        Assert.Equal(rollout.Weight, serving.CanaryWeight);
        Assert.Equal(rollout.Phase is RolloutPhase.Preparing || rollout.IsDecided ? Weight.None : rollout.Plan.MirrorShare, serving.MirrorShare);
        Assert.Equal(rollout.IsDecided ? null : rollout.Canary, serving.Canary);
        Assert.Equal(rollout.IsClosed ? null : rollout.Id, serving.Rollout);
        Assert.Equal(RolloutWorld.Sticky, serving.Stickiness);
        Assert.True(serving.Assignments.Select(assignment => assignment.Version).Distinct().Count() <= 2, "never two canaries");
        var most = rollout.Phase is RolloutPhase.Preparing || rollout.IsDecided ? Weight.None : rollout.Plan.Steps[Math.Min(rollout.Step, rollout.Plan.Steps.Count - 1)].Weight;
        Assert.True(rollout.Weight <= most, $"{rollout.Weight} in {rollout.Phase}, step {rollout.Step}");
        Assert.Equal(rollout.Phase == RolloutPhase.Paused, rollout.Pause is not null);
    }

    // Holds once time and cluster had their effect.
    private static void AssertCarried(RolloutWorld world)
    {
        if (world.Facts.IsComplete && !world.Rollout.IsDecided)
        {
            Assert.True(world.Facts.CanCarry(world.Rollout.Canary, world.Rollout.Weight), $"{world.Rollout.Weight} is more than the replicas can carry");
        }
    }

    // Holds for every change.
    private static void AssertLawful(RolloutState before, Transition change, ClusterFacts facts)
    {
        var (was, now) = (before.Rollout, change.State.Rollout);
        Assert.True(now.Generation > was.Generation, "every change has a generation of its own");
        Assert.Equal(ReferenceEquals(before.Serving, change.State.Serving), before.Serving.Generation == change.State.Serving.Generation);
        Assert.False(was.IsClosed, "what is closed stays");
        Assert.NotEmpty(change.Event.Reason);
        Assert.False(
            facts.HasJudge && was.Phase == RolloutPhase.Preparing && now.Phase == RolloutPhase.Progressing && !was.IsCleared && was.Plan.Analysis.Rule != AnalysisRule.None,
            "a step was entered without a pre-flight");
        Assert.Equal(now.Phase, change.Event.Phase);
        if (now.Weight > was.Weight)
        {
            Assert.True(facts.IsComplete && facts.CanCarry(now.Canary, now.Weight), "the weight grew beyond the capacity");
        }

        if (now.Phase == RolloutPhase.Promoted && was.Phase != RolloutPhase.Promoted)
        {
            Assert.Equal(RolloutPhase.Promoting, was.Phase);
            Assert.All(facts.In(Pools.Stable), replica => Assert.True(replica.HasReady(now.Canary), "a label was changed to a version that is not there"));
        }

        if (now.Phase == RolloutPhase.RolledBack)
        {
            // Where a rollback leads was assigned all the time: nothing has to be loaded.
            Assert.Contains(new PoolAssignment(Pools.Stable, was.Stable), before.Serving.Assignments);
            Assert.Equal(was.Stable, change.State.Serving.Stable);
        }
    }
}
