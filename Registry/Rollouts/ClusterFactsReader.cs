using Sluice.Contracts;
using Sluice.Registry.Replicas;
using Sluice.Registry.Store;

namespace Sluice.Registry.Rollouts;

/// <summary>Gathers what a model's rollout needs to know from the reports of replicas and gateways.</summary>
internal sealed class ClusterFactsReader(ReplicaRoster replicas, GatewayRoster gateways, IStore store, TimeProvider time)
{
    /// <summary>The facts as they are now, for any model.</summary>
    public async Task<Func<string, ClusterFacts>> ReadAsync(CancellationToken cancellationToken)
    {
        var reports = await replicas.ListAsync(cancellationToken);
        var loads = await gateways.ListAsync(cancellationToken);
        var lease = await LeaseEndpoints.FindAsync(store, Lease.OfJudge, time.GetUtcNow(), cancellationToken);
        return model => new ClusterFacts(
            [
                .. reports.Select(entry => new ReplicaFacts(
                    entry.Status.Id, entry.Status.Pool, entry.Last?.Capacity, [.. entry.Status.Versions.Where(version => version.Model == model)])),
            ],
            loads.Any(entry => entry.Last is null) ? null : loads.Sum(entry => entry.Last!.Loads.Where(load => load.Model == model).Sum(load => load.PeakInFlight)),
            lease.Holder is not null);
    }
}
