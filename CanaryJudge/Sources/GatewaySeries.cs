namespace Sluice.CanaryJudge.Sources;

/// <summary>The gateways' series that the judge reads, as Prometheus writes their names, and their labels.</summary>
internal static class GatewaySeries
{
    /// <summary>First attempts, by outcome.</summary>
    public const string Requests = "sluice_gateway_requests_total";

    /// <summary>Timed requests at or below an edge.</summary>
    public const string DurationBucket = "sluice_gateway_request_duration_seconds_bucket";

    /// <summary>Timed requests.</summary>
    public const string DurationCount = "sluice_gateway_request_duration_seconds_count";

    /// <summary>The share in force, 0 to 1.</summary>
    public const string Weight = "sluice_gateway_route_weight_ratio";

    /// <summary>Copies of stable's requests, by result.</summary>
    public const string Mirror = "sluice_gateway_mirror_total";

    /// <summary>The label of the model.</summary>
    public const string ModelLabel = "model";

    /// <summary>The label of the version.</summary>
    public const string VersionLabel = "version";

    /// <summary>The label of the outcome: a fault class.</summary>
    public const string OutcomeLabel = "outcome";

    /// <summary>The label of the result of a copy.</summary>
    public const string ResultLabel = "result";

    /// <summary>The label of a predicted class, at the predictors' series.</summary>
    public const string ClassLabel = "class";

    /// <summary>The label of an edge.</summary>
    public const string EdgeLabel = "le";

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All { get; } = [Requests, DurationBucket, DurationCount, Weight, Mirror];
}
