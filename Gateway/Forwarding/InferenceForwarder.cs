using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Gateway.Capture;
using Sluice.Gateway.Grpc;
using Sluice.Gateway.Health;
using Sluice.Gateway.Holding;
using Sluice.Gateway.Mirror;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Forwarding;

/// <summary>Brings a request to a replica and the answer back.</summary>
/// <remarks>
/// A body of up to 4 MiB is held while it may be needed again, and answers until they are complete; so a replica that cannot be reached, breaks off,
/// hangs or refuses costs nobody a request while another one has the version ready. What is larger, or beyond the budget of memory, is streamed
/// through: then only a connection that does not come about leads to another replica.
/// </remarks>
internal sealed class InferenceForwarder(
    Attempts attempts,
    ShieldedCanary shield,
    HeldBudget budget,
    RetryBudget retries,
    GatewayMetrics metrics,
    BreakerWatch breakers,
    TrafficMirror mirror,
    RequestCapture capture,
    IOptions<GatewayOptions> options,
    TimeProvider time)
{
    private readonly int _held = options.Value.MaxHeldBodyBytes;

    /// <summary>Answers one request from a version that has replicas ready.</summary>
    /// <param name="context">The request.</param>
    /// <param name="protocol">The protocol the caller speaks.</param>
    /// <param name="version">The version that was chosen.</param>
    /// <param name="stable">The version that answers for a canary that fails; null when there is none, or the caller asked for this one.</param>
    /// <param name="timeout">The time for all of it.</param>
    /// <param name="sampling">What else is done with it, once it is answered.</param>
    /// <param name="isStream">Whether it is a gRPC stream, of which nothing is held.</param>
    public async Task ForwardAsync(
        HttpContext context, InferenceProtocol protocol, VersionRoute version, VersionRoute? stable, TimeSpan timeout, Sampling sampling, bool isStream)
    {
        // An inference is never upgraded; the forwarder would take the offer for a caller's wish and send a GET.
        if (context.Request.Headers.Upgrade.Count > 0)
        {
            context.Request.Headers.Upgrade = default;
        }

        retries.Earn();
        using var call = new InferenceCall(context, protocol, timeout, time) { KeepsAnswer = sampling != default, IsStream = isStream };
        await AnswerAsync(call, version, stable);
        if (sampling.Mirrors)
        {
            mirror.Offer(call);
        }

        if (sampling.Captures)
        {
            capture.Offer(call, version);
        }
    }

    private async Task AnswerAsync(InferenceCall call, VersionRoute version, VersionRoute? stable)
    {
        if (!call.IsStream && await TryHoldAsync(call, version) is { } failed)
        {
            call.Outcome = failed.Fault;
            metrics.Answered(version, failed.Fault);
            await FinishAsync(call, failed);
            return;
        }

        if (stable is not null && call.Body is not null && await shield.TryAnswerAsync(call, version, stable))
        {
            return; // by the canary
        }

        var (attempt, answer) = await AskAsync(call, stable is null || call.Body is null ? version : stable, counts: stable is null || call.Body is null);
        call.Outcome = attempt.Fault;
        metrics.Answered(version, attempt.Fault);
        await FinishAsync(call, attempt, answer);
    }

    /// <summary>Asks a version's replicas, one after the other where that is worth it.</summary>
    /// <param name="call">The request.</param>
    /// <param name="version">Asked.</param>
    /// <param name="counts">Whether the first attempt is the version's own, by which it is judged.</param>
    private async Task<(Attempt Attempt, HeldBytes? Answer)> AskAsync(InferenceCall call, VersionRoute version, bool counts)
    {
        var ready = version.ReadyFor(call.Protocol);
        var replica = ReplicaChoice.First(ready, call.Started, Random.Shared);
        List<ReadyReplica>? tried = null;
        while (true)
        {
            var holds = call.Body is null ? 0 : attempts.StableRoom;
            var (attempt, answer) = await attempts.SendAsync(call, call.Context, version, replica, tried?.Count ?? 0, holds, call.Deadline);
            if (counts && tried is null)
            {
                metrics.Attempted(version, attempt.Fault, call.IsStream ? null : call.Elapsed);
                breakers.Note(version, attempt.Fault);
            }

            call.AnsweredBy = replica;
            (tried ??= []).Add(replica);
            if (call.Context.Response.HasStarted || attempt.RetryReason is null || call.Left <= TimeSpan.Zero
                || ReplicaChoice.Another(ready, tried, time.GetTimestamp()) is not { } another || !retries.TrySpend())
            {
                return (attempt, answer);
            }

            answer?.Release();
            call.Context.Response.Clear(); // the forwarder noted its failure there
            GrpcWire.TrailersOf(call.Context)?.Clear();
            metrics.Retried(version, attempt.RetryReason);
            replica = another;
        }
    }

    // Null when the body is held, or is to be streamed; else how reading it failed.
    private async Task<Attempt?> TryHoldAsync(InferenceCall call, VersionRoute version)
    {
        var request = call.Context.Request;
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(call.Deadline, call.Context.RequestAborted);
            call.Body = await RequestHolder.TryHoldAsync(request, budget, _held, either.Token);
            if (call.Body is null)
            {
                metrics.Unheld(version);
            }

            return null;
        }
        catch (BadHttpRequestException bad) when (!Attempt.IsCutOff(bad) && !call.Context.RequestAborted.IsCancellationRequested)
        {
            return new Attempt(FaultClass.Client, Status: bad.StatusCode);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            return new Attempt(call.Deadline.IsCancellationRequested || call.EndedByItsCaller ? FaultClass.Deadline : FaultClass.Cancelled);
        }
    }

    private async Task FinishAsync(InferenceCall call, Attempt attempt, HeldBytes? answer = null)
    {
        if (answer is not null)
        {
            await SendAsync(call, answer);
        }

        var response = call.Context.Response;
        if (response.HasStarted || attempt.IsAnswer)
        {
            return;
        }

        switch (attempt.Fault)
        {
            case FaultClass.Cancelled:
                response.Clear();
                response.StatusCode = FaultClass.Cancelled.HttpStatus(); // for the server's metrics: nobody reads it
                return;
            case FaultClass.Client:
                await (attempt.Status == StatusCodes.Status413PayloadTooLarge
                    ? Refusal.TooLarge(call.Protocol, options.Value.MaxRequestBodyBytes)
                    : Refusal.BrokenRequest(call.Protocol, attempt.Status)).ExecuteAsync(call.Context);
                return;
            case FaultClass.Deadline:
                await Refusal.DeadlinePassed(call.Protocol, call.Timeout).ExecuteAsync(call.Context);
                return;
            default:
                await Refusal.BrokenUpstream(call.Protocol).ExecuteAsync(call.Context);
                return;
        }
    }

    /// <summary>Sends a held answer, whose status and headers are there already, and lets it go.</summary>
    internal static async Task SendAsync(InferenceCall call, HeldBytes answer)
    {
        call.Answered(answer);
        try
        {
            if (!call.IsGrpc)
            {
                call.Context.Response.ContentLength ??= answer.Length;
            }

            // An empty write would send the headers on their own, and a gRPC answer of headers alone must end with them.
            if (answer.Length > 0)
            {
                await call.Context.Response.Body.WriteAsync(answer.Memory, call.Context.RequestAborted);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The caller left; the answer was whole.
        }
        finally
        {
            answer.Release();
        }
    }
}
