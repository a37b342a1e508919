namespace Sluice.Contracts;

/// <summary>What a gateway routes of one model.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Generation">The generation of the serving state in use.</param>
/// <param name="CanaryWeight">The canary's share in use.</param>
/// <param name="BreakerOpenSince">
/// Since when, by the gateway's clock, the canary's breaker is open, so that stable answers most of its share; null while it is closed.
/// </param>
public sealed record GatewayRoute(string Model, long Generation, Weight CanaryWeight, DateTimeOffset? BreakerOpenSince = null);

/// <summary>How busy a model is at one gateway.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="PeakInFlight">The most requests of it that were in flight at once in the last five minutes.</param>
public sealed record ModelLoad(string Model, int PeakInFlight);

/// <summary>What a gateway says of itself every two seconds and on change: the body of <c>PUT /api/gateways/{id}</c>.</summary>
public sealed record GatewayReport
{
    /// <summary>Where it is reached: an absolute http URL without a path.</summary>
    public required string Address { get; init; }

    /// <summary>Where its metrics are read: an absolute http URL without a path, to which <c>/metrics</c> is added; null when it shows none.</summary>
    public string? MetricsAddress { get; init; }

    /// <summary>The store's revision whose state it routes by.</summary>
    public long Revision { get; init; }

    /// <summary>What it routes, by model name.</summary>
    public IReadOnlyList<GatewayRoute> Routes { get; init => field = value ?? []; } = [];

    /// <summary>Requests it is working on.</summary>
    public int InFlight { get; init; }

    /// <summary>How busy each model is, for those that had requests lately.</summary>
    public IReadOnlyList<ModelLoad> Loads { get; init => field = value ?? []; } = [];
}

/// <summary>The lasting part of a gateway's report: written, and told to watchers, only when it changes.</summary>
public sealed record GatewayStatus
{
    /// <summary>Unique for the life of the process.</summary>
    public required string Id { get; init; }

    /// <inheritdoc cref="GatewayReport.Address" />
    public required string Address { get; init; }

    /// <inheritdoc cref="GatewayReport.MetricsAddress" />
    public string? MetricsAddress { get; init; }

    /// <inheritdoc cref="GatewayReport.Routes" />
    public IReadOnlyList<GatewayRoute> Routes { get; init => field = value ?? []; } = [];
}

/// <summary>A gateway as <c>GET /api/gateways</c> shows it.</summary>
/// <param name="Status">The lasting part.</param>
/// <param name="Revision">The revision it last routed by.</param>
/// <param name="InFlight">Requests it was working on.</param>
/// <param name="LastSeen">When it last reported; null when not since the Registry's start.</param>
public sealed record GatewayView(GatewayStatus Status, long Revision, int InFlight, DateTimeOffset? LastSeen);
