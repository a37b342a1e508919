using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Gateway.Grpc;
using Sluice.Gateway.Health;
using Sluice.Gateway.Holding;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Forwarding;

/// <summary>
/// Asks a canary in such a way that its failure is nobody's: what it fails at, stable answers, and its failure counts against it all the same.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>The caller waits for the canary for half of the time that is left at most, and no longer than <see cref="GatewayOptions.ShieldPatience"/>. An answer
/// that comes later is still read and judged by the time that stable would have had, so that shielding does not bias the verdict.</item>
/// <item>What the canary calls a client's mistake is asked of stable. If stable accepts it, it was the model's.</item>
/// </list>
/// </remarks>
internal sealed class ShieldedCanary(Attempts attempts, GatewayMetrics metrics, BreakerWatch breakers, IOptions<GatewayOptions> options, TimeProvider time)
{
    /// <summary>Tries to answer a held request by the canary.</summary>
    /// <param name="call">The request.</param>
    /// <param name="canary">Asked.</param>
    /// <param name="stable">Answers when this returns false.</param>
    /// <returns>Whether the request is answered.</returns>
    public async Task<bool> TryAnswerAsync(InferenceCall call, VersionRoute canary, VersionRoute stable)
    {
        if (!canary.Breaker.Admits())
        {
            metrics.Shielded(canary, "breaker");
            return false;
        }

        // The caller's leaving ends the attempt as long as the caller waits for it, and no longer.
        var abandoned = new CancellationTokenSource(); // not disposed: the attempt may outlive this method
        var leaving = call.Context.RequestAborted.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), abandoned);
        var asked = AskAsync(call, canary, abandoned.Token);
        using var patience = new CancellationTokenSource();
        var wait = Min(call.Left / 2, options.Value.ShieldPatience);
        if (await Task.WhenAny(asked, Task.Delay(wait, time, patience.Token)) != asked)
        {
            metrics.Shielded(canary, "late");
            await leaving.DisposeAsync();
            _ = JudgeLateAsync(canary, asked);
            return false;
        }

        await patience.CancelAsync();
        await leaving.DisposeAsync();
        var result = await asked;
        switch (result.Attempt)
        {
            case { IsAnswer: true, Fault: FaultClass.Ok } when result.Answer is not null:
                Judge(canary, FaultClass.Ok, result.Took);
                metrics.Answered(canary, FaultClass.Ok);
                await PassOnAsync(call, result);
                return true;

            case { Fault: FaultClass.Cancelled } when call.Context.RequestAborted.IsCancellationRequested:
                Judge(canary, FaultClass.Cancelled, result.Took);
                metrics.Answered(canary, FaultClass.Cancelled);
                result.Answer?.Release();
                call.Context.Response.StatusCode = FaultClass.Cancelled.HttpStatus();
                return true;

            case { IsAnswer: true, Fault: FaultClass.Client } when result.Answer is not null:
                return await ReplayAsync(call, canary, stable, result);

            default:
                // An answer too large to be held is not the canary's failure; stable answers, since nothing of it may be lost half way.
                var fault = result.Attempt is { IsAnswer: true, Fault: FaultClass.Ok or FaultClass.Client } ? FaultClass.Ok : result.Attempt.Fault;
                Judge(canary, fault, result.Took);
                metrics.Shielded(canary, fault == FaultClass.Ok ? "size" : fault.Label());
                result.Answer?.Release();
                return false;
        }
    }

    // Whose mistake was it? Stable knows: what it accepts was right.
    private async Task<bool> ReplayAsync(InferenceCall call, VersionRoute canary, VersionRoute stable, CanaryResult refused)
    {
        var context = Detach(call, call.Context.RequestAborted);
        var replica = ReplicaChoice.First(stable.ReadyFor(call.Protocol), time.GetTimestamp(), Random.Shared);
        var (attempt, answer) = await attempts.SendAsync(call, context, stable, replica, number: 1, attempts.StableRoom, call.Deadline);
        if (attempt is { IsAnswer: true, Fault: FaultClass.Ok } && answer is not null)
        {
            refused.Answer!.Release();
            Judge(canary, FaultClass.Model, refused.Took);
            metrics.Shielded(canary, "refused");
            metrics.Answered(canary, FaultClass.Ok);
            await PassOnAsync(call, new CanaryResult(attempt, answer, replica, context, default));
            return true;
        }

        answer?.Release();
        if (attempt is { IsAnswer: true, Fault: FaultClass.Client })
        {
            Judge(canary, FaultClass.Client, refused.Took);
            metrics.Answered(canary, FaultClass.Client);
            await PassOnAsync(call, refused);
            return true;
        }

        // Stable could not say: the caller's request is asked of its other replicas, and nobody is blamed.
        Judge(canary, FaultClass.Client, refused.Took);
        refused.Answer!.Release();
        return false;
    }

    private async Task<CanaryResult> AskAsync(InferenceCall call, VersionRoute canary, CancellationToken abandoned)
    {
        // It may outlive the request: it has a context, a hold on the body and a limit of its own, and uses nothing else of the call.
        var body = call.Body!.Retain();
        var context = Detach(call, abandoned);
        using var limit = new CancellationTokenSource(call.Left > TimeSpan.Zero ? call.Left : TimeSpan.FromMilliseconds(1), time);
        try
        {
            var replica = ReplicaChoice.First(canary.ReadyFor(call.Protocol), call.Started, Random.Shared);
            var (attempt, answer) = await attempts.SendAsync(call, context, canary, replica, number: 0, attempts.CanaryRoom, limit.Token);
            return new CanaryResult(attempt, answer, replica, context, call.Elapsed);
        }
        finally
        {
            body.Release();
        }
    }

    private async Task JudgeLateAsync(VersionRoute canary, Task<CanaryResult> asked)
    {
        canary.Breaker.BeginLate();
        var result = await asked;
        canary.Breaker.EndLate();
        result.Answer?.Release();
        Judge(canary, result.Attempt.Fault, result.Took);
    }

    private void Judge(VersionRoute canary, FaultClass outcome, TimeSpan took)
    {
        metrics.Attempted(canary, outcome, took);
        breakers.Note(canary, outcome);
    }

    /// <summary>What a replica understands of a held request, in a context that does not end with it.</summary>
    internal static DefaultHttpContext Detach(InferenceCall call, CancellationToken abandoned)
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = abandoned });
        var (from, to) = (call.Context.Request, context.Request);
        (to.Method, to.Scheme, to.Host, to.Protocol) = (from.Method, from.Scheme, from.Host, call.IsGrpc ? HttpProtocol.Http2 : HttpProtocol.Http11);
        (to.Path, to.QueryString, to.ContentLength) = (from.Path, from.QueryString, call.Body!.Length);
        if (call.IsGrpc)
        {
            context.Features.Set<IHttpResponseTrailersFeature>(new HeldTrailers());
        }

        foreach (var name in call.IsGrpc ? GrpcWire.Headers : Exchange.Headers)
        {
            if (from.Headers.TryGetValue(name, out var value))
            {
                to.Headers[name] = value;
            }
        }

        return context;
    }

    private static async Task PassOnAsync(InferenceCall call, CanaryResult result)
    {
        var response = call.Context.Response;
        response.StatusCode = result.Context.Response.StatusCode;
        foreach (var (name, value) in result.Context.Response.Headers)
        {
            response.Headers[name] = value;
        }

        call.AnsweredBy = result.Replica;
        if (call.IsGrpc && GrpcWire.TrailersOf(call.Context) is { } trailers)
        {
            foreach (var (name, value) in GrpcWire.TrailersOf(result.Context)!)
            {
                trailers[name] = value;
            }
        }

        await InferenceForwarder.SendAsync(call, result.Answer!);
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private sealed class HeldTrailers : IHttpResponseTrailersFeature
    {
        public IHeaderDictionary Trailers { get; set; } = new HeaderDictionary();
    }

    private sealed record CanaryResult(Attempt Attempt, HeldBytes? Answer, ReadyReplica Replica, HttpContext Context, TimeSpan Took);
}
