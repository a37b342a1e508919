using Sluice.Contracts;

namespace Sluice.Registry.Rollouts;

/// <summary>The moves a rollout is made of. Pure: each is a state before and a state after; whether a move is allowed is decided by who makes it.</summary>
internal static class RolloutMoves
{
    /// <summary>Takes up a step, whose weight is set once the capacity is there; or asks for the approval it wants.</summary>
    public static Transition Enter(RolloutState state, int step, Cause cause, bool isApproved = false)
    {
        var plan = state.Rollout.Plan;
        var isPromotion = step >= plan.Steps.Count;
        var gate = isApproved ? StepGate.None : isPromotion ? plan.PromotionGate : plan.Steps[step].Gate;
        return gate switch
        {
            StepGate.Approval => Pause(state, PauseKind.Approval, cause with { Reason = $"{cause.Reason} {Next(state, step)} wants a person's approval." }, step),
            StepGate.Webhook => Pause(state, PauseKind.Webhook, cause with { Reason = $"{cause.Reason} {Next(state, step)} wants the webhook's approval." }, step),
            _ when isPromotion => BeginPromoting(state, cause),
            _ => Change(state, "step.enter", cause, rollout => rollout with
            {
                Phase = RolloutPhase.Progressing,
                Step = step,
                StepEntered = cause.At,
                StepSince = null,
                Pause = null,
                Hold = null,
            }),
        };
    }

    /// <summary>Sets the current step's weight.</summary>
    public static Transition BeginStep(RolloutState state, Cause cause)
    {
        var weight = state.Rollout.Plan.Steps[state.Rollout.Step].Weight;
        return Change(
            state, "step.begin", cause,
            rollout => rollout with { StepSince = cause.At, Hold = null, Weight = weight },
            serving => serving with { CanaryWeight = weight });
    }

    /// <summary>Lowers the weight; the step stays, and begins again later.</summary>
    public static Transition Lower(RolloutState state, Weight weight, RolloutHold hold, Cause cause) => Change(
        state, "weight.lower", cause,
        rollout => rollout with { Weight = weight, StepSince = null, Hold = hold },
        serving => serving with { CanaryWeight = weight });

    /// <summary>Says why the rollout does not go on; nothing else changes.</summary>
    public static Transition Hold(RolloutState state, RolloutHold? hold, Cause cause) =>
        Change(state, "hold", cause, rollout => rollout with { Hold = hold, IsCleared = rollout.IsCleared && rollout.Phase != RolloutPhase.Preparing });

    /// <summary>The pre-flight is passed: the first step may begin.</summary>
    public static Transition Clear(RolloutState state, Cause cause) =>
        Change(state, "preflight", cause, rollout => rollout with { Hold = null, IsCleared = true });

    /// <summary>Lets the stable pool load the version beside the old one.</summary>
    public static Transition Widen(RolloutState state, Cause cause) =>
        Change(state, "widen", cause, rollout => rollout with { IsWidened = true }, serving => WithOnStablePool(serving, state.Rollout.Canary));

    /// <summary>Stops going on; the weight stays.</summary>
    public static Transition Pause(RolloutState state, PauseKind kind, Cause cause, int? forStep = null) =>
        Change(state, "pause", cause, rollout => rollout with
        {
            Phase = RolloutPhase.Paused,
            Pause = new RolloutPause(kind, cause.At, forStep),
            Hold = null,
        });

    /// <summary>Goes on with the current step.</summary>
    public static Transition Resume(RolloutState state, Cause cause) =>
        Change(state, "resume", cause, rollout => rollout with { Phase = RolloutPhase.Progressing, Pause = null, StepEntered = cause.At });

    /// <summary>Lets every stable replica load the version.</summary>
    public static Transition BeginPromoting(RolloutState state, Cause cause) => Change(
        state, "promote.begin", cause,
        rollout => rollout with
        {
            Phase = RolloutPhase.Promoting,
            Step = rollout.Plan.Steps.Count,
            StepEntered = cause.At,
            StepSince = null,
            IsWidened = true,
            Pause = null,
            Hold = null,
        },
        serving => WithOnStablePool(serving, state.Rollout.Canary));

    /// <summary>The version becomes stable: a change of label, as every stable replica has it. The former one stays loaded beside it.</summary>
    public static Transition Promote(RolloutState state, Cause cause)
    {
        var keep = state.Rollout.Plan.KeepPreviousSeconds;
        var promoted = Change(
            state, "promote", cause,
            rollout => rollout with
            {
                Phase = RolloutPhase.Promoted,
                Weight = Weight.None,
                EndedAt = cause.At,
                PreviousUntil = cause.At.AddSeconds(keep),
                Hold = null,
            },
            serving => serving with
            {
                Stable = state.Rollout.Canary,
                Canary = null,
                CanaryWeight = Weight.None,
                Previous = state.Rollout.Stable,
                Assignments = [new(Pools.Stable, state.Rollout.Canary), new(Pools.Stable, state.Rollout.Stable)],
            });
        return keep > 0 ? promoted : DropPrevious(promoted.State, cause) with { Event = promoted.Event };
    }

    /// <summary>No traffic to the version from now on; its replicas unload it once the last requests are answered.</summary>
    public static Transition RollBack(RolloutState state, Cause cause) => Change(
        state, "rollback", cause,
        rollout => rollout with
        {
            Phase = RolloutPhase.RolledBack,
            Weight = Weight.None,
            EndedAt = cause.At,
            PreviousUntil = null,
            Pause = null,
            Hold = null,
        },
        serving => serving with
        {
            Stable = state.Rollout.Stable,
            Canary = null,
            CanaryWeight = Weight.None,
            Previous = null,
            Rollout = null,
            Assignments = [new(Pools.Stable, state.Rollout.Stable)],
        });

    /// <summary>The time in which the promotion could be taken back is over: the former version is unloaded.</summary>
    public static Transition DropPrevious(RolloutState state, Cause cause) => Change(
        state, "previous.drop", cause,
        rollout => rollout with { PreviousUntil = null },
        serving => serving with { Previous = null, Rollout = null, Assignments = [new(Pools.Stable, state.Rollout.Canary)] });

    private static Transition Change(
        RolloutState state, string what, Cause cause, Func<Rollout, Rollout> rollout, Func<ServingState, ServingState>? serving = null)
    {
        var before = state.Rollout;
        var after = rollout(before) with { Generation = before.Generation + 1, Reason = cause.Reason, Actor = cause.Actor };
        after = after with { PhaseSince = after.Phase == before.Phase ? before.PhaseSince : cause.At };
        var isServedAnew = serving is not null || state.Serving.MirrorShare != MirrorShareOf(after);
        var served = !isServedAnew ? state.Serving : (serving?.Invoke(state.Serving) ?? state.Serving) with
        {
            Generation = state.Serving.Generation + 1,
            MirrorShare = MirrorShareOf(after),
        };
        return new Transition(new RolloutState(after, served), Describe(after, what, cause));
    }

    // A copy needs a canary that is ready, and tells nothing any more once there is a verdict.
    private static Weight MirrorShareOf(Rollout rollout) =>
        rollout.Phase is RolloutPhase.Preparing || rollout.IsDecided ? Weight.None : rollout.Plan.MirrorShare;

    internal static RolloutEvent Describe(Rollout after, string what, Cause cause) => new()
    {
        At = cause.At,
        Actor = cause.Actor,
        What = what,
        Phase = after.Phase,
        Step = after.Step,
        Weight = after.Weight,
        Generation = after.Generation,
        Reason = cause.Reason,
        Figures = cause.Figures,
    };

    private static ServingState WithOnStablePool(ServingState serving, int version)
    {
        var assignment = new PoolAssignment(Pools.Stable, version);
        return serving.Assignments.Contains(assignment) ? serving : serving with { Assignments = [.. serving.Assignments, assignment] };
    }

    private static string Next(RolloutState state, int step) =>
        step < state.Rollout.Plan.Steps.Count ? $"Step {step} ({state.Rollout.Plan.Steps[step].Weight})" : "The promotion";
}
