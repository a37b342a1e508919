using Grpc.Core;
using Grpc.Net.Client;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Protos;
using CallMetadata = Grpc.Core.Metadata;

namespace Sluice.Gateway.Tests.Grpc;

/// <summary>The real client, at a gateway.</summary>
internal sealed class GrpcClient : IDisposable
{
    private readonly GrpcChannel _channel;

    /// <param name="address">Where to.</param>
    /// <param name="connections">How; null for the client's own. It goes with the client.</param>
    public GrpcClient(Uri address, HttpMessageHandler? connections = null)
    {
        _channel = GrpcChannel.ForAddress(
            address, new GrpcChannelOptions { MaxReceiveMessageSize = null, MaxSendMessageSize = null, HttpHandler = connections, DisposeHttpClient = true });
        Inference = new GRPCInferenceService.GRPCInferenceServiceClient(_channel);
        Health = new Protos.Health.HealthClient(_channel);
    }

    public GrpcClient(RunningGateway gateway)
        : this(gateway.Grpc)
    {
    }

    public GRPCInferenceService.GRPCInferenceServiceClient Inference { get; }

    public Protos.Health.HealthClient Health { get; }

    /// <summary>Asks once; the answer, and the headers it came with.</summary>
    public async Task<(ModelInferResponse Answer, CallMetadata Headers)> InferAsync(ModelInferRequest request, CallMetadata? metadata = null, DateTime? deadline = null)
    {
        using var call = Inference.ModelInferAsync(request, metadata, deadline, TestContext.Current.CancellationToken);
        return (await call, await call.ResponseHeadersAsync);
    }

    /// <summary>Asks once, and is refused.</summary>
    public async Task<RpcException> FailsAsync(ModelInferRequest request, StatusCode code, FaultClass? fault, CallMetadata? metadata = null, DateTime? deadline = null)
    {
        var exception = await Assert.ThrowsAsync<RpcException>(() => InferAsync(request, metadata, deadline));
        Assert.True(code == exception.StatusCode, exception.Status.ToString());
        Assert.Equal(fault?.Label(), exception.Trailers.GetValue(SluiceHeaders.Fault));
        return exception;
    }

    public static ModelInferRequest Wine(string version = "") => new() { ModelName = "wine", ModelVersion = version, Id = "7" };

    public void Dispose() => _channel.Dispose();
}
