using Grpc.Core;
using Sluice.Contracts;
using Sluice.Gateway.Access;
using Sluice.Gateway.Forwarding;
using Sluice.Gateway.Metadata;
using Sluice.Gateway.Routing;
using Sluice.Protos;
using ModelIndex = Sluice.Protos.RepositoryIndexResponse.Types.ModelIndex;
using TensorMetadata = Sluice.Protos.ModelMetadataResponse.Types.TensorMetadata;

namespace Sluice.Gateway.Grpc;

/// <summary>What the service <c>inference.GRPCInferenceService</c> tells of the server and its models, from what is known here: the twin of <see cref="MetadataEndpoints"/>.</summary>
/// <remarks>Its methods of inference are forwarded before they get here.</remarks>
internal sealed class ModelService(Routes routes, CallerCheck access, GatewayMetrics metrics) : GRPCInferenceService.GRPCInferenceServiceBase
{
    /// <inheritdoc />
    public override Task<ServerLiveResponse> ServerLive(ServerLiveRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerLiveResponse { Live = true });

    /// <inheritdoc />
    public override Task<ServerReadyResponse> ServerReady(ServerReadyRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerReadyResponse { Ready = routes.Current.IsKnown });

    /// <inheritdoc />
    public override Task<ServerMetadataResponse> ServerMetadata(ServerMetadataRequest request, ServerCallContext context)
    {
        var server = Metadata.ServerMetadata.OfThisServer;
        return Task.FromResult(new ServerMetadataResponse { Name = server.Name, Version = server.Version, Extensions = { server.Extensions } });
    }

    /// <inheritdoc />
    public override Task<ModelReadyResponse> ModelReady(ModelReadyRequest request, ServerCallContext context)
    {
        LetIn(context, request.Name);
        var (_, version) = Find(request.Name, request.Version);
        return Task.FromResult(new ModelReadyResponse { Ready = version.IsReadyFor(InferenceProtocol.Grpc) });
    }

    /// <inheritdoc />
    public override Task<ModelMetadataResponse> ModelMetadata(ModelMetadataRequest request, ServerCallContext context)
    {
        LetIn(context, request.Name);
        var (model, version) = Find(request.Name, request.Version);
        var metadata = Metadata.ModelMetadata.From(model, version);
        return Task.FromResult(new ModelMetadataResponse
        {
            Name = metadata.Name,
            Versions = { metadata.Versions },
            Platform = metadata.Platform,
            Inputs = { metadata.Inputs.Select(Describe) },
            Outputs = { metadata.Outputs.Select(Describe) },
        });
    }

    /// <inheritdoc />
    public override Task<RepositoryIndexResponse> RepositoryIndex(RepositoryIndexRequest request, ServerCallContext context)
    {
        var caller = LetIn(context, "");
        if (request.RepositoryName.Length > 0)
        {
            throw Fault(StatusCode.InvalidArgument, "repository_name must be empty: there is one repository, which has no name.");
        }

        var entries = RepositoryEndpoints.List(routes.Current, caller, onlyReady: request.Ready);
        return Task.FromResult(new RepositoryIndexResponse
        {
            Models = { entries.Select(entry => new ModelIndex { Name = entry.Name, Version = entry.Version, State = entry.State, Reason = entry.Reason }) },
        });
    }

    /// <inheritdoc />
    public override Task<ModelStatisticsResponse> ModelStatistics(ModelStatisticsRequest request, ServerCallContext context) =>
        throw Fault(MetadataEndpoints.NoStatistics(InferenceProtocol.Grpc));

    /// <inheritdoc />
    public override Task<RepositoryModelLoadResponse> RepositoryModelLoad(RepositoryModelLoadRequest request, ServerCallContext context) =>
        throw Fault(RepositoryEndpoints.Refuse(InferenceProtocol.Grpc));

    /// <inheritdoc />
    public override Task<RepositoryModelUnloadResponse> RepositoryModelUnload(RepositoryModelUnloadRequest request, ServerCallContext context) =>
        throw Fault(RepositoryEndpoints.Refuse(InferenceProtocol.Grpc));

    /// <summary>A failure as gRPC tells it.</summary>
    public static RpcException Fault(StatusCode code, string message, FaultClass fault = FaultClass.Client) =>
        new(new Status(code, message), new global::Grpc.Core.Metadata { { SluiceHeaders.Fault, fault.Label() } });

    private static RpcException Fault(Refusal refusal) => Fault((StatusCode)refusal.Fault.GrpcCode(refusal.Status), refusal.Message, refusal.Fault);

    // What tells of models, only to whoever may ask them: see MetadataDoor.
    private Caller LetIn(ServerCallContext context, string model)
    {
        var table = routes.Current;
        if (access.Check(context.GetHttpContext(), table, model, out var caller) is not { } denial)
        {
            return caller;
        }

        metrics.Refused(table.Find(model)?.Figures ?? metrics.Unknown, denial.Reason);
        throw Fault(denial.In(InferenceProtocol.Grpc));
    }

    private (ModelRoute Model, VersionRoute Version) Find(string model, string version)
    {
        var refusal = MetadataEndpoints.Find(
            routes, InferenceProtocol.Grpc, model, version.Length > 0 ? version : null, out var route, out var chosen);
        return refusal is null ? (route!, chosen!) : throw Fault(refusal);
    }

    private static TensorMetadata Describe(TensorSpec spec) => new() { Name = spec.Name, Datatype = spec.Datatype, Shape = { spec.Shape } };
}
