using Microsoft.AspNetCore.Routing.Patterns;

namespace Sluice.Gateway.Grpc;

/// <summary>A gRPC method that is forwarded to a replica: by its path, which is all that routes a call.</summary>
/// <param name="IsStream">Whether it has any number of requests and answers.</param>
/// <param name="Endpoint">What it is shown as in traces and server metrics.</param>
internal sealed record GrpcMethod(bool IsStream, Endpoint Endpoint)
{
    /// <summary>The service's name on the wire.</summary>
    public const string Service = "inference.GRPCInferenceService";

    /// <summary>The path of one inference.</summary>
    public const string InferPath = $"/{Service}/ModelInfer";

    /// <summary>The path of a stream of them.</summary>
    public const string StreamInferPath = $"/{Service}/ModelStreamInfer";

    private const string ContentType = "application/grpc";

    private static readonly GrpcMethod Infer = new(false, Named(InferPath));
    private static readonly GrpcMethod StreamInfer = new(true, Named(StreamInferPath));

    /// <summary>The method that a request calls; null when it is none of these, or no gRPC at all.</summary>
    public static GrpcMethod? Of(HttpRequest request) =>
        !HttpProtocol.IsHttp2(request.Protocol) || request.ContentType?.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase) != true ? null
        : request.Path.Value switch
        {
            InferPath => Infer,
            StreamInferPath => StreamInfer,
            _ => null,
        };

    private static Endpoint Named(string path) =>
        new RouteEndpointBuilder(static _ => Task.CompletedTask, RoutePatternFactory.Parse(path), 0) { DisplayName = path }.Build();
}
