using Sluice.Contracts;

namespace Sluice.Registry.Serving;

/// <summary>The rule of setting a stable version outright. Pure: state in, state out.</summary>
internal static class StableVersion
{
    /// <summary>
    /// The state after a version was made stable. The former stable becomes previous and stays assigned, so that it answers until replicas have the
    /// new one ready, and going back needs no loading. The same state when it already is stable.
    /// </summary>
    public static ServingState Set(ServingState? current, string model, int version)
    {
        if (current?.Stable == version)
        {
            return current;
        }

        var state = current ?? new ServingState { Model = model, Generation = 0 };
        var previous = state.Stable;
        return state with
        {
            Generation = state.Generation + 1,
            Stable = version,
            Previous = previous,
            Rollout = null,
            Assignments =
            [
                new PoolAssignment(Pools.Stable, version),
                .. previous is { } former ? [new PoolAssignment(Pools.Stable, former)] : Array.Empty<PoolAssignment>(),
                .. state.Assignments.Where(assignment => assignment.Pool != Pools.Stable),
            ],
        };
    }

    /// <summary>A state with another stickiness, one generation after the state before; the same where that is as wished, or nothing is.</summary>
    public static ServingState Stick(ServingState state, ServingState? before, Stickiness? stickiness)
    {
        var wished = stickiness is { Kind: StickinessKind.None } ? null : stickiness;
        return stickiness is null || wished == state.Stickiness ? state : state with { Stickiness = wished, Generation = (before?.Generation ?? 0) + 1 };
    }

    /// <summary>A wish for stickiness in words, for the audit log; null where there is none.</summary>
    public static string? Describe(Stickiness? stickiness) => stickiness switch
    {
        null => null,
        { Kind: StickinessKind.Header or StickinessKind.Cookie } => $"Callers stay on a version by the {stickiness.Kind} {stickiness.Name}.",
        { Kind: StickinessKind.Key } => "Callers stay on a version by their API key.",
        _ => "Callers stay on no version.",
    };

    /// <summary>The state after the model was served no more: every replica unloads it. The same state when it is not served.</summary>
    public static ServingState Clear(ServingState current) => current is { Stable: null, Assignments.Count: 0 } ? current : current with
    {
        Generation = current.Generation + 1,
        Stable = null,
        Previous = null,
        Rollout = null,
        Assignments = [],
    };
}
