using Sluice.Contracts;

namespace Sluice.Registry.Rollouts;

/// <summary>What people, webhooks and the judge may do to a rollout. Pure. The caller has compared the generation.</summary>
internal static class RolloutOrders
{
    /// <summary>Stops a step where it is.</summary>
    public static CommandOutcome Pause(RolloutState state, Cause cause) => state.Rollout.Phase switch
    {
        RolloutPhase.Progressing => RolloutMoves.Pause(state, PauseKind.Person, cause),
        RolloutPhase.Paused => Refuse(state, "it is paused already"),
        _ => Refuse(state, "only a step can be paused"),
    };

    /// <summary>Goes on after a pause by a person, or after an inconclusive step.</summary>
    public static CommandOutcome Resume(RolloutState state, Cause cause) => state.Rollout.Pause switch
    {
        { ForStep: not null } => Refuse(state, "it waits for an approval, not to be resumed"),
        not null => RolloutMoves.Resume(state, cause),
        null => Refuse(state, "it is not paused"),
    };

    /// <summary>Lets the next step begin that wants an approval.</summary>
    public static CommandOutcome Approve(RolloutState state, Cause cause) => state.Rollout.Pause switch
    {
        { ForStep: { } step } => RolloutMoves.Enter(state, step, cause, isApproved: true),
        _ => Refuse(state, "it waits for no approval"),
    };

    /// <summary>Leaves out the steps that remain.</summary>
    public static CommandOutcome Promote(RolloutState state, Cause cause) => state.Rollout.Phase switch
    {
        RolloutPhase.Progressing or RolloutPhase.Paused => RolloutMoves.BeginPromoting(state, cause),
        RolloutPhase.Preparing => Refuse(state, "no replica has proved the version yet"),
        _ => Refuse(state, "it is past its steps"),
    };

    /// <summary>Back to the version that was stable.</summary>
    public static CommandOutcome RollBack(RolloutState state, Cause cause) => state.Rollout switch
    {
        { Phase: RolloutPhase.RolledBack } => Refuse(state, "it is rolled back already"),
        { Phase: RolloutPhase.Promoted, PreviousUntil: null } =>
            Refuse(state, $"version {state.Rollout.Stable} is not kept any more; start a rollout to it"),
        _ => RolloutMoves.RollBack(state, cause),
    };

    /// <summary>What the judge concludes.</summary>
    public static CommandOutcome Judge(RolloutState state, VerdictProposal proposal, Cause cause) => proposal.Verdict switch
    {
        _ when state.Rollout.Phase == RolloutPhase.Preparing => JudgePreflight(state, proposal, cause),
        Verdict.RollBack => RollBack(state, cause),
        _ when state.Rollout.Phase != RolloutPhase.Progressing => Refuse(state, "no step is under way"),
        Verdict.Advance => Advance(state, cause),
        Verdict.StepDown => StepDown(state, cause),
        Verdict.Inconclusive => RolloutMoves.Pause(state, PauseKind.Inconclusive, cause),
        _ => Hold(state, proposal, cause),
    };

    // Before any traffic there is nothing to judge but whether it could be judged.
    private static CommandOutcome JudgePreflight(RolloutState state, VerdictProposal proposal, Cause cause) => proposal.Verdict switch
    {
        Verdict.Advance => state.Rollout.IsCleared ? new CommandOutcome() : RolloutMoves.Clear(state, cause),
        Verdict.Hold => Hold(state, proposal, cause),
        _ => Refuse(state, "nothing was judged yet"),
    };

    private static CommandOutcome Advance(RolloutState state, Cause cause)
    {
        var rollout = state.Rollout;
        var step = rollout.Plan.Steps[rollout.Step];
        if (step.WarmUp)
        {
            return Refuse(state, "a warm-up ends by time");
        }

        if (rollout.StepSince is not { } since)
        {
            return Refuse(state, "the step's weight is not set yet");
        }

        var end = since.AddSeconds(step.HoldSeconds);
        return cause.At < end
            ? Refuse(state, $"the step lasts until {end:O} at least")
            : RolloutMoves.Enter(state, rollout.Step + 1, cause);
    }

    // The first weight is what a canary may have unseen; at or below it there is nothing to lower, and the blindness is only noted.
    private static CommandOutcome StepDown(RolloutState state, Cause cause)
    {
        var rollout = state.Rollout;
        var hold = new RolloutHold(HoldKind.Blind, cause.Reason);
        var first = rollout.Plan.Steps[0].Weight;
        return rollout.Weight > first ? RolloutMoves.Lower(state, first, hold, cause)
            : rollout.Hold?.Kind == HoldKind.Blind ? new CommandOutcome()
            : RolloutMoves.Hold(state, hold, cause);
    }

    // A hold that says the same as the last one is not written again: looks come every few seconds.
    private static CommandOutcome Hold(RolloutState state, VerdictProposal proposal, Cause cause)
    {
        var hold = new RolloutHold(proposal.Hold ?? HoldKind.Evidence, proposal.Reason);
        return state.Rollout.Hold?.Kind == hold.Kind ? new CommandOutcome() : RolloutMoves.Hold(state, hold, cause);
    }

    private static Refusal Refuse(RolloutState state, string why) =>
        new($"Rollout {state.Rollout.Id} is {state.Rollout.Phase}: {why}.");
}
