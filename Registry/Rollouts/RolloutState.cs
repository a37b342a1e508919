using System.Text.Json;
using Sluice.Contracts;

namespace Sluice.Registry.Rollouts;

/// <summary>A rollout and the serving state it changes: always read and written together.</summary>
internal sealed record RolloutState(Rollout Rollout, ServingState Serving);

/// <summary>Who makes a change, why, when, by which figures.</summary>
internal sealed record Cause(string Actor, string Reason, DateTimeOffset At, JsonElement? Figures = null)
{
    /// <summary>The Registry itself: time has passed, or the cluster has changed.</summary>
    public static Cause OfRegistry(string reason, DateTimeOffset at) => new("registry", reason, at);
}

/// <summary>A change: the state after it, and what is logged of it.</summary>
internal sealed record Transition(RolloutState State, RolloutEvent Event);

/// <summary>Why a command changes nothing.</summary>
/// <param name="Reason">A sentence for the caller.</param>
/// <param name="IsInvalid">Whether the command itself lacks something, rather than the rollout being elsewhere.</param>
internal sealed record Refusal(string Reason, bool IsInvalid = false);

/// <summary>How a command ended: a change, or a refusal, or neither when there was nothing to do.</summary>
internal readonly record struct CommandOutcome(Transition? Transition, Refusal? Refusal)
{
    public static implicit operator CommandOutcome(Transition transition) => new(transition, null);

    public static implicit operator CommandOutcome(Refusal refusal) => new(null, refusal);
}
