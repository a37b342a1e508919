using System.Diagnostics;
using System.Globalization;
using Sluice.Contracts;
using Sluice.Gateway.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Gateway.Forwarding;

/// <summary>One request on its way through: what is sent upstream, and what is made of the answer. One object for all that is needed of it.</summary>
/// <remarks>
/// Upstream go only the headers that a replica understands, by name. Hop-by-hop headers, cookies, credentials and a caller's own
/// <c>x-sluice-</c> headers stay here because nobody lets them through, not because somebody thought of stopping them.
/// </remarks>
internal sealed class Exchange(InferenceProtocol protocol, VersionRoute version, TimeSpan timeout, TimeProvider time) : HttpTransformer
{
    private const string BinaryHeaderLength = "Inference-Header-Content-Length";

    private static readonly DistributedContextPropagator.PropagatorSetterCallback Inject = static (carrier, name, value) =>
        ((HttpRequestMessage)carrier!).Headers.TryAddWithoutValidation(name, value);

    /// <summary>The protocol the caller speaks.</summary>
    public InferenceProtocol Protocol => protocol;

    /// <summary>The version that answers.</summary>
    public VersionRoute Version => version;

    /// <summary>The time for all attempts together.</summary>
    public TimeSpan Timeout => timeout;

    /// <summary>A timestamp of when the request came.</summary>
    public long Started { get; } = time.GetTimestamp();

    /// <summary>The time since then.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(Started);

    /// <summary>The replica of the attempt under way.</summary>
    public ReadyReplica? Target { get; set; }

    /// <summary>What the replica's answer means.</summary>
    public FaultClass Outcome { get; private set; }

    /// <inheritdoc />
    public override ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        var from = httpContext.Request.Headers;
        var to = proxyRequest.Headers;
        proxyRequest.RequestUri = AddressWith(httpContext.Request.QueryString);
        Copy(from.Accept, "Accept", to);
        Copy(from.AcceptEncoding, "Accept-Encoding", to);
        if (from.TryGetValue(BinaryHeaderLength, out var length))
        {
            Copy(length, BinaryHeaderLength, to);
        }

        if (proxyRequest.Content?.Headers is { } content)
        {
            content.ContentLength = from.ContentLength;
            Copy(from.ContentType, "Content-Type", content);
            Copy(from.ContentEncoding, "Content-Encoding", content);
        }

        var left = Math.Max(1, (long)(timeout - Elapsed).TotalMilliseconds);
        to.TryAddWithoutValidation(SluiceHeaders.TimeoutMilliseconds, left.ToString(CultureInfo.InvariantCulture));
        DistributedContextPropagator.Current.Inject(Activity.Current, proxyRequest, Inject);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        var copyBody = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        if (proxyResponse is not null)
        {
            Read(httpContext.Response);
        }

        return copyBody;
    }

    private void Read(HttpResponse answer)
    {
        var headers = answer.Headers;
        headers.Server = default;
        headers.TryAdd(SluiceHeaders.Version, version.VersionText);
        headers.TryAdd(SluiceHeaders.Digest, version.Definition.Digest);
        Outcome = answer.StatusCode < StatusCodes.Status400BadRequest
            ? FaultClass.Ok
            : FaultClasses.FromAnswer(answer.StatusCode, headers[SluiceHeaders.Fault]);
    }

    private Uri AddressWith(QueryString query)
    {
        var address = Target!.AddressFor(protocol);
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
