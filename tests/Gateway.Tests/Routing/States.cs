using System.Text.Json;
using Sluice.Contracts;
using Sluice.Gateway.Figures;
using Sluice.Gateway.Routing;
using Sluice.Gateway.Tests.Neighbours;

namespace Sluice.Gateway.Tests.Routing;

/// <summary>States of the Registry for the pure tests, each made from the one before.</summary>
internal static class States
{
    public static RouteTable Table(this ClusterState state, RouteTable? previous = null) =>
        RouteTableBuilder.Build(state, previous ?? RouteTable.Empty, LatencyEdges.Default, TimeProvider.System);

    public static ClusterState With(this ClusterState state, ModelVersion version) => state.With(
        ObjectKinds.Version,
        ObjectKinds.VersionKey(version.Model, version.Version),
        JsonSerializer.SerializeToElement(version, ContractsJson.Default.ModelVersion));

    public static ClusterState WithVersion(this ClusterState state, string model, int version) => state.With(FakeRegistry.NewVersion(model, version));

    public static ClusterState WithServing(this ClusterState state, string model, int? stable, int? previous = null, long generation = 1) => state.With(
        ObjectKinds.Serving,
        model,
        JsonSerializer.SerializeToElement(
            new ServingState { Model = model, Generation = generation, Stable = stable, Previous = previous }, ContractsJson.Default.ServingState));

    public static ClusterState With(this ClusterState state, ServingState serving) =>
        state.With(ObjectKinds.Serving, serving.Model, JsonSerializer.SerializeToElement(serving, ContractsJson.Default.ServingState));

    public static ClusterState With(this ClusterState state, ApiKey key) =>
        state.With(ObjectKinds.Key, key.Name, JsonSerializer.SerializeToElement(key, ContractsJson.Default.ApiKey));

    public static ClusterState With(this ClusterState state, TokenKeySet keys) =>
        state.With(ObjectKinds.TokenKeys, "current", JsonSerializer.SerializeToElement(keys, ContractsJson.Default.TokenKeySet));

    public static ClusterState WithReplica(
        this ClusterState state, string id, params (string Model, int Version, VersionState State)[] versions) =>
        state.WithReplicaAt(id, $"http://{id}:8080", versions);

    public static ClusterState WithReplicaAt(
        this ClusterState state, string id, string address, params (string Model, int Version, VersionState State)[] versions) =>
        state.With(new ReplicaStatus
        {
            Id = id,
            Pool = Pools.Stable,
            Address = address,
            Device = "cpu",
            Versions = [.. versions.Select(each => new ReplicaVersion(each.Model, each.Version, FakeRegistry.DigestOf(each.Model, each.Version), each.State))],
        });

    public static ClusterState With(this ClusterState state, ReplicaStatus replica) =>
        state.With(ObjectKinds.Replica, replica.Id, JsonSerializer.SerializeToElement(replica, ContractsJson.Default.ReplicaStatus));

    public static ClusterState With(this ClusterState state, string kind, string key, JsonElement? value) =>
        state.Apply(new WatchEvent("test", state.Revision + 1, IsSnapshot: false, [new WatchChange(kind, key, value)]));

    public static IEnumerable<string> Ids(this VersionRoute version) => version.Ready.Select(ready => ready.Replica.Id).Order();
}
