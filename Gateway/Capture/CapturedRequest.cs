using System.Diagnostics;
using Sluice.Contracts;
using Sluice.Gateway.Forwarding;
using Sluice.Gateway.Holding;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Capture;

/// <summary>A request and its answer on their way to a file. Holds bodies until it is released; nothing in it is a credential.</summary>
internal sealed class CapturedRequest
{
    /// <param name="call">The request, answered.</param>
    /// <param name="version">The version that was chosen for it.</param>
    /// <param name="now">The time.</param>
    /// <param name="mostBytes">The largest body that is held for it; -1 for none.</param>
    public CapturedRequest(InferenceCall call, VersionRoute version, DateTimeOffset now, int mostBytes)
    {
        var (request, response) = (call.Context.Request, call.Context.Response);
        (Duration, At) = (call.Elapsed, now - call.Elapsed);
        (Id, Trace) = (call.Context.TraceIdentifier, Activity.Current?.TraceId.ToString());
        (Version, Replica) = (call.AnsweredBy?.Version ?? version, call.AnsweredBy?.Replica.Id);
        (Protocol, Path) = (call.Protocol, request.Path.Value ?? ""); // without the query, which may hold anything
        Status = response.StatusCode;
        Fault = call.Outcome ?? FaultClasses.FromAnswer(response.StatusCode, response.Headers[SluiceHeaders.Fault]);
        Request = CapturedBody.Of(request.Headers, call.Body, mostBytes);
        Answer = CapturedBody.Of(response.Headers, call.Answer, mostBytes);
    }

    public DateTimeOffset At { get; }

    public TimeSpan Duration { get; }

    public string Id { get; }

    public string? Trace { get; }

    /// <summary>The version that answered, or was asked last, or was chosen.</summary>
    public VersionRoute Version { get; }

    /// <summary>The replica that answered, or was asked last.</summary>
    public string? Replica { get; }

    public InferenceProtocol Protocol { get; }

    public string Path { get; }

    public int Status { get; }

    public FaultClass Fault { get; }

    public CapturedBody Request { get; }

    public CapturedBody Answer { get; }

    /// <summary>What it takes of the budget for held bytes.</summary>
    public long Size => (Request.Held?.Size ?? 0) + (long)(Answer.Held?.Size ?? 0);

    public void Release()
    {
        Request.Held?.Release();
        Answer.Held?.Release();
    }
}

/// <summary>A body and what describes it.</summary>
/// <param name="ContentType">Its type, if any.</param>
/// <param name="Encoding">Its encoding, if any.</param>
/// <param name="HeaderLength">Of a body with binary tensors, the bytes of JSON before them, if any.</param>
/// <param name="Bytes">How many it has; null when nobody said.</param>
/// <param name="Held">The body; null when it was not held, or is too large.</param>
internal sealed record CapturedBody(string? ContentType, string? Encoding, string? HeaderLength, long? Bytes, HeldBytes? Held)
{
    public static CapturedBody Of(IHeaderDictionary headers, HeldBytes? held, int mostBytes) => new(
        headers.ContentType,
        headers.ContentEncoding,
        headers[Exchange.BinaryHeaderLength],
        held?.Length ?? headers.ContentLength,
        held?.Length <= mostBytes ? held.Retain() : null);
}
