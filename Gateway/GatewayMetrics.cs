using System.Diagnostics.Metrics;
using Sluice.Contracts;
using Sluice.Gateway.Figures;
using Sluice.Gateway.Mirror;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway;

/// <summary>
/// What the gateway counts: in the figures of the routes, which the page for Prometheus shows (<see cref="GatewayPage"/>), and in instruments by model,
/// which feed OTLP, since an instrument never loses a series. Labels are bounded by what the Registry knows: a caller's words never become one. Nothing
/// here allocates.
/// </summary>
internal sealed class GatewayMetrics
{
    /// <summary>The label of requests for models that are not known. No model can have this name.</summary>
    public const string UnknownModel = "(unknown)";

    /// <summary>Why a request is refused: there are as many as the gateway takes.</summary>
    public const string Overload = "overload";

    // Made once: a label is asked for with every request.
    private static readonly KeyValuePair<string, object?>[] Outcomes =
        [.. FaultClasses.All.Select(fault => new KeyValuePair<string, object?>("outcome", fault.Label()))];

    private static readonly KeyValuePair<string, object?>[] Results =
        [.. MirrorResults.All.Select(result => new KeyValuePair<string, object?>("result", result.Label()))];

    private readonly Counter<long> _requests;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _responses;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _shielded;
    private readonly Counter<long> _unheld;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _mirrored;

    public GatewayMetrics(IMeterFactory meters, LatencyEdges edges)
    {
        Unknown = new ModelFigures(UnknownModel, edges.For(former: null, rollout: null));
        var meter = meters.Create(MetricNames.GatewayMeter);
        _requests = meter.CreateCounter<long>(MetricNames.GatewayRequests, "{request}", "First attempts.");
        _duration = meter.CreateHistogram(
            MetricNames.GatewayRequestDuration,
            "s",
            "Duration of first attempts that were ok or passed their deadline.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = edges.Common });
        _responses = meter.CreateCounter<long>(MetricNames.GatewayResponses, "{response}", "What callers got.");
        _retries = meter.CreateCounter<long>(MetricNames.GatewayRetries, "{attempt}", "Attempts on another replica.");
        _shielded = meter.CreateCounter<long>(MetricNames.GatewayShielded, "{request}", "Requests that stable answered in the canary's place.");
        _unheld = meter.CreateCounter<long>(MetricNames.GatewayUnheld, "{request}", "Requests whose body was not held: forwarded once, unshielded.");
        _refused = meter.CreateCounter<long>(MetricNames.GatewayRefused, "{request}", "Requests that were not let in.");
        _mirrored = meter.CreateCounter<long>(MetricNames.GatewayMirror, "{request}", "Requests that were copied to the canary.");
    }

    /// <summary>What is counted of requests for models that are not known.</summary>
    public ModelFigures Unknown { get; }

    /// <summary>A first attempt ended.</summary>
    /// <param name="version">The version that was asked.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="duration">How long it took; null for a stream, which lasts as long as its caller likes.</param>
    public void Attempted(VersionRoute version, FaultClass outcome, TimeSpan? duration)
    {
        version.Figures?.Attempted(outcome, duration?.TotalSeconds);
        var model = version.ModelFigures.Tag;
        _requests.Add(1, model, Outcomes[(int)outcome]);
        if (outcome is FaultClass.Ok or FaultClass.Deadline && duration is { } took)
        {
            _duration.Record(took.TotalSeconds, model);
        }
    }

    /// <summary>Another replica is asked.</summary>
    /// <param name="version">The version that is asked for.</param>
    /// <param name="reason">Why: a constant of the code.</param>
    public void Retried(VersionRoute version, string reason)
    {
        version.Figures?.Retries.Add(reason);
        _retries.Add(1, version.ModelFigures.Tag, new KeyValuePair<string, object?>("reason", reason));
    }

    /// <summary>Stable answers a request in a canary's place.</summary>
    /// <param name="version">The canary.</param>
    /// <param name="reason">Why: a constant of the code.</param>
    public void Shielded(VersionRoute version, string reason)
    {
        version.Figures?.Shielded.Add(reason);
        _shielded.Add(1, version.ModelFigures.Tag, new KeyValuePair<string, object?>("reason", reason));
    }

    /// <summary>A body is too large to be held, or the budget is spent: it is streamed through, unshielded.</summary>
    public void Unheld(VersionRoute version)
    {
        version.ModelFigures.Unheld();
        _unheld.Add(1, version.ModelFigures.Tag);
    }

    /// <summary>A request was not let in.</summary>
    /// <param name="model">The model that it named, if there is one; else <see cref="Unknown"/>.</param>
    /// <param name="reason">Why: a constant of the code.</param>
    public void Refused(ModelFigures model, string reason)
    {
        model.Refused.Add(reason);
        _refused.Add(1, model.Tag, new KeyValuePair<string, object?>("reason", reason));
    }

    /// <summary>A request that was copied to a canary ended.</summary>
    public void Mirrored(ModelFigures model, MirrorResult result)
    {
        model.Mirrored(result);
        _mirrored.Add(1, model.Tag, Results[(int)result]);
    }

    /// <summary>A caller got its answer, or left.</summary>
    public void Answered(VersionRoute version, FaultClass outcome) => Answered(version.ModelFigures, outcome);

    /// <summary>A caller got its answer, or left; it asked for a model of the table, or for <see cref="Unknown"/>.</summary>
    public void Answered(ModelFigures model, FaultClass outcome)
    {
        model.Answered(outcome);
        _responses.Add(1, model.Tag, Outcomes[(int)outcome]);
    }
}
