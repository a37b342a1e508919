using Sluice.Registry.Replicas;

namespace Sluice.Registry.Rollouts;

/// <summary>Gathers what a model's rollout needs to know from the reports of replicas and gateways.</summary>
internal sealed class ClusterFactsReader(ReplicaRoster replicas, GatewayRoster gateways)
{
    /// <summary>The facts as they are now, for any model.</summary>
    public async Task<Func<string, ClusterFacts>> ReadAsync(CancellationToken cancellationToken)
    {
        var reports = await replicas.ListAsync(cancellationToken);
        var loads = await gateways.ListAsync(cancellationToken);
        return model => new ClusterFacts(
            [
                .. reports.Select(entry => new ReplicaFacts(
                    entry.Status.Id, entry.Status.Pool, entry.Last?.Capacity, [.. entry.Status.Versions.Where(version => version.Model == model)])),
            ],
            loads.Any(entry => entry.Last is null) ? null : loads.Sum(entry => entry.Last!.Loads.Where(load => load.Model == model).Sum(load => load.PeakInFlight)));
    }
}
