namespace Sluice.Contracts;

/// <summary>Where a version stands on one replica.</summary>
public enum VersionState
{
    /// <summary>Being fetched, loaded or proved.</summary>
    Loading,

    /// <summary>Proved; requests are answered.</summary>
    Ready,

    /// <summary>Could not be loaded or proved; the reason is told.</summary>
    Failed,

    /// <summary>To be unloaded: gateways send no more requests; those that are still on their way are answered.</summary>
    Draining,
}

/// <summary>One version on one replica.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Version">The version's number.</param>
/// <param name="Digest">The artifact's digest.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Reason">Why it failed; null otherwise.</param>
public sealed record ReplicaVersion(string Model, int Version, string Digest, VersionState State, string? Reason = null);

/// <summary>What a replica says of itself every two seconds and on change: the body of <c>PUT /api/replicas/{id}</c>.</summary>
public sealed record ReplicaReport
{
    /// <summary>One of <see cref="Pools"/>.</summary>
    public required string Pool { get; init; }

    /// <summary>Where gateways reach it: an absolute http URL without a path.</summary>
    public required string Address { get; init; }

    /// <summary>Where gateways reach its gRPC endpoint: an absolute http URL without a path; null when it has none.</summary>
    public string? GrpcAddress { get; init; }

    /// <summary>Where its metrics are read: an absolute http URL without a path, to which <c>/metrics</c> is added; null when it shows none.</summary>
    public string? MetricsAddress { get; init; }

    /// <summary>What it computes on, e.g. <c>cpu</c> or <c>cuda:0</c>.</summary>
    public required string Device { get; init; }

    /// <summary>Why it is that device, in a sentence; null when it is not told.</summary>
    public string? DeviceReason { get; init; }

    /// <summary>The versions it holds.</summary>
    public IReadOnlyList<ReplicaVersion> Versions { get; init => field = value ?? []; } = [];

    /// <summary>Requests it is working on.</summary>
    public int InFlight { get; init; }

    /// <summary>Requests it can work on at once.</summary>
    public int Capacity { get; init; }
}

/// <summary>The lasting part of a replica's report: written, and told to watchers, only when it changes.</summary>
public sealed record ReplicaStatus
{
    /// <summary>Unique for the life of the process.</summary>
    public required string Id { get; init; }

    /// <inheritdoc cref="ReplicaReport.Pool" />
    public required string Pool { get; init; }

    /// <inheritdoc cref="ReplicaReport.Address" />
    public required string Address { get; init; }

    /// <inheritdoc cref="ReplicaReport.GrpcAddress" />
    public string? GrpcAddress { get; init; }

    /// <inheritdoc cref="ReplicaReport.MetricsAddress" />
    public string? MetricsAddress { get; init; }

    /// <inheritdoc cref="ReplicaReport.Device" />
    public required string Device { get; init; }

    /// <inheritdoc cref="ReplicaReport.DeviceReason" />
    public string? DeviceReason { get; init; }

    /// <inheritdoc cref="ReplicaReport.Versions" />
    public IReadOnlyList<ReplicaVersion> Versions { get; init => field = value ?? []; } = [];
}

/// <summary>A replica as <c>GET /api/replicas</c> shows it: its status and the soft state the Registry keeps in memory.</summary>
/// <param name="Status">The lasting part.</param>
/// <param name="InFlight">Requests it was working on.</param>
/// <param name="Capacity">Requests it can work on at once.</param>
/// <param name="LastSeen">When it last reported; null when not since the Registry's start.</param>
public sealed record ReplicaView(ReplicaStatus Status, int InFlight, int Capacity, DateTimeOffset? LastSeen);
