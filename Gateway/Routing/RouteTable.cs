using Sluice.Contracts;
using Sluice.Gateway.Access;

namespace Sluice.Gateway.Routing;

/// <summary>Everything a request is routed by, at one revision of the Registry's state. Immutable, and replaced as a whole.</summary>
internal sealed class RouteTable
{
    private readonly Dictionary<string, ModelRoute> _models;
    private readonly Dictionary<string, ModelRoute>.AlternateLookup<ReadOnlySpan<char>> _byName;

    public RouteTable(
        ClusterState state,
        Dictionary<string, ModelRoute> models,
        Dictionary<string, List<ModelVersion>> versions,
        Dictionary<string, Replica> replicas,
        IReadOnlyList<GatewayRoute> report)
    {
        State = state;
        _models = models;
        _byName = models.GetAlternateLookup<ReadOnlySpan<char>>();
        Versions = versions;
        Replicas = replicas;
        Report = report;
        Served = [.. models.Values.Where(model => model.Default is not null).Select(model => model.Model).Order(StringComparer.Ordinal)];
    }

    /// <summary>Knows nothing yet.</summary>
    public static RouteTable Empty { get; } = new(ClusterState.Empty, new(StringComparer.Ordinal), [], [], []);

    /// <summary>The state it was built from.</summary>
    public ClusterState State { get; }

    /// <summary>Whether a state was read, be it the last known good one.</summary>
    public bool IsKnown => State.StoreId is not null;

    /// <summary>All models, with or without a stable version.</summary>
    public IReadOnlyCollection<ModelRoute> Models => _models.Values;

    /// <summary>The names of the models that have a stable version, in order.</summary>
    public IReadOnlyList<string> Served { get; }

    /// <summary>The registered versions by model, in order: what the next table is built from.</summary>
    public Dictionary<string, List<ModelVersion>> Versions { get; }

    /// <summary>Replicas by id.</summary>
    public IReadOnlyDictionary<string, Replica> Replicas { get; }

    /// <summary>What the Registry is told, by model name. The same list while nothing in it changes.</summary>
    public IReadOnlyList<GatewayRoute> Report { get; }

    /// <summary>Who may ask, at the same revision.</summary>
    public CallerTable Callers { get; init; } = CallerTable.Empty;

    /// <summary>A model by name, without making a string of it; null when unknown.</summary>
    public ModelRoute? Find(ReadOnlySpan<char> model) => _byName.TryGetValue(model, out var route) ? route : null;
}
