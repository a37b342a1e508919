using System.Text.Json;

namespace Sluice.Contracts;

/// <summary>Kinds of objects that the watch tells of. A consumer passes over kinds it does not know.</summary>
public static class ObjectKinds
{
    /// <summary>A <see cref="ModelVersion"/>; its key is <c>model/version</c>.</summary>
    public const string Version = "version";

    /// <summary>A <see cref="ServingState"/>; its key is the model.</summary>
    public const string Serving = "serving";

    /// <summary>A <see cref="ReplicaStatus"/>; its key is the replica's id.</summary>
    public const string Replica = "replica";

    /// <summary>A <see cref="GatewayStatus"/>; its key is the gateway's id.</summary>
    public const string Gateway = "gateway";

    /// <summary>An <see cref="ApiKey"/>; its key is its name. Only told to watchers with the scope <see cref="Scopes.Watch"/>.</summary>
    public const string Key = "key";

    /// <summary>The <see cref="TokenKeySet"/>; there is one, its key is <c>current</c>.</summary>
    public const string TokenKeys = "tokenKeys";

    /// <summary>A <see cref="Contracts.Rollout"/> that is not closed; its key is the model.</summary>
    public const string Rollout = "rollout";

    /// <summary>The key of a version.</summary>
    public static string VersionKey(string model, int version) => string.Create(null, $"{model}/{version}");
}

/// <summary>Types of server-sent events on <see cref="ApiPaths.Watch"/>.</summary>
public static class WatchEventTypes
{
    /// <summary>The whole state at a revision: first event of a new watch, or of one that fell too far behind.</summary>
    public const string Snapshot = "snapshot";

    /// <summary>Everything that one revision changed.</summary>
    public const string Change = "change";

    /// <summary>Nothing happened; the connection lives. Its data is the revision.</summary>
    public const string Heartbeat = "heartbeat";
}

/// <summary>One object that came, changed or went.</summary>
/// <param name="Kind">One of <see cref="ObjectKinds"/>, or one that a newer Registry knows.</param>
/// <param name="Key">Unique within the kind.</param>
/// <param name="Value">The object as JSON; null when it went.</param>
public sealed record WatchChange(string Kind, string Key, JsonElement? Value);

/// <summary>The payload of a snapshot or of one revision.</summary>
/// <param name="StoreId">Names the store; a watch resumes only within the same store.</param>
/// <param name="Revision">The store's revision after these changes.</param>
/// <param name="IsSnapshot">Whether the changes are the whole state rather than a difference.</param>
/// <param name="Changes">The objects.</param>
public sealed record WatchEvent(string StoreId, long Revision, bool IsSnapshot, IReadOnlyList<WatchChange> Changes);
