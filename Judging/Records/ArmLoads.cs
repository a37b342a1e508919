namespace Sluice.Judging;

/// <summary>How busy the replicas that have a version ready were at a look. One that has both versions counts for both, with all that it works on.</summary>
/// <param name="Replicas">How many there were.</param>
/// <param name="RequestsPerSecond">First attempts at the version for each of them, since the look before.</param>
/// <param name="Busy">Requests they were working on, over those they can work on at once.</param>
/// <param name="Waiting">Requests beyond that: they waited in queues.</param>
public sealed record ArmLoad(int Replicas, double RequestsPerSecond, double Busy, int Waiting);

/// <summary>The same of both versions. For the record: an overloaded pool should not be mistaken for a slow model.</summary>
/// <param name="Stable">Of the stable version.</param>
/// <param name="Canary">Of the canary.</param>
public sealed record ArmLoads(ArmLoad Stable, ArmLoad Canary);
