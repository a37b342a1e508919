using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.CanaryJudge.Rounds;

/// <summary>How busy the replicas of both versions are. Pure.</summary>
internal static class Workload
{
    /// <summary>The loads that stand beside a look's windows; null while one of the versions has no replica that told what it works on.</summary>
    /// <param name="replicas">All that the Registry knows.</param>
    /// <param name="rollout">Which model and versions.</param>
    /// <param name="windows">The look's.</param>
    public static ArmLoads? Of(IReadOnlyList<ReplicaView> replicas, Rollout rollout, IReadOnlyList<EvidenceWindow> windows) =>
        windows.Count > 0 && Of(replicas, rollout.Model, rollout.Stable, windows, window => window.Stable) is { } stable
        && Of(replicas, rollout.Model, rollout.Canary, windows, window => window.Canary) is { } canary
            ? new ArmLoads(stable, canary)
            : null;

    private static ArmLoad? Of(
        IReadOnlyList<ReplicaView> replicas, string model, int version, IReadOnlyList<EvidenceWindow> windows, Func<EvidenceWindow, ArmCounts> arm)
    {
        ReplicaView[] ready =
        [
            .. replicas.Where(replica => replica is { LastSeen: not null, Capacity: > 0 }
                && replica.Status.Versions.Any(held => held.Model == model && held.Version == version && held.State == VersionState.Ready)),
        ];

        // Each gateway has a rate of its own, over the time of its own windows.
        var rate = windows.GroupBy(window => window.Gateway, StringComparer.Ordinal)
            .Sum(gateway => gateway.Sum(window => arm(window).Routed) / gateway.Sum(window => (window.To - window.From).TotalSeconds));
        return ready.Length == 0 ? null : new ArmLoad(
            ready.Length, rate / ready.Length, ready.Sum(replica => (double)replica.InFlight) / ready.Sum(replica => (double)replica.Capacity),
            ready.Sum(replica => Math.Max(0, replica.InFlight - replica.Capacity)));
    }
}
