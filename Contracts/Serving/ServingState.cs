namespace Sluice.Contracts;

/// <summary>Names of the pools of predictor replicas.</summary>
public static class Pools
{
    /// <summary>The pool that serves stable versions.</summary>
    public const string Stable = "stable";

    /// <summary>The pool on which a new version is tried.</summary>
    public const string Canary = "canary";

    /// <summary>Both.</summary>
    public static IReadOnlyList<string> All { get; } = [Stable, Canary];
}

/// <summary>A version that every replica of a pool has to hold.</summary>
/// <param name="Pool">One of <see cref="Pools"/>.</param>
/// <param name="Version">The version's number.</param>
public sealed record PoolAssignment(string Pool, int Version);

/// <summary>The desired state of one model. Only the Registry writes it.</summary>
public sealed record ServingState
{
    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>Grows by one with every change; commands are compare-and-set on it.</summary>
    public required long Generation { get; init; }

    /// <summary>The version that serves the model; null before the first was set.</summary>
    public int? Stable { get; init; }

    /// <summary>The version that is being tried.</summary>
    public int? Canary { get; init; }

    /// <summary>The canary's share of the traffic.</summary>
    public Weight CanaryWeight { get; init; }

    /// <summary>The share of the stable version's traffic that gateways copy to the canary, whose answers to it nobody gets.</summary>
    public Weight MirrorShare { get; init; }

    /// <summary>The version that was stable before. It stays loaded, and answers while no replica has <see cref="Stable"/> ready.</summary>
    public int? Previous { get; init; }

    /// <summary>The rollout under way, or promoted and still reversible. Salts the hash of sticky callers, so that each rollout tries other ones.</summary>
    public string? Rollout { get; init; }

    /// <summary>The number of the model's newest rollout; 0 when there was none.</summary>
    public int LastRollout { get; init; }

    /// <summary>Which callers stay on one version while the traffic is split; null when none do.</summary>
    public Stickiness? Stickiness { get; init; }

    /// <summary>Which versions which pool holds.</summary>
    public IReadOnlyList<PoolAssignment> Assignments { get; init => field = value ?? []; } = [];
}
