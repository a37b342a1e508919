using System.Globalization;
using Sluice.Contracts;

namespace Sluice.Registry.Rollouts;

/// <summary>What time and the cluster do to a rollout. Pure: asked again and again, each answer is the next change, or none.</summary>
internal static class RolloutTicks
{
    /// <summary>The next change; null when there is none to be made now.</summary>
    public static Transition? Next(RolloutState state, ClusterFacts facts, DateTimeOffset now) => state.Rollout.Phase switch
    {
        RolloutPhase.Preparing => WhilePreparing(state, facts, now),
        RolloutPhase.Progressing => IfUnloadable(state, facts, now) ?? IfTooLight(state, facts, now) ?? WhileProgressing(state, facts, now),
        RolloutPhase.Paused => IfUnloadable(state, facts, now) ?? IfTooLight(state, facts, now),
        RolloutPhase.Promoting => WhilePromoting(state, facts, now),
        RolloutPhase.Promoted when state.Rollout.PreviousUntil is { } until && now >= until =>
            RolloutMoves.DropPrevious(state, Cause.OfRegistry($"Version {state.Rollout.Stable} was kept until {until:HH:mm:ss} UTC.", now)),
        _ => null,
    };

    private static Transition? WhilePreparing(RolloutState state, ClusterFacts facts, DateTimeOffset now)
    {
        var (rollout, version) = (state.Rollout, state.Rollout.Canary);
        var pool = facts.In(Pools.Canary);
        var ready = pool.Count(replica => replica.HasReady(version));
        var failed = pool.Count(replica => replica.Find(version)?.State == VersionState.Failed);
        var isReady = ready > 0 && ready + failed == pool.Count;
        var isCleared = rollout.IsCleared || !facts.HasJudge || rollout.Plan.Analysis.Rule == AnalysisRule.None;
        if (isReady && isCleared)
        {
            var reason = string.Create(CultureInfo.InvariantCulture, $"Version {version} is ready on {ready} of {pool.Count} canary replicas.");
            return RolloutMoves.Enter(state, 0, Cause.OfRegistry(reason, now));
        }

        if (failed > 0 && failed == pool.Count)
        {
            return RollBack(state, $"No canary replica could load version {version}: {Failures(pool, version)}.", now);
        }

        var limit = TimeSpan.FromSeconds(rollout.Plan.PrepareTimeoutSeconds);
        return now - rollout.PhaseSince < limit ? null : RollBack(
            state,
            isReady ? $"Version {version} is ready, but the judge's pre-flight was not passed within {Text(limit)}. {rollout.Hold?.Detail ?? "It has seen nothing of the model yet."}"
            : pool.Count == 0
                ? $"There was no canary replica to load version {version} within {Text(limit)}. Does the pool '{Pools.Canary}' run?"
                : $"Version {version} was not ready on the canary replicas within {Text(limit)}: {ready} of {pool.Count} have it. {Failures(pool, version)}",
            now);
    }

    private static Transition? WhileProgressing(RolloutState state, ClusterFacts facts, DateTimeOffset now)
    {
        var rollout = state.Rollout;
        var step = rollout.Plan.Steps[rollout.Step];
        var age = TimeSpan.FromSeconds(rollout.Plan.MaxStepAgeSeconds);
        var endsByTime = step.WarmUp || rollout.Plan.Analysis.Rule == AnalysisRule.None;
        if (rollout.StepSince is { } since && endsByTime && now - since >= TimeSpan.FromSeconds(step.HoldSeconds))
        {
            var what = step.WarmUp ? "The warm-up" : $"Step {rollout.Step} ({step.Weight})";
            return RolloutMoves.Enter(state, rollout.Step + 1, Cause.OfRegistry($"{what} lasted {Text(now - since)}.", now));
        }

        if (rollout.StepSince is null && rollout.Hold?.Kind != HoldKind.Blind && Begin(state, step, facts, now) is { } begun)
        {
            return begun;
        }

        return now - rollout.StepEntered < age ? null : RolloutMoves.Pause(
            state, PauseKind.Inconclusive,
            Cause.OfRegistry($"Step {rollout.Step} ({step.Weight}) had no verdict within {Text(age)}{(rollout.Hold is { } hold ? $"; last: {hold.Detail}" : "")}.", now));
    }

    // Capacity before weight: more replicas first, then the share.
    private static Transition? Begin(RolloutState state, RolloutStep step, ClusterFacts facts, DateTimeOffset now)
    {
        var rollout = state.Rollout;
        if (!facts.IsComplete)
        {
            return null;
        }

        var need = facts.Need(step.Weight);
        if (facts.CanCarry(rollout.Canary, step.Weight))
        {
            var reason = $"Step {rollout.Step}: {step.Weight}. Ready replicas can work on {facts.ReadyCapacity(rollout.Canary)} requests at once, {Text(need)} are needed.";
            return RolloutMoves.BeginStep(state, Cause.OfRegistry(reason, now));
        }

        if (!rollout.IsWidened && need > facts.PoolCapacity(Pools.Canary))
        {
            var reason = $"{step.Weight} of the recent peak are {Text(need)} requests at once, the canary pool can work on {facts.PoolCapacity(Pools.Canary)}: the stable pool loads version {rollout.Canary}, too.";
            return RolloutMoves.Widen(state, Cause.OfRegistry(reason, now));
        }

        return rollout.Hold?.Kind == HoldKind.Capacity ? null : RolloutMoves.Hold(state, NoCapacity(rollout, facts, step.Weight), Cause.OfRegistry(NoCapacity(rollout, facts, step.Weight).Detail, now));
    }

    private static Transition? WhilePromoting(RolloutState state, ClusterFacts facts, DateTimeOffset now)
    {
        var version = state.Rollout.Canary;
        var pool = facts.In(Pools.Stable);
        var ready = pool.Count(replica => replica.HasReady(version));
        if (ready > 0 && ready == pool.Count)
        {
            return RolloutMoves.Promote(state, Cause.OfRegistry($"Version {version} is ready on all {ready} stable replicas.", now));
        }

        var limit = TimeSpan.FromSeconds(state.Rollout.Plan.PromoteTimeoutSeconds);
        return now - state.Rollout.PhaseSince >= limit
            ? RollBack(state, $"The stable pool could not hold version {version} beside version {state.Rollout.Stable} within {Text(limit)}: {ready} of {pool.Count} replicas have it. {Failures(pool, version)}", now)
            : IfTooLight(state, facts, now);
    }

    /// <summary>Every replica that tells of the version tells that it cannot be loaded (any more).</summary>
    private static Transition? IfUnloadable(RolloutState state, ClusterFacts facts, DateTimeOffset now)
    {
        var version = state.Rollout.Canary;
        var holders = facts.Replicas.Where(replica => replica.Find(version) is not null).ToList();
        return holders.Count > 0 && holders.TrueForAll(replica => replica.Find(version)!.State == VersionState.Failed)
            ? RollBack(state, $"No replica can load version {version} any more: {Failures(holders, version)}.", now)
            : null;
    }

    /// <summary>The ready replicas cannot carry the share in force any more: down to the largest of the plan that they can.</summary>
    private static Transition? IfTooLight(RolloutState state, ClusterFacts facts, DateTimeOffset now)
    {
        var rollout = state.Rollout;
        if (!facts.IsComplete || facts.CanCarry(rollout.Canary, rollout.Weight))
        {
            return null;
        }

        var weight = rollout.Plan.Steps.Select(step => step.Weight)
            .Where(weight => weight < rollout.Weight && facts.CanCarry(rollout.Canary, weight)).DefaultIfEmpty(Weight.None).Max();
        var hold = NoCapacity(rollout, facts, rollout.Weight);
        var cause = Cause.OfRegistry($"{hold.Detail} The share falls to {weight}.", now);

        // A judge that is blind must see again first, however much capacity comes back.
        return RolloutMoves.Lower(state, weight, rollout.Hold?.Kind == HoldKind.Blind ? rollout.Hold : hold, cause);
    }

    private static RolloutHold NoCapacity(Rollout rollout, ClusterFacts facts, Weight weight) => new(
        HoldKind.Capacity,
        $"{weight} of the recent peak are {Text(facts.Need(weight))} requests at once; the replicas that have version {rollout.Canary} ready can work on {facts.ReadyCapacity(rollout.Canary)}.");

    private static Transition RollBack(RolloutState state, string reason, DateTimeOffset now) => RolloutMoves.RollBack(state, Cause.OfRegistry(reason.TrimEnd(), now));

    private static string Failures(IEnumerable<ReplicaFacts> replicas, int version) => string.Join("; ", replicas
        .Select(replica => replica.Find(version))
        .Where(held => held?.State == VersionState.Failed)
        .Select(held => held!.Reason ?? "no reason given")
        .Distinct()
        .Take(3));

    private static string Text(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Text(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s");
}
