using System.Diagnostics;
using Sluice.Contracts;
using Sluice.Gateway.Forwarding;
using Sluice.Gateway.Holding;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Mirror;

/// <summary>A request that waits to be sent to a canary, and what stable answered to it. Holds both bodies until it is released.</summary>
internal sealed class MirrorCopy
{
    private readonly HeldBytes _body;
    private readonly HeldBytes _answer;
    private readonly string? _encoding;
    private readonly string? _headerLength;

    /// <param name="call">The request, answered.</param>
    /// <param name="stable">Who answered it.</param>
    /// <param name="canary">The version that is to answer it, too.</param>
    /// <param name="queued">A timestamp.</param>
    /// <param name="stopping">Cancelled at the end of the process.</param>
    public MirrorCopy(InferenceCall call, VersionRoute stable, VersionRoute canary, long queued, CancellationToken stopping)
    {
        (_body, _answer) = (call.Body!.Retain(), call.Answer!.Retain());
        (Stable, Canary, Queued, Protocol) = (stable, canary.Version, queued, call.Protocol);
        Context = ShieldedCanary.Detach(call, stopping);
        Context.Request.Headers.AcceptEncoding = default; // packing it for a comparison would cost both sides
        (_encoding, _headerLength) = (call.Context.Response.Headers.ContentEncoding, call.Context.Response.Headers[Exchange.BinaryHeaderLength]);
        Caller = Activity.Current?.Context;
    }

    public VersionRoute Stable { get; }

    /// <summary>The number of the version that is to answer.</summary>
    public int Canary { get; }

    public InferenceProtocol Protocol { get; }

    /// <summary>What is sent to the canary, and takes its answer's status and headers.</summary>
    public HttpContext Context { get; }

    /// <summary>A timestamp of when it was queued.</summary>
    public long Queued { get; }

    /// <summary>The trace it comes from.</summary>
    public ActivityContext? Caller { get; }

    /// <summary>What it takes of the budget, in bytes.</summary>
    public long Size => _body.Size + (long)_answer.Size;

    /// <summary>Stable's answer.</summary>
    public AnswerBody Answer => new(_answer.Memory, _encoding, _headerLength);

    /// <summary>The body, held once more.</summary>
    public HeldBytes RetainBody() => _body.Retain();

    public void Release()
    {
        _body.Release();
        _answer.Release();
    }
}
