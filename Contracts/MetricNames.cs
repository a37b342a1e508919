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

    /// <summary>Counter: requests that the stable version answered in the canary's place, by model, version (the canary's), reason.</summary>
    public const string GatewayShielded = "sluice.gateway.shielded";

    /// <summary>Counter: requests that were copied to the canary, by model, result (agree, disagree, error, dropped).</summary>
    public const string GatewayMirror = "sluice.gateway.mirror";

    /// <summary>Counter: requests and answers for the capture's files, by result (written, dropped, failed).</summary>
    public const string GatewayCaptured = "sluice.gateway.captured";

    /// <summary>Gauge, 0 to 1: the share of a model's traffic that goes to a version, by model, version.</summary>
    public const string GatewayRouteWeight = "sluice.gateway.route.weight";

    /// <summary>Gauge: requests that replicas are working on for this gateway, by pool.</summary>
    public const string GatewayInFlight = "sluice.gateway.requests.in_flight";

    /// <summary>Gauge: 1 for the current stable version and the current canary, by model, version, role.</summary>
    public const string GatewayRoleInfo = "sluice.gateway.role.info";

    /// <summary>Gauge: 1, by gateway: whose page it is on, so that what was scraped can be told from what other gateways show.</summary>
    public const string GatewayInfo = "sluice.gateway.info";

    /// <summary>Counter: requests whose body was not held (too large, or the budget spent), by model.</summary>
    public const string GatewayUnheld = "sluice.gateway.unheld";

    /// <summary>Counter: requests that were not let in, by model, reason (credential, forbidden, rate, overload).</summary>
    public const string GatewayRefused = "sluice.gateway.refused";

    /// <summary>Gauge: the generation of the serving state in use, by model.</summary>
    public const string GatewayRouteGeneration = "sluice.gateway.route.generation";

    /// <summary>Gauge of the seconds until the gateway's certificate ends; where it has one.</summary>
    public const string GatewayCertificateRemaining = "sluice.gateway.certificate.remaining";

    /// <summary>Counter: requests at the predictor, by model, version, outcome.</summary>
    public const string PredictorRequests = "sluice.predictor.requests";

    /// <summary>Histogram, seconds: requests at the predictor, by model, version.</summary>
    public const string PredictorRequestDuration = "sluice.predictor.request.duration";

    /// <summary>Histogram, seconds: from a request's arrival in the batcher to the start of its run, by model, version.</summary>
    public const string PredictorQueueDuration = "sluice.predictor.queue.duration";

    /// <summary>Histogram, seconds: one run of the session, by model, version.</summary>
    public const string PredictorComputeDuration = "sluice.predictor.compute.duration";

    /// <summary>Histogram: rows of one run, by model, version.</summary>
    public const string PredictorBatchSize = "sluice.predictor.batch.size";

    /// <summary>Counter: requests whose caller left, or whose time was over, before they were answered, by model, version, stage (queued, computed).</summary>
    public const string PredictorDropped = "sluice.predictor.dropped";

    /// <summary>Counter: predictions of a classifier by model, version, class.</summary>
    public const string PredictorPredictions = "sluice.predictor.predictions";

    /// <summary>Gauge: requests that wait, by model, version.</summary>
    public const string PredictorQueueLength = "sluice.predictor.queue.length";

    /// <summary>Gauge, bytes: what the GPU's memory grew by with the load of a version and its largest batch, by model, version, device.</summary>
    public const string PredictorModelGpuPeak = "sluice.predictor.model.gpu.memory.peak";

    /// <summary>Gauge: requests that this replica can work on at once.</summary>
    public const string PredictorCapacity = "sluice.predictor.capacity";

    /// <summary>Gauge: 1 for each version that is loaded, by model, version, device.</summary>
    public const string PredictorModelLoaded = "sluice.predictor.model.loaded";

    /// <summary>Histogram, seconds: fetch, load and warm-up of a version, by model, version.</summary>
    public const string PredictorModelLoadDuration = "sluice.predictor.model.load.duration";

    /// <summary>Counter: loads of a version that failed, by model, version.</summary>
    public const string PredictorModelLoadFailures = "sluice.predictor.model.load.failures";

    /// <summary>Gauge: 1, by device, reason: what the predictor computes on, and why.</summary>
    public const string PredictorDevice = "sluice.predictor.device";

    /// <summary>Gauge, bytes, by device: memory of the GPU that is used, by whatever process; absent without a GPU.</summary>
    public const string PredictorGpuMemoryUsed = "sluice.predictor.gpu.memory.used";

    /// <summary>Gauge: watchers that are connected.</summary>
    public const string RegistryWatchers = "sluice.registry.watchers";

    /// <summary>Gauge: the store's revision.</summary>
    public const string RegistryRevision = "sluice.registry.revision";

    /// <summary>Counter: reports that were taken, by kind.</summary>
    public const string RegistryReports = "sluice.registry.reports";

    /// <summary>Histogram, seconds: commits to the store, by result: committed, conflict, failed.</summary>
    public const string RegistryStoreCommitDuration = "sluice.registry.store.commit.duration";

    /// <summary>Counter by model, result: rollouts that reached their verdict.</summary>
    public const string RegistryRollouts = "sluice.registry.rollouts";

    /// <summary>Histogram, seconds, by model, result: from the start of a rollout to its verdict.</summary>
    public const string RegistryRolloutDuration = "sluice.registry.rollout.duration";

    /// <summary>Gauge by model: versions that it has.</summary>
    public const string RegistryVersions = "sluice.registry.versions";

    /// <summary>Gauge by model: versions newer than the stable one that were not yet asked to roll out.</summary>
    public const string RegistryVersionsPending = "sluice.registry.versions.pending";

    /// <summary>Gauge, seconds, by model: since the first of the pending versions was registered; 0 when none is pending.</summary>
    public const string RegistryPromotionWait = "sluice.registry.promotion.wait";

    /// <summary>Gauge by model, version, metric: registered quality metrics of the stable version, the canary and the newest one.</summary>
    public const string RegistryVersionMetric = "sluice.registry.version.metric";

    /// <summary>Counter: looks at a rollout, by model, verdict.</summary>
    public const string JudgeChecks = "sluice.judge.checks";

    /// <summary>Gauge: the evidence of each test on an open rollout, by model, test.</summary>
    public const string JudgeLogEvidence = "sluice.judge.log.evidence";

    /// <summary>Gauge, seconds: since the end of the newest window of an open rollout, by model.</summary>
    public const string JudgeDataAge = "sluice.judge.data.age";

    /// <summary>Gauge, seconds: since the Registry was last heard.</summary>
    public const string JudgeRegistrySilence = "sluice.judge.registry.silence";
}
