using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Gateway.Forwarding;

namespace Sluice.Gateway.Grpc;

/// <summary>Where a gRPC call belongs.</summary>
/// <param name="Model">The model's name as the caller wrote it; empty with a problem.</param>
/// <param name="Version">The version the message pins; null when none; 0 when what stands there is no number.</param>
/// <param name="Problem">Why it goes nowhere; null when it does.</param>
internal readonly record struct GrpcDestination(string Model, int? Version, Refusal? Problem);

/// <summary>Finds out where a gRPC call belongs, without taking anything from its body.</summary>
internal sealed class GrpcDestinations(IOptions<GatewayOptions> options)
{
    private readonly long _maxBytes = options.Value.MaxRequestBodyBytes;

    /// <summary>Reads it from the first message, and from the metadata <see cref="SluiceHeaders.Model"/>.</summary>
    /// <param name="context">The call.</param>
    /// <param name="method">Its method.</param>
    /// <param name="cancellationToken">Ends the wait for the first message.</param>
    /// <exception cref="BadHttpRequestException">The body is badly framed, or larger than the server takes.</exception>
    /// <exception cref="IOException">The caller left.</exception>
    /// <exception cref="OperationCanceledException">The caller left, or the time is over.</exception>
    public async ValueTask<GrpcDestination> FindAsync(HttpContext context, GrpcMethod method, CancellationToken cancellationToken)
    {
        var named = context.Request.Headers[SluiceHeaders.Model].ToString();
        if (method.IsStream)
        {
            Unbind(context);
            if (named.Length > 0)
            {
                return new(named, null, null); // its caller may want to hear something before it sends the first message
            }
        }

        var first = await PeekAsync(context.Request.BodyReader, cancellationToken);
        return first switch
        {
            { IsThere: false } => Refuse(StatusCodes.Status400BadRequest, "There is no message: expected is one of inference.ModelInferRequest, behind its header of five bytes."),
            _ when !method.IsStream && first.Length > _maxBytes => new("", null, Refusal.TooLarge(InferenceProtocol.Grpc, _maxBytes)),
            { IsCompressed: true } when named.Length == 0 => Refuse(
                StatusCodes.Status400BadRequest, $"Which model? The message is compressed, so the gateway cannot read it: name the model in the metadata {SluiceHeaders.Model}."),
            { Model: "" } when named.Length == 0 => Refuse(
                StatusCodes.Status400BadRequest, $"Which model? model_name is not at the beginning of the message: name it there, or in the metadata {SluiceHeaders.Model}."),
            _ when named.Length > 0 && first.Model.Length > 0 && first.Model != named => Refuse(
                StatusCodes.Status400BadRequest, $"model_name and the metadata {SluiceHeaders.Model} name different models; one of them is enough."),
            _ => new(first.Model.Length > 0 ? first.Model : named, first.Version.Length > 0 ? InferencePath.ParseVersion(first.Version) : null, null),
        };
    }

    private static async ValueTask<FirstMessage> PeekAsync(PipeReader body, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            var first = FirstMessage.Read(read.Buffer, read.IsCompleted);

            // Nothing is consumed: whoever reads the body next reads it from its first byte on.
            body.AdvanceTo(read.Buffer.Start, first.IsDecided ? read.Buffer.Start : read.Buffer.End);
            if (first.IsDecided)
            {
                return first;
            }
        }
    }

    // A stream may be silent for as long as it likes, and its messages are bounded one by one by the replica.
    private static void Unbind(HttpContext context)
    {
        context.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = null;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }
    }

    private static GrpcDestination Refuse(int status, string message) => new("", null, new Refusal(InferenceProtocol.Grpc, FaultClass.Client, status, message));
}
