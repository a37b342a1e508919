using Sluice.Contracts;

namespace Sluice.Registry.Rollouts;

/// <summary>How a rollout begins. Pure.</summary>
internal static class RolloutStart
{
    /// <summary>The state in which the canary pool is to load the version.</summary>
    /// <param name="serving">The serving state; it has a stable version and no rollout under way.</param>
    /// <param name="stable">The stable version.</param>
    /// <param name="canary">The version to try.</param>
    /// <param name="profile">The name of the plan's profile.</param>
    /// <param name="plan">A valid plan.</param>
    /// <param name="overrideReason">Why it starts although a gate refused it.</param>
    /// <param name="cause">Who starts it.</param>
    public static Transition Begin(
        ServingState serving, ModelVersion stable, ModelVersion canary, string profile, RolloutPlan plan, string? overrideReason, Cause cause)
    {
        var number = serving.LastRollout + 1;
        var rollout = new Rollout
        {
            Id = RolloutId.Of(serving.Model, number),
            Model = serving.Model,
            Generation = 1,
            Stable = stable.Version,
            Canary = canary.Version,
            StableDigest = stable.Digest,
            CanaryDigest = canary.Digest,
            Profile = profile,
            Plan = plan,
            Phase = RolloutPhase.Preparing,
            PhaseSince = cause.At,
            StepEntered = cause.At,
            Reason = cause.Reason,
            Actor = cause.Actor,
            StartedAt = cause.At,
            Override = overrideReason,
        };

        // A version that was kept from before makes room: going back to it is a rollout of its own from here on.
        var next = serving with
        {
            Generation = serving.Generation + 1,
            Canary = canary.Version,
            CanaryWeight = Weight.None,
            MirrorShare = Weight.None,
            Previous = null,
            Rollout = rollout.Id,
            LastRollout = number,
            Assignments = [new(Pools.Stable, stable.Version), new(Pools.Canary, canary.Version)],
        };
        return new Transition(new RolloutState(rollout, next), RolloutMoves.Describe(rollout, "start", cause));
    }
}

/// <summary>Ids of rollouts: the model's name, a dot, the number. Names may have dots, so the last one divides.</summary>
internal static class RolloutId
{
    /// <summary>The id.</summary>
    public static string Of(string model, int number) => string.Create(null, $"{model}.{number}");

    /// <summary>The number in an id that is one.</summary>
    public static int NumberOf(string id) => TryParse(id, out _, out var number) ? number : throw new ArgumentException($"'{id}' is no rollout's id.", nameof(id));

    /// <summary>Splits an id; false when it is none.</summary>
    public static bool TryParse(string id, out string model, out int number)
    {
        var dot = id.LastIndexOf('.');
        model = dot > 0 ? id[..dot] : "";
        number = 0;
        return dot > 0 && ModelName.IsValid(model)
            && int.TryParse(id.AsSpan(dot + 1), System.Globalization.NumberStyles.None, null, out number) && number > 0 && id[dot + 1] != '0';
    }
}
