using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Sluice.Predictor.Inference;
using Sluice.Protos;

namespace Sluice.Predictor.Grpc;

/// <summary>The service <c>inference.GRPCInferenceService</c>: what its methods are answered by.</summary>
internal sealed partial class InferenceService(GrpcInference inference, GrpcModels models, ILogger<InferenceService> logger)
{
    /// <summary>The service's name on the wire.</summary>
    public const string Name = "inference.GRPCInferenceService";

    private const string RegistryDecides = "What is loaded is decided by the Registry (PUT /api/models/{model}/serving), for all replicas alike.";

    /// <summary>The table of its methods, made by hand for the sake of <see cref="Messages"/>.</summary>
    public sealed class Methods : IServiceMethodProvider<InferenceService>
    {
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<InferenceService> context)
        {
            Add<ServerLiveRequest, ServerLiveResponse>(context, "ServerLive", static (_, _) => new ServerLiveResponse { Live = true });
            Add<ServerReadyRequest, ServerReadyResponse>(context, "ServerReady", static (models, _) => new ServerReadyResponse { Ready = models.IsReady() });
            Add<ModelReadyRequest, ModelReadyResponse>(context, "ModelReady", static (models, request) => models.IsModelReady(request));
            Add<ServerMetadataRequest, ServerMetadataResponse>(context, "ServerMetadata", static (_, _) => GrpcModels.DescribeServer());
            Add<ModelMetadataRequest, ModelMetadataResponse>(context, "ModelMetadata", static (models, request) => models.Describe(request));
            Add<ModelStatisticsRequest, ModelStatisticsResponse>(context, "ModelStatistics", static (models, request) => models.Statistics(request));
            Add<RepositoryIndexRequest, RepositoryIndexResponse>(context, "RepositoryIndex", static (models, request) => models.Index(request));
            Add<RepositoryModelLoadRequest, RepositoryModelLoadResponse>(context, "RepositoryModelLoad", static (_, _) => throw Refused());
            Add<RepositoryModelUnloadRequest, RepositoryModelUnloadResponse>(context, "RepositoryModelUnload", static (_, _) => throw Refused());
            context.AddServerStreamingMethod(
                Of<ModelInferRequest, ModelInferResponse>(MethodType.ServerStreaming, "ModelInfer"),
                [],
                static (service, request, responses, call) => service.Inference.InferAsync(request, responses, call));
            context.AddDuplexStreamingMethod(
                Of<ModelInferRequest, ModelStreamInferResponse>(MethodType.DuplexStreaming, "ModelStreamInfer"),
                [],
                static (service, requests, responses, call) => service.Inference.InferStreamAsync(requests, responses, call));
        }

        private static void Add<TRequest, TResponse>(
            ServiceMethodProviderContext<InferenceService> context, string method, Func<GrpcModels, TRequest, TResponse> answer)
            where TRequest : class, IMessage<TRequest>, IBufferMessage, new()
            where TResponse : class, IMessage<TResponse>, IBufferMessage, new() =>
            context.AddUnaryMethod(Of<TRequest, TResponse>(MethodType.Unary, method), [], (service, request, _) => Task.FromResult(service.Tell(method, request, answer)));

        private static Method<TRequest, TResponse> Of<TRequest, TResponse>(MethodType type, string method)
            where TRequest : class, IMessage<TRequest>, IBufferMessage, new()
            where TResponse : class, IMessage<TResponse>, IBufferMessage, new() =>
            new(type, Name, method, Messages.Of<TRequest>(), Messages.Of<TResponse>());

        private static RpcException Refused() => GrpcFault.Client(StatusCode.FailedPrecondition, RegistryDecides);
    }

    private GrpcInference Inference => inference;

    private TResponse Tell<TRequest, TResponse>(string method, TRequest request, Func<GrpcModels, TRequest, TResponse> answer)
    {
        try
        {
            return answer(models, request);
        }
        catch (InferenceException failure)
        {
            throw GrpcFault.Of(failure);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            LogDefect(exception, method);
            throw GrpcFault.Of(InferenceException.Model("The predictor failed on this request; its log says why."));
        }
    }

    [LoggerMessage(LogLevel.Error, "The gRPC method {Method} met a defect of the predictor; please report it with this trace")]
    private partial void LogDefect(Exception exception, string method);
}
