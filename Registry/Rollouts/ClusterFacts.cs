using Sluice.Contracts;

namespace Sluice.Registry.Rollouts;

/// <summary>What one replica has of a model.</summary>
/// <param name="Id">The replica.</param>
/// <param name="Pool">Its pool.</param>
/// <param name="Capacity">Requests it can work on at once; null when it has not told since the Registry's start.</param>
/// <param name="Versions">The model's versions it holds.</param>
internal sealed record ReplicaFacts(string Id, string Pool, int? Capacity, IReadOnlyList<ReplicaVersion> Versions)
{
    /// <summary>Where a version stands here; null when the replica does not know it yet.</summary>
    public ReplicaVersion? Find(int version) => Versions.FirstOrDefault(held => held.Version == version);

    /// <summary>Whether a version answers here.</summary>
    public bool HasReady(int version) => Find(version)?.State == VersionState.Ready;
}

/// <summary>What is known of the cluster at one moment, as far as one model is concerned.</summary>
/// <param name="Replicas">Every replica that has not expired.</param>
/// <param name="PeakInFlight">The most requests of the model that were in flight at once lately, over all gateways; null while a gateway has not told.</param>
/// <param name="HasJudge">Whether a judge is at work.</param>
internal sealed record ClusterFacts(IReadOnlyList<ReplicaFacts> Replicas, int? PeakInFlight, bool HasJudge = false)
{
    /// <summary>Whether enough is known to compare capacity with traffic. No data is not good data, and not bad data either: nothing is decided.</summary>
    public bool IsComplete => PeakInFlight is not null && Replicas.All(replica => replica.Capacity is not null);

    /// <summary>The replicas of a pool.</summary>
    public IReadOnlyList<ReplicaFacts> In(string pool) => [.. Replicas.Where(replica => replica.Pool == pool)];

    /// <summary>Requests at once that the replicas which have a version ready can work on.</summary>
    public int ReadyCapacity(int version) => Replicas.Where(replica => replica.HasReady(version)).Sum(replica => replica.Capacity ?? 0);

    /// <summary>Requests at once that a pool can work on.</summary>
    public int PoolCapacity(string pool) => In(pool).Sum(replica => replica.Capacity ?? 0);

    /// <summary>Requests at once that a share of the recent peak is.</summary>
    public double Need(Weight weight) => (PeakInFlight ?? 0) * (double)weight.BasisPoints / Weight.Whole;

    /// <summary>Whether a version's ready replicas can carry a share. No replica carries nothing but no share.</summary>
    public bool CanCarry(int version, Weight weight) =>
        weight == Weight.None || (ReadyCapacity(version) is var capacity and > 0 && capacity >= Need(weight));
}
