using System.Globalization;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Gateway.Access;
using Sluice.Gateway.Capture;
using Sluice.Gateway.Figures;
using Sluice.Gateway.Limits;
using Sluice.Gateway.Mirror;
using Sluice.Gateway.Routing;
using Sluice.Gateway.Splitting;

namespace Sluice.Gateway.Forwarding;

/// <summary>Takes the requests for inference; all others go on to the endpoints.</summary>
internal sealed class InferenceMiddleware(
    RequestDelegate next,
    Routes routes,
    CallerCheck access,
    InferenceForwarder forwarder,
    RequestCapture capture,
    GatewayMetrics metrics,
    Drain drain,
    IOptions<GatewayOptions> options,
    IOptions<LimitOptions> limits,
    TimeProvider time)
{
    private readonly TimeSpan _timeout = options.Value.RequestTimeout;
    private readonly long _maxBytes = options.Value.MaxRequestBodyBytes;
    private readonly string? _defaultModel = options.Value.DefaultModel;

    public Task InvokeAsync(HttpContext context)
    {
        if (!InferencePath.TryParse(context.Request.Path.Value, out var path))
        {
            return next(context);
        }

        // What the router would have set: telemetry reads the route's template from it.
        context.SetEndpoint(InferenceEndpoints.For(path));
        var protocol = path.Protocol;
        var table = routes.Current;
        var headers = context.Request.Headers;
        var named = path.IsBare ? MeantModel.Named(headers, defaultModel: null) : path.Model;
        if (access.CheckInference(context, table, named, out var caller) is { } denial)
        {
            var figures = table.Find(named)?.Figures ?? metrics.Unknown;
            metrics.Refused(figures, denial.Reason);
            return Refuse(context, figures, denial.In(protocol));
        }

        // Whoever may ask one model only means that one.
        var meant = caller.Model ?? _defaultModel;
        if (table.Find(path.IsBare ? MeantModel.Name(table, headers, meant) : path.Model) is not { } model)
        {
            return Refuse(context, metrics.Unknown, path.IsBare
                ? MeantModel.Refuse(table, protocol, headers, meant)
                : Refusal.Unknown(table, protocol, path.Model));
        }

        if (!VersionPin.TryRead(headers, path.Version, out var pin))
        {
            return Refuse(context, model.Figures, VersionPin.Refuse(protocol, headers));
        }

        var version = pin is { } pinned ? model.Find(pinned) : model.Choose(StickyKey.Of(context, model.Serving?.Stickiness), Random.Shared);
        if (version is null)
        {
            return Refuse(context, model.Figures, pin is { } number
                ? Refusal.UnknownVersion(protocol, model.Model, number)
                : Refusal.NoStableVersion(protocol, model.Model));
        }

        if (Check(context.Request, protocol, out var timeout) is { } refusal)
        {
            return Refuse(context, model.Figures, refusal);
        }

        if (version.IsReady)
        {
            if (!drain.TryBegin(context))
            {
                metrics.Refused(model.Figures, GatewayMetrics.Overload);
                return Refuse(context, model.Figures, Refusal.Overloaded(protocol, limits.Value.MaxInFlight));
            }

            // A version that was asked for by number answers for itself.
            var stable = pin is null && version != model.Default && model.Default is { IsReady: true } ? model.Default : null;
            var sampling = new Sampling(pin is null && TrafficMirror.Draws(model, version), capture.Draws(model.Model));
            return ForwardAsync(context, protocol, model, version, stable, timeout, sampling);
        }

        // That nobody has it ready speaks against the version, as if it had been asked and failed.
        metrics.Attempted(version, FaultClass.Capacity, TimeSpan.Zero);
        return Refuse(context, model.Figures, Refusal.NotReady(protocol, model.Model, version.Version));
    }

    private async Task ForwardAsync(
        HttpContext context, InferenceProtocol protocol, ModelRoute model, VersionRoute version, VersionRoute? stable, TimeSpan timeout, Sampling sampling)
    {
        model.Traffic.Begin(time.GetElapsedTime(0));
        try
        {
            await forwarder.ForwardAsync(context, protocol, version, stable, timeout, sampling);
        }
        finally
        {
            model.Traffic.End();
            drain.End();
        }
    }

    private Refusal? Check(HttpRequest request, InferenceProtocol protocol, out TimeSpan timeout)
    {
        timeout = _timeout;
        if (!HttpMethods.IsPost(request.Method))
        {
            return Refusal.WrongMethod(protocol);
        }

        if (request.ContentLength > _maxBytes)
        {
            return Refusal.TooLarge(protocol, _maxBytes);
        }

        return ReadTimeout(request, ref timeout) ? null : Refusal.BadTimeout(protocol);
    }

    /// <summary>Takes the caller's time where it is shorter; false when it is none.</summary>
    private static bool ReadTimeout(HttpRequest request, ref TimeSpan timeout)
    {
        if (!request.Headers.TryGetValue(SluiceHeaders.TimeoutMilliseconds, out var text))
        {
            return true;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) || milliseconds == 0)
        {
            return false;
        }

        if (milliseconds < timeout.TotalMilliseconds)
        {
            timeout = TimeSpan.FromMilliseconds(milliseconds);
        }

        return true;
    }

    private Task Refuse(HttpContext context, ModelFigures model, Refusal refusal)
    {
        metrics.Answered(model, refusal.Fault);
        return refusal.ExecuteAsync(context);
    }
}
