using Grpc.Core;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Testing;
using Status = Sluice.Protos.HealthCheckResponse.Types.ServingStatus;

namespace Sluice.Gateway.Tests.Grpc;

/// <summary>What the gateway answers over gRPC itself.</summary>
public sealed class ModelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_server_and_its_models_are_described_as_over_REST()
    {
        await using var stage = await Stage.SetWithCanaryAsync(0);
        stage.Registry.Register("wine", 3);
        await stage.CaughtUpAsync();
        using var client = new GrpcClient(stage.Gateway);
        var inference = client.Inference;

        Assert.True((await inference.ServerLiveAsync(new(), cancellationToken: Token)).Live);
        Assert.True((await inference.ServerReadyAsync(new(), cancellationToken: Token)).Ready);
        var server = await inference.ServerMetadataAsync(new(), cancellationToken: Token);
        Assert.Equal("sluice", server.Name);
        Assert.Contains("binary_tensor_data", server.Extensions);
        Assert.True((await inference.ModelReadyAsync(new() { Name = "wine" }, cancellationToken: Token)).Ready);
        Assert.False((await inference.ModelReadyAsync(new() { Name = "wine", Version = "3" }, cancellationToken: Token)).Ready);
        var model = await inference.ModelMetadataAsync(new() { Name = "wine", Version = "2" }, cancellationToken: Token);
        Assert.Equal(("wine", "onnx_onnxv1"), (model.Name, model.Platform));
        Assert.Equal(["1", "2"], model.Versions);
        Assert.Equal(("x", "FP32"), (model.Inputs.Single().Name, model.Inputs.Single().Datatype));
        Assert.Equal([-1, 3], model.Outputs.Single().Shape);
        var all = await inference.RepositoryIndexAsync(new(), cancellationToken: Token);
        Assert.Equal(["1 READY", "2 READY", "3 UNAVAILABLE"], all.Models.Select(each => $"{each.Version} {each.State}"));
        Assert.Equal(2, (await inference.RepositoryIndexAsync(new() { Ready = true }, cancellationToken: Token)).Models.Count);
        Assert.Empty(stage.Predictor().Seen);
    }

    [Fact]
    public async Task What_is_not_done_here_is_refused_with_the_reason()
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var client = new GrpcClient(stage.Gateway);
        var inference = client.Inference;

        await FailsAsync(inference.RepositoryModelLoadAsync(new() { ModelName = "wine" }).ResponseAsync, StatusCode.PermissionDenied, "the Registry decides");
        await FailsAsync(inference.RepositoryModelUnloadAsync(new() { ModelName = "wine" }).ResponseAsync, StatusCode.PermissionDenied, "the Registry decides");
        await FailsAsync(inference.ModelStatisticsAsync(new() { Name = "wine" }).ResponseAsync, StatusCode.NotFound, "kept by each replica");
        await FailsAsync(inference.ModelReadyAsync(new() { Name = "beer" }).ResponseAsync, StatusCode.NotFound, "no model 'beer'");
        await FailsAsync(inference.ModelMetadataAsync(new() { Name = "wine", Version = "8" }).ResponseAsync, StatusCode.NotFound, "no version 8");
        await FailsAsync(inference.RepositoryIndexAsync(new() { RepositoryName = "x" }).ResponseAsync, StatusCode.InvalidArgument, "repository_name");

        static async Task FailsAsync(Task call, StatusCode code, string expected)
        {
            var exception = await Assert.ThrowsAsync<RpcException>(() => call);
            Assert.Equal(code, exception.StatusCode);
            Assert.Contains(expected, exception.Status.Detail, StringComparison.Ordinal);
            Assert.Equal("client", exception.Trailers.GetValue(SluiceHeaders.Fault));
        }
    }

    [Fact]
    public async Task An_unknown_method_is_UNIMPLEMENTED()
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var channel = global::Grpc.Net.Client.GrpcChannel.ForAddress(stage.Gateway.Grpc);
        var bytes = Marshallers.Create<byte[]>(static value => value, static value => value);
        foreach (var service in (string[])["inference.GRPCInferenceService", "other.Service"])
        {
            var method = new Method<byte[], byte[]>(MethodType.Unary, service, "ModelDance", bytes, bytes);
            var exception = await Assert.ThrowsAsync<RpcException>(
                () => channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(cancellationToken: Token), []).ResponseAsync);
            Assert.Equal(StatusCode.Unimplemented, exception.StatusCode);
        }
    }

    [Fact]
    public async Task Health_is_told_by_the_protocol_for_it()
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var client = new GrpcClient(stage.Gateway);

        Assert.Equal(Status.Serving, (await client.Health.CheckAsync(new(), cancellationToken: Token)).Status);
        Assert.Equal(Status.Serving, (await client.Health.CheckAsync(new() { Service = "inference.GRPCInferenceService" }, cancellationToken: Token)).Status);
        var unknown = await Assert.ThrowsAsync<RpcException>(() => client.Health.CheckAsync(new() { Service = "x" }, cancellationToken: Token).ResponseAsync);
        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);
        using var watch = client.Health.Watch(new() { Service = "x" }, cancellationToken: Token);
        Assert.True(await watch.ResponseStream.MoveNext(Token));
        Assert.Equal(Status.ServiceUnknown, watch.ResponseStream.Current.Status);
    }

    [Fact]
    public async Task A_gateway_that_knows_nothing_yet_says_so()
    {
        using var folder = new TemporaryFolder();
        await using var gateway = RunningGateway.Start(new Uri($"http://127.0.0.1:{FreePort.Take(1)[0]}"), folder.PathOf("state.json"));
        using var client = new GrpcClient(gateway);

        Assert.False((await client.Inference.ServerReadyAsync(new(), cancellationToken: Token)).Ready);
        Assert.Equal(Status.NotServing, (await client.Health.CheckAsync(new(), cancellationToken: Token)).Status);
        await client.FailsAsync(GrpcClient.Wine(), StatusCode.Unavailable, FaultClass.Capacity);
    }
}
