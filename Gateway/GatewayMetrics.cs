using System.Diagnostics;
using System.Diagnostics.Metrics;
using Sluice.Contracts;
using Sluice.Gateway.Routing;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.Gateway;

/// <summary>What the gateway counts. Labels are bounded by what the Registry knows: a caller's words never become one.</summary>
internal sealed class GatewayMetrics : IMetricSource
{
    /// <summary>The label of requests for models that are not known. No model can have this name.</summary>
    public const string UnknownModel = "(unknown)";

    /// <summary>Why an attempt was made on another replica: no connection came about.</summary>
    public const string ReasonConnect = "connect";

    // Edges in seconds; 0.5 is the p99 limit that rollouts start with, and a limit must be an edge to be judged exactly.
    private static readonly double[] Edges = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    // Rendered from the routes, so that it goes with its route: an instrument's series would stay.
    private static readonly MetricFamily RouteGeneration = MetricFamily.OfInstrument(
        MetricNames.GatewayRouteGeneration, unit: null, MetricType.Gauge, "The generation of the serving state in use.");

    private readonly Routes _routes;
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _responses;
    private readonly Counter<long> _retries;

    public GatewayMetrics(IMeterFactory meters, Routes routes)
    {
        _routes = routes;
        var meter = meters.Create(MetricNames.GatewayMeter);
        _requests = meter.CreateCounter<long>(MetricNames.GatewayRequests, "{request}", "First attempts by the version they went to.");
        _duration = meter.CreateHistogram(
            MetricNames.GatewayRequestDuration,
            "s",
            "Duration of first attempts that were ok or passed their deadline.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Edges });
        _responses = meter.CreateCounter<long>(MetricNames.GatewayResponses, "{response}", "What callers got.");
        _retries = meter.CreateCounter<long>(MetricNames.GatewayRetries, "{attempt}", "Attempts on another replica.");
        meter.CreateObservableGauge(
            MetricNames.GatewayRouteGeneration,
            () => routes.Current.Report.Select(Generation),
            description: "The generation of the serving state in use.");
    }

    /// <inheritdoc />
    public void Write(MetricsWriter writer)
    {
        writer.Begin(RouteGeneration);
        foreach (var route in _routes.Current.Report)
        {
            writer.Sample(MetricLabels.Of(("model", route.Model)), route.Generation);
        }
    }

    /// <summary>A first attempt ended.</summary>
    public void Attempted(VersionRoute version, FaultClass outcome, TimeSpan duration)
    {
        var tags = new TagList { { "model", version.Model }, { "version", version.VersionText } };
        if (outcome is FaultClass.Ok or FaultClass.Deadline)
        {
            _duration.Record(duration.TotalSeconds, tags);
        }

        tags.Add("outcome", outcome.Label());
        _requests.Add(1, tags);
    }

    /// <summary>Another replica is asked.</summary>
    public void Retried(VersionRoute version, string reason) =>
        _retries.Add(1, new TagList { { "model", version.Model }, { "version", version.VersionText }, { "reason", reason } });

    /// <summary>A caller got its answer, or left.</summary>
    public void Answered(string model, FaultClass outcome) =>
        _responses.Add(1, new TagList { { "model", model }, { "outcome", outcome.Label() } });

    private static Measurement<long> Generation(GatewayRoute route) => new(route.Generation, new KeyValuePair<string, object?>("model", route.Model));
}
