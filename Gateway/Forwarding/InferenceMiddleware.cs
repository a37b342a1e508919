using System.Globalization;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Gateway.Access;
using Sluice.Gateway.Capture;
using Sluice.Gateway.Figures;
using Sluice.Gateway.Grpc;
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
    GrpcDestinations grpc,
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
            return GrpcMethod.Of(context.Request) is { } method ? InvokeGrpcAsync(context, method) : next(context);
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

        return Check(context.Request, protocol, _timeout, out var timeout) is { } refusal
            ? Refuse(context, model.Figures, refusal)
            : AskAsync(context, protocol, model, path.Version, timeout, isStream: false);
    }

    // Which model a call means is known only once its first bytes are there.
    private async Task InvokeGrpcAsync(HttpContext context, GrpcMethod method)
    {
        context.SetEndpoint(method.Endpoint);
        var started = time.GetTimestamp();
        if (Check(context.Request, InferenceProtocol.Grpc, method.IsStream ? GrpcTimeout.OfStream : _timeout, out var timeout) is { } refusal)
        {
            await Refuse(context, metrics.Unknown, refusal);
            return;
        }

        // Strangers are not waited for.
        if (access.Check(context, routes.Current, default, out _) is { } stranger)
        {
            metrics.Refused(metrics.Unknown, stranger.Reason);
            await Refuse(context, metrics.Unknown, stranger.In(InferenceProtocol.Grpc));
            return;
        }

        GrpcDestination found;
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, context.RequestAborted);
        try
        {
            found = await grpc.FindAsync(context, method, either.Token);
        }
        catch (BadHttpRequestException bad) when (!Attempt.IsCutOff(bad))
        {
            await Refuse(context, metrics.Unknown, Refusal.BrokenRequest(InferenceProtocol.Grpc, bad.StatusCode));
            return;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            if (deadline.IsCancellationRequested)
            {
                await Refuse(context, metrics.Unknown, Refusal.DeadlinePassed(InferenceProtocol.Grpc, timeout));
                return;
            }

            metrics.Answered(metrics.Unknown, FaultClass.Cancelled);
            return;
        }

        var table = routes.Current;
        if (access.CheckInference(context, table, found.Model, out _) is { } denial)
        {
            var figures = table.Find(found.Model)?.Figures ?? metrics.Unknown;
            metrics.Refused(figures, denial.Reason);
            await Refuse(context, figures, denial.In(InferenceProtocol.Grpc));
            return;
        }

        if (found.Problem is { } problem)
        {
            await Refuse(context, metrics.Unknown, problem);
            return;
        }

        if (table.Find(found.Model) is not { } model)
        {
            await Refuse(context, metrics.Unknown, Refusal.Unknown(table, InferenceProtocol.Grpc, found.Model));
            return;
        }

        var left = timeout - time.GetElapsedTime(started);
        await AskAsync(context, InferenceProtocol.Grpc, model, found.Version, left > TimeSpan.Zero ? left : TimeSpan.Zero, method.IsStream);
    }

    /// <summary>Asks a version of a model.</summary>
    /// <param name="context">The request.</param>
    /// <param name="protocol">The protocol the caller speaks.</param>
    /// <param name="model">The model.</param>
    /// <param name="asked">The version that the path or the message pins; null when none; 0 when what stands there is no number.</param>
    /// <param name="timeout">The time for all of it.</param>
    /// <param name="isStream">Whether it is a gRPC stream.</param>
    private Task AskAsync(HttpContext context, InferenceProtocol protocol, ModelRoute model, int? asked, TimeSpan timeout, bool isStream)
    {
        if (!VersionPin.TryRead(context.Request.Headers, asked, out var pin))
        {
            return Refuse(context, model.Figures, VersionPin.Refuse(protocol, context.Request.Headers));
        }

        var version = pin is { } pinned ? model.Find(pinned) : model.Choose(StickyKey.Of(context, model.Serving?.Stickiness), Random.Shared);
        if (pin is null && version?.IsReadyFor(protocol) is false)
        {
            version = model.Default; // the replicas of the canary that was drawn have no gRPC endpoint
        }

        if (version is null)
        {
            return Refuse(context, model.Figures, pin is { } number
                ? Refusal.UnknownVersion(protocol, model.Model, number)
                : Refusal.NoStableVersion(protocol, model.Model));
        }

        if (version.IsReadyFor(protocol))
        {
            if (!drain.TryBegin(context))
            {
                metrics.Refused(model.Figures, GatewayMetrics.Overload);
                return Refuse(context, model.Figures, Refusal.Overloaded(protocol, limits.Value.MaxInFlight));
            }

            // A version that was asked for by number answers for itself, and nobody answers for one that streams.
            var stable = pin is null && !isStream && version != model.Default && model.Default?.IsReadyFor(protocol) is true ? model.Default : null;

            // What is compared and kept are bodies of HTTP.
            var sampling = protocol == InferenceProtocol.Grpc ? default : new Sampling(pin is null && TrafficMirror.Draws(model, version), capture.Draws(model.Model));
            return ForwardAsync(context, protocol, model, version, stable, timeout, sampling, isStream);
        }

        // That nobody has it ready speaks against the version, as if it had been asked and failed.
        metrics.Attempted(version, FaultClass.Capacity, TimeSpan.Zero);
        return Refuse(context, model.Figures, Refusal.NotReady(protocol, model.Model, version.Version));
    }

    private async Task ForwardAsync(
        HttpContext context,
        InferenceProtocol protocol,
        ModelRoute model,
        VersionRoute version,
        VersionRoute? stable,
        TimeSpan timeout,
        Sampling sampling,
        bool isStream)
    {
        model.Traffic.Begin(time.GetElapsedTime(0));
        try
        {
            await forwarder.ForwardAsync(context, protocol, version, stable, timeout, sampling, isStream);
        }
        finally
        {
            model.Traffic.End();
            drain.End();
        }
    }

    private Refusal? Check(HttpRequest request, InferenceProtocol protocol, TimeSpan longest, out TimeSpan timeout)
    {
        timeout = longest;
        if (!HttpMethods.IsPost(request.Method))
        {
            return Refusal.WrongMethod(protocol);
        }

        if (request.ContentLength > _maxBytes)
        {
            return Refusal.TooLarge(protocol, _maxBytes);
        }

        return ReadTimeout(request, protocol, ref timeout) ? null : Refusal.BadTimeout(protocol);
    }

    /// <summary>Takes the caller's time where it is shorter; false when it is none.</summary>
    private static bool ReadTimeout(HttpRequest request, InferenceProtocol protocol, ref TimeSpan timeout)
    {
        if (protocol == InferenceProtocol.Grpc && request.Headers.TryGetValue(GrpcTimeout.Header, out var grpc))
        {
            var isTime = GrpcTimeout.TryRead(grpc.ToString(), out var asked);
            timeout = asked < timeout ? asked : timeout;
            return isTime;
        }

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
