using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Gateway.Holding;
using Sluice.Gateway.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Gateway.Forwarding;

/// <summary>Makes single attempts: sends a request to one replica and says how that ended.</summary>
internal sealed partial class Attempts(
    IHttpForwarder forwarder, UpstreamConnections upstream, HeldBudget budget, IOptions<GatewayOptions> options, TimeProvider time, ILogger<Attempts> logger)
{
    // Replicas speak HTTP/1.1, and HTTP/2 for gRPC. The deadline is ours and covers the whole exchange, so the forwarder's own, which starts anew with every byte, is idle.
    private static readonly ForwarderRequestConfig Upstream = new()
    {
        Version = System.Net.HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        ActivityTimeout = TimeSpan.FromDays(1),
    };

    private static readonly ForwarderRequestConfig GrpcUpstream = Upstream with { Version = System.Net.HttpVersion.Version20 };

    /// <summary>Sends the request from a context; status and headers of the answer are there afterwards, and its body too unless it is held.</summary>
    /// <param name="call">The request.</param>
    /// <param name="context">The caller's, or one of its own for an attempt that the caller may not wait for.</param>
    /// <param name="version">The version that is asked.</param>
    /// <param name="target">The replica.</param>
    /// <param name="number">How many attempts there were before.</param>
    /// <param name="holds">Bytes of the answer that may be held; 0 passes it on as it comes.</param>
    /// <param name="deadline">Ends it as out of time.</param>
    public async Task<(Attempt Attempt, HeldBytes? Answer)> SendAsync(
        InferenceCall call, HttpContext context, VersionRoute version, ReadyReplica target, int number, int holds, CancellationToken deadline)
    {
        using var span = ForwardSpan.Start(version, target.Replica, number);
        var room = holds > 0 ? new HeldBytes(budget, holds) : null;
        var exchange = new Exchange(call, version, target, room);
        target.Replica.Begin();
        Attempt attempt;
        try
        {
            attempt = await SendAsync(call, context, exchange, deadline);
        }
        finally
        {
            target.Replica.End();
            if (exchange.Answer is null)
            {
                room?.Release();
            }
        }

        ForwardSpan.Stop(span, attempt.Fault);
        Note(context, exchange, attempt);
        return (attempt, exchange.Answer);
    }

    /// <summary>Bytes of an answer of a stable version that are held until it is complete.</summary>
    public int StableRoom => options.Value.MaxHeldAnswerBytes;

    /// <summary>The same of a canary's.</summary>
    public int CanaryRoom => options.Value.MaxHeldCanaryAnswerBytes;

    private async Task<Attempt> SendAsync(InferenceCall call, HttpContext context, Exchange exchange, CancellationToken deadline)
    {
        if (call.Body is { } body)
        {
            context.Request.Body = body.OpenRead();
        }

        var down = exchange.Replica.Down;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline, down);
        var error = await forwarder.SendAsync(context, exchange.Replica.Address.OriginalString, upstream.Invoker, call.IsGrpc ? GrpcUpstream : Upstream, exchange, either.Token);
        var ended = deadline.IsCancellationRequested || (error != ForwarderError.None && call.EndedByItsCaller) ? AttemptEnd.Deadline : down.IsCancellationRequested ? AttemptEnd.ReplicaDown : AttemptEnd.None;
        return error != ForwarderError.None ? Attempt.Failed(error, context, ended, call.Body is not null)
            : exchange.IsStrange ? Attempt.Strange(isHeld: call.Body is not null)
            : exchange.Broken is not null ? Attempt.BrokenOff(ended, context.RequestAborted.IsCancellationRequested)
            : Attempt.Answered(exchange.Outcome);
    }

    private void Note(HttpContext context, Exchange exchange, Attempt attempt)
    {
        if (attempt.IsAnswer)
        {
            exchange.Replica.Answered();
            return;
        }

        if (attempt.Fault != FaultClass.Gateway)
        {
            return;
        }

        var replica = exchange.Replica;
        var reason = exchange.IsStrange ? "something answered that is not this version" : (exchange.Broken ?? context.Features.Get<IForwarderErrorFeature>()?.Exception)?.GetBaseException().Message ?? "it broke off";
        var isNews = replica.Failed(time.GetTimestamp(), time.TimestampFrequency);
        if (attempt.RetryReason != Attempt.Connect)
        {
            LogBroken(replica.Id, replica.Address, exchange.Version.Model, exchange.Version.Version, reason);
        }
        else if (isNews)
        {
            LogUnreachable(replica.Id, replica.Address, reason);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Replica {Replica} at {Address} takes no connection and is passed over for a while where there are others: {Reason}")]
    private partial void LogUnreachable(string replica, Uri address, string reason);

    [LoggerMessage(LogLevel.Warning, "Replica {Replica} at {Address} did not answer a request for {Model} version {Version} to its end: {Reason}")]
    private partial void LogBroken(string replica, Uri address, string model, int version, string reason);
}
