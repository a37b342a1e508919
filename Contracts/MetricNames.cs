namespace Sluice.Contracts;

/// <summary>
/// Names of meters and instruments. Instruments have dots; Prometheus sees <c>sluice_gateway_requests_total</c> for <c>sluice.gateway.requests</c>.
/// </summary>
public static class MetricNames
{
    /// <summary>What the meters and activity sources of all services begin with.</summary>
    public const string Prefix = "Sluice.";

    /// <summary>Meter and activity source of the Gateway.</summary>
    public const string GatewayMeter = Prefix + "Gateway";

    /// <summary>Meter and activity source of the Predictor.</summary>
    public const string PredictorMeter = Prefix + "Predictor";

    /// <summary>Meter of the Registry.</summary>
    public const string RegistryMeter = Prefix + "Registry";

    /// <summary>Meter of the CanaryJudge.</summary>
    public const string JudgeMeter = Prefix + "CanaryJudge";

    /// <summary>Counter: first attempts by model, version, outcome.</summary>
    public const string GatewayRequests = "sluice.gateway.requests";

    /// <summary>Histogram, seconds: first attempts that were ok or deadline, by model, version.</summary>
    public const string GatewayRequestDuration = "sluice.gateway.request.duration";

    /// <summary>Counter: what the user got, by model, outcome.</summary>
    public const string GatewayResponses = "sluice.gateway.responses";

    /// <summary>Counter: attempts on another replica, by model, version, reason.</summary>
    public const string GatewayRetries = "sluice.gateway.retries";

    /// <summary>Gauge: the generation of the serving state in use, by model.</summary>
    public const string GatewayRouteGeneration = "sluice.gateway.route.generation";

    /// <summary>Histogram, seconds: requests at the predictor, by model, version.</summary>
    public const string PredictorRequestDuration = "sluice.predictor.request.duration";

    /// <summary>Histogram, seconds: one run of the session, by model, version.</summary>
    public const string PredictorComputeDuration = "sluice.predictor.compute.duration";

    /// <summary>Gauge: 1 for each version that is loaded, by model, version, device.</summary>
    public const string PredictorModelLoaded = "sluice.predictor.model.loaded";

    /// <summary>Histogram, seconds: fetch, load and warm-up of a version, by model, version.</summary>
    public const string PredictorModelLoadDuration = "sluice.predictor.model.load.duration";

    /// <summary>Counter: loads of a version that failed, by model, version.</summary>
    public const string PredictorModelLoadFailures = "sluice.predictor.model.load.failures";

    /// <summary>Gauge: watchers that are connected.</summary>
    public const string RegistryWatchers = "sluice.registry.watchers";

    /// <summary>Gauge: the store's revision.</summary>
    public const string RegistryRevision = "sluice.registry.revision";

    /// <summary>Gauge, seconds: since the watch was last heard.</summary>
    public const string JudgeDataAge = "sluice.judge.data.age";
}
