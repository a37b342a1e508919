using Sluice.Contracts;
using Sluice.Gateway.Access;
using Sluice.Gateway.Figures;
using Sluice.Gateway.Health;

namespace Sluice.Gateway.Routing;

/// <summary>
/// Makes the next table from a state and the table before. It waits for nothing: what probes found is in the replicas. Replicas, and routes that did not change, are
/// taken over, so that counts in flight and addresses live on.
/// </summary>
/// <remarks>
/// A change of one model must not cost a look at all versions of a thousand others. The state's dictionaries and objects are the same ones from state to
/// state while nothing in them changes, so that comparing references tells which routes there is nothing to make anew of.
/// </remarks>
internal sealed class RouteTableBuilder
{
    /// <summary>
    /// How many versions of a model that serve no more keep their series: a canary that was rolled back is gone from the state before a scrape could see
    /// what it did last. Without a bound the series of all versions that ever served would pile up.
    /// </summary>
    private const int RetiredWithFigures = 2;

    private static readonly List<(Replica Replica, string Digest)> Nobody = [];

    private readonly ClusterState _state;
    private readonly RouteTable _previous;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, Replica> _replicas = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Model, int Version), List<(Replica Replica, string Digest)>> _ready = [];

    private readonly LatencyEdges _edges;

    private RouteTableBuilder(ClusterState state, RouteTable previous, LatencyEdges edges, TimeProvider time)
    {
        (_state, _previous, _edges, _time) = (state, previous, edges, time);
    }

    /// <summary>The table of a state.</summary>
    /// <param name="state">What the Registry says.</param>
    /// <param name="previous">The table before.</param>
    /// <param name="edges">Of the latencies that are counted.</param>
    /// <param name="time">For what is made new in it.</param>
    public static RouteTable Build(ClusterState state, RouteTable previous, LatencyEdges edges, TimeProvider time) =>
        new RouteTableBuilder(state, previous, edges, time).Build();

    private RouteTable Build()
    {
        foreach (var status in _state.Replicas.Values)
        {
            AddReplica(status);
        }

        foreach (var replica in _previous.Replicas.Values)
        {
            KeepLapsed(replica);
        }

        var areSameReplicas = ReferenceEquals(_state.Replicas, _previous.State.Replicas)
            && _replicas.Count == _previous.Replicas.Count
            && _replicas.Values.All(replica => _previous.Replicas.GetValueOrDefault(replica.Id) == replica); // those that lapsed and are kept, too
        var areSameVersions = ReferenceEquals(_state.Versions, _previous.State.Versions);
        var versionsByModel = areSameVersions ? _previous.Versions : VersionsByModel();
        var models = new Dictionary<string, ModelRoute>(versionsByModel.Count, StringComparer.Ordinal);
        foreach (var (model, versions) in versionsByModel)
        {
            models[model] = areSameReplicas && areSameVersions && FindUnchanged(model) is { } known ? known : RouteOf(model, versions);
        }

        // A model with a serving state and no version is a model still: its requests are refused with a reason.
        foreach (var model in _state.Serving.Keys)
        {
            if (!models.ContainsKey(model))
            {
                models[model] = RouteOf(model, []);
            }
        }

        return new RouteTable(_state, models, versionsByModel, _replicas, Report(models)) { Callers = CallerTable.Build(_state, _previous.Callers, _time) };
    }

    private ModelRoute? FindUnchanged(string model) =>
        _previous.Find(model) is { } known
        && ReferenceEquals(known.Serving, _state.Serving.GetValueOrDefault(model))
        && ReferenceEquals(_previous.State.Rollouts.GetValueOrDefault(model), _state.Rollouts.GetValueOrDefault(model))
            ? known
            : null;

    private void AddReplica(ReplicaStatus status)
    {
        // The Registry refuses a replica without a usable address; one that slipped through must not take the others' routes with it.
        if (AddressOf(status.Address) is not { } address)
        {
            return;
        }

        var grpc = AddressOf(status.GrpcAddress);
        var replica = _previous.Replicas.TryGetValue(status.Id, out var known) && known.Address == address && known.GrpcAddress == grpc
            ? known
            : new Replica(status.Id, address, status.Pool, grpc);
        _replicas[status.Id] = replica;
        foreach (var version in status.Versions)
        {
            if (version.State == VersionState.Ready)
            {
                AddReady(version, replica);
            }
        }
    }

    private static Uri? AddressOf(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https") ? address : null;

    // The Registry's word never empties a route: a replica that it lost sight of, without its having said that it drains, answers on as long as the
    // gateway's own probes reach it.
    private void KeepLapsed(Replica replica)
    {
        if (replica.IsAlive is not true || _state.Replicas.ContainsKey(replica.Id))
        {
            return;
        }

        foreach (var version in _previous.Models.SelectMany(model => model.Versions))
        {
            if (version.Ready.Any(ready => ready.Replica == replica))
            {
                _replicas[replica.Id] = replica;
                AddReady(new ReplicaVersion(version.Model, version.Version, version.Definition.Digest, VersionState.Ready), replica);
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

    private Dictionary<string, List<ModelVersion>> VersionsByModel()
    {
        var models = new Dictionary<string, List<ModelVersion>>(StringComparer.Ordinal);
        foreach (var version in _state.Versions.Values)
        {
            if (!models.TryGetValue(version.Model, out var versions))
            {
                models[version.Model] = versions = [];
            }

            versions.Add(version);
        }

        foreach (var versions in models.Values)
        {
            versions.Sort(static (left, right) => left.Version.CompareTo(right.Version));
        }

        return models;
    }

    private ModelRoute RouteOf(string model, List<ModelVersion> versions)
    {
        var serving = _state.Serving.GetValueOrDefault(model);
        var known = _previous.Find(model);
        var buckets = _edges.For(known?.Figures.Buckets, _state.Rollouts.GetValueOrDefault(model));
        var figures = known?.Figures.With(buckets) ?? new ModelFigures(model, buckets);
        var routes = new VersionRoute[versions.Count];
        var retired = 0;
        var isSameRollout = known?.Serving?.Rollout == serving?.Rollout;
        for (var i = versions.Count - 1; i >= 0; i--)
        {
            routes[i] = RouteOf(versions[i], known?.Find(versions[i].Version), serving, figures, isSameRollout, ref retired);
        }

        return new ModelRoute(model, serving, routes, known?.Traffic ?? new ModelTraffic(), figures);
    }

    private VersionRoute RouteOf(ModelVersion version, VersionRoute? known, ServingState? serving, ModelFigures modelFigures, bool isSameRollout, ref int retired)
    {
        var ready = ReadyWith(version);
        var counted = known?.Definition.Digest == version.Digest ? known.Figures?.With(modelFigures) : null;
        var figures = ready.Count > 0 || HasPart(serving, version.Version) ? counted ?? new VersionFigures(modelFigures, version.Version)
            : counted is not null && retired++ < RetiredWithFigures ? counted
            : null;

        // Each rollout begins with a closed breaker: what opened it in the last one is no reason to end this one.
        var breaker = isSameRollout ? known?.Breaker : null;
        return breaker is not null && known!.Matches(version, ready, modelFigures, figures) ? known : new VersionRoute(
            version, ready, modelFigures, figures, breaker ?? new VersionBreaker(_time));
    }

    private List<Replica> ReadyWith(ModelVersion version)
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

        return ready;
    }

    private static bool HasPart(ServingState? serving, int version)
    {
        if (serving is null)
        {
            return false;
        }

        foreach (var assignment in serving.Assignments)
        {
            if (assignment.Version == version)
            {
                return true;
            }
        }

        return serving.Stable == version || serving.Canary == version || serving.Previous == version;
    }

    private IReadOnlyList<GatewayRoute> Report(Dictionary<string, ModelRoute> models)
    {
        var report = new List<GatewayRoute>(_state.Serving.Count);
        foreach (var serving in _state.Serving.Values)
        {
            // The weight in use, which is not the one asked for while no replica has the canary ready.
            var route = models[serving.Model];
            report.Add(new GatewayRoute(serving.Model, serving.Generation, route.CanaryWeight, route.Canary?.Breaker.OpenSince));
        }

        report.Sort(static (left, right) => string.CompareOrdinal(left.Model, right.Model));
        return report.SequenceEqual(_previous.Report) ? _previous.Report : report;
    }
}
