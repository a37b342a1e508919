using System.Diagnostics;
using System.Globalization;
using Sluice.Contracts;
using Sluice.Gateway.Grpc;
using Sluice.Gateway.Holding;
using Sluice.Gateway.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Gateway.Forwarding;

/// <summary>One attempt at a replica: what is sent, and what is made of the answer.</summary>
/// <remarks>
/// Upstream go only the headers that a replica understands, by name. Hop-by-hop headers, cookies, credentials and a caller's own
/// <c>x-sluice-</c> headers stay here because nobody lets them through, not because somebody thought of stopping them.
/// </remarks>
/// <param name="call">The request.</param>
/// <param name="version">The version that is asked.</param>
/// <param name="target">The replica that is asked.</param>
/// <param name="answer">Room for the answer, which is held until it is complete; null to pass it on as it comes.</param>
internal sealed class Exchange(InferenceCall call, VersionRoute version, ReadyReplica target, HeldBytes? answer) : HttpTransformer
{
    /// <summary>Request and answer: bytes of JSON before the binary tensors.</summary>
    public const string BinaryHeaderLength = "Inference-Header-Content-Length";

    private static readonly DistributedContextPropagator.PropagatorSetterCallback Inject = static (carrier, name, value) =>
        ((HttpRequestMessage)carrier!).Headers.TryAddWithoutValidation(name, value);

    /// <summary>The version that is asked.</summary>
    public VersionRoute Version => version;

    /// <summary>The replica that is asked.</summary>
    public Replica Replica => target.Replica;

    /// <summary>What the replica's answer means.</summary>
    public FaultClass Outcome { get; private set; }

    /// <summary>The answer's body, complete; null when it was passed on, or did not come.</summary>
    public HeldBytes? Answer { get; private set; }

    /// <summary>What broke the answer off while it was being held.</summary>
    public Exception? Broken { get; private set; }

    /// <summary>
    /// Whether somebody else answered than the version that was asked, by its digest: addresses are given to other processes, and a proxy on the way has
    /// pages of its own. Nothing of such an answer is passed on.
    /// </summary>
    public bool IsStrange { get; private set; }

    /// <summary>Names of the request's headers that go upstream.</summary>
    public static IReadOnlyList<string> Headers { get; } = ["Accept", "Accept-Encoding", BinaryHeaderLength, "Content-Type", "Content-Encoding"];

    /// <inheritdoc />
    public override ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        var from = httpContext.Request.Headers;
        var to = proxyRequest.Headers;
        if (call.IsGrpc)
        {
            proxyRequest.RequestUri = call.IsStream ? target.StreamAddress : target.AddressFor(call.Protocol);
            GrpcWire.Fill(proxyRequest, from, call, version);
            DistributedContextPropagator.Current.Inject(Activity.Current, proxyRequest, Inject);
            return ValueTask.CompletedTask;
        }

        proxyRequest.RequestUri = AddressWith(httpContext.Request.QueryString);
        Copy(from.Accept, "Accept", to);
        Copy(from.AcceptEncoding, "Accept-Encoding", to);
        if (from.TryGetValue(BinaryHeaderLength, out var length))
        {
            Copy(length, BinaryHeaderLength, to);
        }

        if (proxyRequest.Content?.Headers is { } content)
        {
            content.ContentLength = call.Body?.Length ?? from.ContentLength;
            Copy(from.ContentType, "Content-Type", content);
            Copy(from.ContentEncoding, "Content-Encoding", content);
        }

        var left = Math.Max(1, (long)call.Left.TotalMilliseconds);
        to.TryAddWithoutValidation(SluiceHeaders.TimeoutMilliseconds, left.ToString(CultureInfo.InvariantCulture));
        DistributedContextPropagator.Current.Inject(Activity.Current, proxyRequest, Inject);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is not null)
        {
            Read(proxyResponse);
            if (IsStrange)
            {
                return false;
            }
        }

        var copyBody = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        if (proxyResponse is null)
        {
            return copyBody;
        }

        httpContext.Response.Headers.Server = default;
        httpContext.Response.Headers.TryAdd(SluiceHeaders.Version, version.VersionText);
        return answer is null ? copyBody : !await TryHoldAsync(httpContext, proxyResponse, cancellationToken);
    }

    /// <inheritdoc />
    public override async ValueTask TransformResponseTrailersAsync(
        HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
    {
        await base.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken);
        if (!call.IsGrpc)
        {
            return;
        }

        if (GrpcWire.OutcomeOf(proxyResponse) is { } outcome)
        {
            Outcome = outcome;
            return;
        }

        Outcome = FaultClass.Gateway;
        if (answer is null)
        {
            GrpcWire.EndBroken(httpContext);
        }
        else
        {
            Broken = new IOException("its answer ended without a status");
        }
    }

    // True when there is nothing left to pass on: it is held, or it broke off.
    private async Task<bool> TryHoldAsync(HttpContext context, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var expected = response.Content.Headers.ContentLength ?? 0;
            var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            while (true)
            {
                var room = answer!.Reserve((int)Math.Min(expected - answer.Length + 1, int.MaxValue));
                if (room.IsEmpty)
                {
                    // Too large to be held: what there is goes out, and the rest as it comes.
                    await context.Response.Body.WriteAsync(answer.Memory, cancellationToken);
                    return false;
                }

                var read = await body.ReadAsync(room, cancellationToken);
                if (read == 0)
                {
                    if (call.IsGrpc)
                    {
                        await TransformResponseTrailersAsync(context, response, cancellationToken);
                    }

                    Answer = Broken is null ? answer : null;
                    return true;
                }

                answer.Advance(read);
            }
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException)
        {
            Broken = exception;
            return true;
        }
    }

    private void Read(HttpResponseMessage response)
    {
        if (call.IsGrpc)
        {
            IsStrange = GrpcWire.IsStrange(response, version, call.IsStream);
            return;
        }

        var status = (int)response.StatusCode;
        Outcome = FaultClasses.FromAnswer(status, HeaderOf(response, SluiceHeaders.Fault));

        // A failure may be anybody's word, as long as it is one; what would be believed must come from the version itself.
        IsStrange = Outcome is FaultClass.Ok or FaultClass.Client && HeaderOf(response, SluiceHeaders.Digest) != version.Definition.Digest;
    }

    private static string? HeaderOf(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    private Uri AddressWith(QueryString query)
    {
        var address = target.AddressFor(call.Protocol);
        return query.HasValue ? new Uri(address, query.Value) : address;
    }

    private static void Copy(Microsoft.Extensions.Primitives.StringValues value, string name, System.Net.Http.Headers.HttpHeaders headers)
    {
        if (value.Count > 0)
        {
            headers.TryAddWithoutValidation(name, value.ToString());
        }
    }
}
