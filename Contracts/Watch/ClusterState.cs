using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Sluice.Contracts;

/// <summary>Everything the watch told of, at one revision. Immutable: readers hold on to one and see no change.</summary>
public sealed class ClusterState
{
    private ClusterState()
    {
    }

    /// <summary>Nothing known yet.</summary>
    public static ClusterState Empty { get; } = new();

    /// <summary>The store it came from; null when nothing is known yet.</summary>
    public string? StoreId { get; private init; }

    /// <summary>The store's revision.</summary>
    public long Revision { get; private init; }

    /// <summary>Desired states by model name.</summary>
    public ImmutableDictionary<string, ServingState> Serving { get; private init; } = Keyed<ServingState>();

    /// <summary>Versions by <see cref="ObjectKinds.VersionKey"/>.</summary>
    public ImmutableDictionary<string, ModelVersion> Versions { get; private init; } = Keyed<ModelVersion>();

    /// <summary>Replicas by id.</summary>
    public ImmutableDictionary<string, ReplicaStatus> Replicas { get; private init; } = Keyed<ReplicaStatus>();

    /// <summary>Gateways by id.</summary>
    public ImmutableDictionary<string, GatewayStatus> Gateways { get; private init; } = Keyed<GatewayStatus>();

    /// <summary>API keys by name; empty where the watcher may not know of them.</summary>
    public ImmutableDictionary<string, ApiKey> Keys { get; private init; } = Keyed<ApiKey>();

    /// <summary>The public keys of tokens: none or one set.</summary>
    public ImmutableDictionary<string, TokenKeySet> TokenKeys { get; private init; } = Keyed<TokenKeySet>();

    /// <summary>Rollouts that are not closed, by model name.</summary>
    public ImmutableDictionary<string, Rollout> Rollouts { get; private init; } = Keyed<Rollout>();

    /// <summary>One version of a model; null when unknown.</summary>
    public ModelVersion? FindVersion(string model, int version) => Versions.GetValueOrDefault(ObjectKinds.VersionKey(model, version));

    /// <summary>The state after an event: replaced by a snapshot, else with the differences applied.</summary>
    /// <exception cref="JsonException">The event, or an object of a known kind, is not of its form.</exception>
    public ClusterState Apply(WatchEvent watchEvent)
    {
        // JSON leaves what is missing null, whatever the type says.
        if (watchEvent.StoreId is null || watchEvent.Changes?.All(change => change is { Kind: not null, Key: not null }) is not true)
        {
            throw new JsonException("A watch event needs a storeId and changes, each with kind and key.");
        }

        var start = watchEvent.IsSnapshot ? Empty : this;
        var serving = start.Serving.ToBuilder();
        var versions = start.Versions.ToBuilder();
        var replicas = start.Replicas.ToBuilder();
        var gateways = start.Gateways.ToBuilder();
        var keys = start.Keys.ToBuilder();
        var tokenKeys = start.TokenKeys.ToBuilder();
        var rollouts = start.Rollouts.ToBuilder();
        foreach (var change in watchEvent.Changes)
        {
            switch (change.Kind)
            {
                case ObjectKinds.Serving:
                    Set(serving, change, ContractsJson.Default.ServingState);
                    break;
                case ObjectKinds.Version:
                    Set(versions, change, ContractsJson.Default.ModelVersion);
                    break;
                case ObjectKinds.Replica:
                    Set(replicas, change, ContractsJson.Default.ReplicaStatus);
                    break;
                case ObjectKinds.Gateway:
                    Set(gateways, change, ContractsJson.Default.GatewayStatus);
                    break;
                case ObjectKinds.Key:
                    Set(keys, change, ContractsJson.Default.ApiKey);
                    break;
                case ObjectKinds.TokenKeys:
                    Set(tokenKeys, change, ContractsJson.Default.TokenKeySet);
                    break;
                case ObjectKinds.Rollout:
                    Set(rollouts, change, ContractsJson.Default.Rollout);
                    break;
            }
        }

        return new ClusterState
        {
            StoreId = watchEvent.StoreId,
            Revision = watchEvent.Revision,
            Serving = serving.ToImmutable(),
            Versions = versions.ToImmutable(),
            Replicas = replicas.ToImmutable(),
            Gateways = gateways.ToImmutable(),
            Keys = keys.ToImmutable(),
            TokenKeys = tokenKeys.ToImmutable(),
            Rollouts = rollouts.ToImmutable(),
        };
    }

    /// <summary>The snapshot that yields this state: what is kept on disk as the last known good.</summary>
    public WatchEvent ToSnapshot() => new(
        StoreId ?? throw new InvalidOperationException("Nothing is known yet."),
        Revision,
        IsSnapshot: true,
        [
            .. Changes(ObjectKinds.Version, Versions, ContractsJson.Default.ModelVersion),
            .. Changes(ObjectKinds.Serving, Serving, ContractsJson.Default.ServingState),
            .. Changes(ObjectKinds.Replica, Replicas, ContractsJson.Default.ReplicaStatus),
            .. Changes(ObjectKinds.Gateway, Gateways, ContractsJson.Default.GatewayStatus),
            .. Changes(ObjectKinds.Key, Keys, ContractsJson.Default.ApiKey),
            .. Changes(ObjectKinds.TokenKeys, TokenKeys, ContractsJson.Default.TokenKeySet),
            .. Changes(ObjectKinds.Rollout, Rollouts, ContractsJson.Default.Rollout),
        ]);

    private static ImmutableDictionary<string, T> Keyed<T>() => ImmutableDictionary.Create<string, T>(StringComparer.Ordinal);

    private static void Set<T>(ImmutableDictionary<string, T>.Builder objects, WatchChange change, JsonTypeInfo<T> type)
    {
        if (change.Value is { ValueKind: not JsonValueKind.Null } value)
        {
            objects[change.Key] = value.Deserialize(type) ?? throw new JsonException($"The {change.Kind} {change.Key} is null.");
        }
        else
        {
            objects.Remove(change.Key);
        }
    }

    private static IEnumerable<WatchChange> Changes<T>(string kind, ImmutableDictionary<string, T> objects, JsonTypeInfo<T> type) =>
        objects.Select(pair => new WatchChange(kind, pair.Key, JsonSerializer.SerializeToElement(pair.Value, type)));
}
