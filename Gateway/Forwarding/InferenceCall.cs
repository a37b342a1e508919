using Sluice.Contracts;
using Sluice.Gateway.Holding;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Forwarding;

/// <summary>One request, whatever is tried to answer it.</summary>
/// <param name="context">Where it came from.</param>
/// <param name="protocol">The protocol the caller speaks.</param>
/// <param name="timeout">The time for all attempts together.</param>
/// <param name="time">The clock.</param>
internal sealed class InferenceCall(HttpContext context, InferenceProtocol protocol, TimeSpan timeout, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan LongestTransit = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _deadline = new(timeout, time);

    public HttpContext Context => context;

    public InferenceProtocol Protocol => protocol;

    /// <summary>Whether it is a gRPC call.</summary>
    public bool IsGrpc => protocol == InferenceProtocol.Grpc;

    /// <summary>Whether it is a gRPC stream: any number of requests and answers, forwarded as they come and counted as one.</summary>
    public bool IsStream { get; init; }

    /// <summary>
    /// Whether the caller left because its time was over. A gRPC client cancels by itself when its deadline passes, and its clock started a little earlier.
    /// </summary>
    public bool EndedByItsCaller =>
        IsGrpc && context.RequestAborted.IsCancellationRequested && Left <= (timeout / 2 < LongestTransit ? timeout / 2 : LongestTransit);

    public TimeSpan Timeout => timeout;

    /// <summary>A timestamp of when the request came.</summary>
    public long Started { get; } = time.GetTimestamp();

    /// <summary>The time since then.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(Started);

    /// <summary>The time that is left.</summary>
    public TimeSpan Left => timeout - Elapsed;

    /// <summary>Cancelled when the time is over.</summary>
    public CancellationToken Deadline => _deadline.Token;

    /// <summary>The body, when it is held; null when it can be sent once only.</summary>
    public HeldBytes? Body { get; set; }

    /// <summary>Who gave the answer, or was asked last; null before anybody was.</summary>
    public ReadyReplica? AnsweredBy { get; set; }

    /// <summary>How it ended, where the answer does not say: it may have broken off.</summary>
    public FaultClass? Outcome { get; set; }

    /// <summary>Whether the answer is wanted beyond the caller: then <see cref="Answer"/> is kept.</summary>
    public bool KeepsAnswer { get; init; }

    /// <summary>The answer that the caller was sent, as long as this lives; null when it was not held, or is not kept.</summary>
    public HeldBytes? Answer { get; private set; }

    /// <summary>An answer goes out.</summary>
    public void Answered(HeldBytes answer) => Answer = KeepsAnswer ? answer.Retain() : null;

    public void Dispose()
    {
        Answer?.Release();
        Body?.Release();
        _deadline.Dispose();
    }
}
