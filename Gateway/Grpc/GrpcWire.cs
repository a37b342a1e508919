using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Contracts;
using Sluice.Gateway.Forwarding;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Grpc;

/// <summary>What is particular to a call on its way to a replica and back: metadata, and an outcome that comes last.</summary>
internal static class GrpcWire
{
    private const string StatusName = "grpc-status";
    private const string MessageName = "grpc-message";
    private const string PushbackName = "grpc-retry-pushback-ms";
    private const string NotFound = "5";
    private const string ContentType = "application/grpc";

    /// <summary>Names of a request's headers that go upstream.</summary>
    public static IReadOnlyList<string> Headers { get; } = ["grpc-encoding", "grpc-accept-encoding", "Content-Type"];

    /// <summary>Fills the headers of a call upstream. The model and the version that were chosen go with it, as the message is not rewritten.</summary>
    public static void Fill(HttpRequestMessage to, IHeaderDictionary from, InferenceCall call, VersionRoute version)
    {
        foreach (var name in Headers)
        {
            if (from.TryGetValue(name, out var value) && !to.Headers.TryAddWithoutValidation(name, value.ToString()))
            {
                to.Content?.Headers.TryAddWithoutValidation(name, value.ToString());
            }
        }

        to.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        to.Headers.TryAddWithoutValidation(GrpcTimeout.Header, GrpcTimeout.Of(call.Left));
        to.Headers.TryAddWithoutValidation(SluiceHeaders.Model, version.Model);
        to.Headers.TryAddWithoutValidation(SluiceHeaders.Version, version.VersionText);
    }

    /// <summary>Whether somebody else answered than the version that was asked.</summary>
    /// <remarks>
    /// An answer with a message has the version's digest. One of headers alone may lack it: a message that cannot be read is refused before it is known
    /// what it asks for; but then it says whose fault that was, which nobody else would. A stream is of no version until its first request is read.
    /// </remarks>
    public static bool IsStrange(HttpResponseMessage response, VersionRoute version, bool isStream)
    {
        if (response.StatusCode != HttpStatusCode.OK
            || response.Content.Headers.ContentType?.MediaType?.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase) != true)
        {
            return true;
        }

        if (First(response.Headers, SluiceHeaders.Digest) is { } digest)
        {
            return digest != version.Definition.Digest;
        }

        return !isStream && First(response.Headers, StatusName) switch
        {
            null or "0" or NotFound => true,
            _ => OutcomeOf(response) is FaultClass.Client && First(response.Headers, SluiceHeaders.Fault) is null,
        };
    }

    /// <summary>How a call ended: by its trailers, or by its headers where these are all there is; null when neither says it.</summary>
    public static FaultClass? OutcomeOf(HttpResponseMessage response)
    {
        var headers = response.TrailingHeaders.Contains(StatusName) ? response.TrailingHeaders : response.Headers;
        return First(headers, StatusName) is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code)
            ? FaultClasses.FromGrpcAnswer(code, First(headers, SluiceHeaders.Fault) ?? First(response.Headers, SluiceHeaders.Fault))
            : null;
    }

    /// <summary>The trailers of an answer, before they are sent; null where the answer can have none.</summary>
    public static IHeaderDictionary? TrailersOf(HttpContext context) =>
        context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is { IsReadOnly: false } trailers ? trailers : null;

    /// <summary>Answers without a message: by headers alone, as long as nothing was sent.</summary>
    public static void Refuse(HttpResponse response, FaultClass fault, int code, string message, TimeSpan? retryAfter)
    {
        TrailersOf(response.HttpContext)?.Clear();
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = ContentType;
        Tell(response.Headers, fault, code, message);
        if (retryAfter is { } wait)
        {
            response.Headers[PushbackName] = Math.Max(1, Math.Ceiling(wait.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Ends an answer whose replica forgot to say how it ended.</summary>
    public static void EndBroken(HttpContext context)
    {
        if (TrailersOf(context) is { } trailers)
        {
            Tell(trailers, FaultClass.Gateway, FaultClass.Gateway.GrpcCode(), "The replica's answer ended without a status.");
        }
    }

    private static void Tell(IHeaderDictionary headers, FaultClass fault, int code, string message)
    {
        headers[StatusName] = code.ToString(CultureInfo.InvariantCulture);
        headers[MessageName] = Uri.EscapeDataString(message).Replace("%20", " ", StringComparison.Ordinal); // percent-encoded, says the protocol
        headers[SluiceHeaders.Fault] = fault.Label();
    }

    private static string? First(HttpHeaders headers, string name) => headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
