using Sluice.Contracts;

namespace Sluice.Gateway.Routing;

/// <summary>
/// Makes the next table from a state and the table before. Pure: it reads no clock and no network. Replicas, and routes that did not change, are
/// taken over, so that counts in flight and addresses live on.
/// </summary>
internal sealed class RouteTableBuilder
{
    private static readonly List<(Replica Replica, string Digest)> Nobody = [];

    private readonly ClusterState _state;
    private readonly RouteTable _previous;
    private readonly Dictionary<string, Replica> _replicas = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Model, int Version), List<(Replica Replica, string Digest)>> _ready = [];

    private RouteTableBuilder(ClusterState state, RouteTable previous)
    {
        _state = state;
        _previous = previous;
    }

    /// <summary>The table of a state.</summary>
    public static RouteTable Build(ClusterState state, RouteTable previous) => new RouteTableBuilder(state, previous).Build();

    private RouteTable Build()
    {
        foreach (var status in _state.Replicas.Values)
        {
            AddReplica(status);
        }

        var models = new Dictionary<string, ModelRoute>(StringComparer.Ordinal);
        foreach (var (model, versions) in VersionsByModel())
        {
            versions.Sort(static (left, right) => left.Version.CompareTo(right.Version));
            models[model] = new ModelRoute(
                model, _state.Serving.GetValueOrDefault(model), [.. versions], _previous.Find(model)?.Traffic ?? new ModelTraffic());
        }

        return new RouteTable(_state, models, _replicas, Report(models));
    }

    private void AddReplica(ReplicaStatus status)
    {
        // The Registry refuses a replica without a usable address; one that slipped through must not take the others' routes with it.
        if (!Uri.TryCreate(status.Address, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return;
        }

        var replica = _previous.Replicas.TryGetValue(status.Id, out var known) && known.Address == address
            ? known
            : new Replica(status.Id, address);
        _replicas[status.Id] = replica;
        foreach (var version in status.Versions)
        {
            if (version.State == VersionState.Ready)
            {
                AddReady(version, replica);
            }
        }
    }

    private void AddReady(ReplicaVersion version, Replica replica)
    {
        var key = (version.Model, version.Version);
        if (!_ready.TryGetValue(key, out var replicas))
        {
            _ready[key] = replicas = [];
        }

        replicas.Add((replica, version.Digest));
    }

    private Dictionary<string, List<VersionRoute>> VersionsByModel()
    {
        // A model with a serving state and no version is a model still: its requests are refused with a reason.
        var models = new Dictionary<string, List<VersionRoute>>(StringComparer.Ordinal);
        foreach (var model in _state.Serving.Keys)
        {
            models[model] = [];
        }

        foreach (var version in _state.Versions.Values)
        {
            if (!models.TryGetValue(version.Model, out var versions))
            {
                models[version.Model] = versions = [];
            }

            versions.Add(RouteOf(version));
        }

        return models;
    }

    private VersionRoute RouteOf(ModelVersion version)
    {
        var holders = _ready.GetValueOrDefault((version.Model, version.Version), Nobody);
        var ready = new List<Replica>(holders.Count);
        foreach (var (replica, digest) in holders)
        {
            // The same number with another digest is another artifact, for instance of a registry that was emptied and filled again.
            if (digest == version.Digest)
            {
                ready.Add(replica);
            }
        }

        return _previous.Find(version.Model)?.Find(version.Version) is { } known && known.Matches(version, ready)
            ? known
            : new VersionRoute(version, ready);
    }

    private IReadOnlyList<GatewayRoute> Report(Dictionary<string, ModelRoute> models)
    {
        var report = new List<GatewayRoute>(_state.Serving.Count);
        foreach (var serving in _state.Serving.Values)
        {
            // The weight in use, which is not the one asked for while no replica has the canary ready.
            report.Add(new GatewayRoute(serving.Model, serving.Generation, models[serving.Model].CanaryWeight));
        }

        report.Sort(static (left, right) => string.CompareOrdinal(left.Model, right.Model));
        return report.SequenceEqual(_previous.Report) ? _previous.Report : report;
    }
}
