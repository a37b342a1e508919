using Sluice.Contracts;
using Sluice.Gateway.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Gateway.Forwarding;

/// <summary>
/// Brings a request to a replica and the answer back, streaming both ways. Where no connection comes about, nothing of the body was read, and
/// another replica of the same version is asked, until none is left or the deadline is over (after a crash of the whole machine, the state names more
/// replicas that are gone than such that live); every other failure is told to the caller.
/// </summary>
internal sealed partial class InferenceForwarder(
    IHttpForwarder forwarder, UpstreamConnections upstream, GatewayMetrics metrics, TimeProvider time, ILogger<InferenceForwarder> logger)
{
    // Replicas speak HTTP/1.1. The deadline is ours and covers the whole exchange, so the forwarder's own, which starts anew with every byte, is idle.
    private static readonly ForwarderRequestConfig Upstream = new()
    {
        Version = System.Net.HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        ActivityTimeout = TimeSpan.FromDays(1),
    };

    private static readonly TimeSpan AvoidFor = TimeSpan.FromSeconds(1);

    /// <summary>Answers one request from a version that has replicas ready.</summary>
    public async Task ForwardAsync(HttpContext context, InferenceProtocol protocol, VersionRoute version, TimeSpan timeout)
    {
        // An inference is never upgraded; the forwarder would take the offer for a caller's wish and send a GET.
        if (context.Request.Headers.Upgrade.Count > 0)
        {
            context.Request.Headers.Upgrade = default;
        }

        using var deadline = new CancellationTokenSource(timeout, time);
        var exchange = new Exchange(protocol, version, timeout, time);
        var replica = ReplicaChoice.First(version.Ready, exchange.Started, Random.Shared);
        List<ReadyReplica>? tried = null;
        while (true)
        {
            var attempt = await TryAsync(context, exchange, replica, tried?.Count ?? 0, deadline.Token);
            if (tried is null)
            {
                metrics.Attempted(version, attempt.Fault, exchange.Elapsed);
            }

            var another = attempt.MayGoElsewhere ? Next(exchange, replica, ref tried) : null;
            if (another is null)
            {
                metrics.Answered(version.Model, attempt.Fault);
                await FinishAsync(context, exchange, attempt);
                return;
            }

            context.Response.Clear(); // the forwarder noted its failure there
            metrics.Retried(version, GatewayMetrics.ReasonConnect);
            replica = another;
        }
    }

    private async Task<Attempt> TryAsync(HttpContext context, Exchange exchange, ReadyReplica target, int number, CancellationToken deadline)
    {
        using var span = ForwardSpan.Start(exchange.Version, target.Replica, number);
        target.Replica.Begin();
        Attempt attempt;
        try
        {
            exchange.Target = target;
            var error = await forwarder.SendAsync(context, target.Replica.Address.OriginalString, upstream.Invoker, Upstream, exchange, deadline);
            attempt = error == ForwarderError.None
                ? Attempt.Answered(exchange.Outcome)
                : Attempt.Failed(error, context, deadline.IsCancellationRequested);
        }
        finally
        {
            target.Replica.End();
        }

        ForwardSpan.Stop(span, attempt.Fault);
        if (attempt.Fault == FaultClass.Gateway)
        {
            Note(context, exchange, target.Replica, attempt);
        }

        return attempt;
    }

    private ReadyReplica? Next(Exchange exchange, ReadyReplica failed, ref List<ReadyReplica>? tried)
    {
        (tried ??= []).Add(failed);
        return ReplicaChoice.Another(exchange.Version.Ready, tried, time.GetTimestamp());
    }

    private static Task FinishAsync(HttpContext context, Exchange exchange, Attempt attempt)
    {
        if (context.Response.HasStarted || attempt.IsAnswer)
        {
            return Task.CompletedTask;
        }

        switch (attempt.Fault)
        {
            case FaultClass.Cancelled:
                context.Response.Clear();
                context.Response.StatusCode = FaultClass.Cancelled.HttpStatus(); // for the server's metrics: nobody reads it
                return Task.CompletedTask;
            case FaultClass.Client:
                return Refusal.BrokenRequest(exchange.Protocol, attempt.Status).ExecuteAsync(context);
            case FaultClass.Deadline:
                return Refusal.DeadlinePassed(exchange.Protocol, exchange.Timeout).ExecuteAsync(context);
            default:
                return Refusal.BrokenUpstream(exchange.Protocol).ExecuteAsync(context);
        }
    }

    private void Note(HttpContext context, Exchange exchange, Replica replica, Attempt attempt)
    {
        var reason = context.Features.Get<IForwarderErrorFeature>()?.Exception?.GetBaseException().Message ?? "it said so itself";
        if (!attempt.MayGoElsewhere)
        {
            LogBroken(replica.Id, replica.Address, exchange.Version.Model, exchange.Version.Version, reason);
            return;
        }

        var now = time.GetTimestamp();
        if (replica.Avoid(now, now + (long)(AvoidFor.TotalSeconds * time.TimestampFrequency)))
        {
            LogUnreachable(replica.Id, replica.Address, reason);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Replica {Replica} at {Address} takes no connection and is passed over for a second where there are others: {Reason}")]
    private partial void LogUnreachable(string replica, Uri address, string reason);

    [LoggerMessage(LogLevel.Warning, "Replica {Replica} at {Address} did not answer a request for {Model} version {Version} to its end: {Reason}")]
    private partial void LogBroken(string replica, Uri address, string model, int version, string reason);
}
