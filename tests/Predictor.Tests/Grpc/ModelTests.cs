using Grpc.Core;
using Sluice.Contracts;
using Sluice.Protos;
using Status = Sluice.Protos.HealthCheckResponse.Types.ServingStatus;

namespace Sluice.Predictor.Tests.Grpc;

/// <summary>What the server tells of itself and of its models.</summary>
public sealed class ModelTests(GrpcServer server) : IClassFixture<GrpcServer>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Server_is_live_and_ready_and_tells_its_name()
    {
        Assert.True((await server.Inference.ServerLiveAsync(new(), cancellationToken: Cancellation)).Live);
        Assert.True((await server.Inference.ServerReadyAsync(new(), cancellationToken: Cancellation)).Ready);
        var metadata = await server.Inference.ServerMetadataAsync(new(), cancellationToken: Cancellation);
        Assert.NotEqual("", metadata.Name);
        Assert.NotEqual("", metadata.Version);
        Assert.Contains(GrpcServer.Given is null ? "statistics" : "parameters", metadata.Extensions);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    public async Task Model_tells_its_tensors(string version)
    {
        var metadata = await server.Inference.ModelMetadataAsync(new() { Name = "two", Version = version }, cancellationToken: Cancellation);

        Assert.Equal(("two", "onnx_onnxv1"), (metadata.Name, metadata.Platform));
        Assert.Equal(["1"], metadata.Versions);
        Assert.Equal(["a FP32 -1,2", "b FP32 -1,2"], metadata.Inputs.Select(Text));
        Assert.Equal(["sum FP32 -1,2", "difference FP32 -1,2"], metadata.Outputs.Select(Text));
        Assert.True((await server.Inference.ModelReadyAsync(new() { Name = "two", Version = version }, cancellationToken: Cancellation)).Ready);

        static string Text(ModelMetadataResponse.Types.TensorMetadata tensor) => $"{tensor.Name} {tensor.Datatype} {string.Join(',', tensor.Shape)}";
    }

    [Fact]
    public async Task Index_lists_every_model_with_its_state()
    {
        var index = await server.Inference.RepositoryIndexAsync(new(), cancellationToken: Cancellation);

        Assert.Superset(GrpcServer.Models.Keys.ToHashSet(), index.Models.Select(model => model.Name).ToHashSet());
        Assert.All(index.Models.Where(model => GrpcServer.Models.ContainsKey(model.Name)), model => Assert.Equal(("1", "READY", ""), (model.Version, model.State, model.Reason)));
    }

    [Fact]
    public async Task Rest_gives_the_same_index_and_statistics()
    {
        Assert.SkipWhen(server.Rest is null, "REST is not at the address that was given.");
        var index = (await server.Rest!.PostAsync("/v2/repository/index", "{}")).Json.EnumerateArray().ToArray();
        var rest = (await server.Rest.GetAsync("/v2/models/scalar/stats")).Json.GetProperty("model_stats")[0];

        var models = (await server.Inference.RepositoryIndexAsync(new(), cancellationToken: Cancellation)).Models;
        Assert.Equal(
            index.Select(entry => (entry.GetProperty("name").GetString()!, entry.GetProperty("state").GetString()!, entry.GetProperty("reason").GetString()!)),
            models.Select(model => (model.Name, model.State, model.Reason)));
        var statistics = await StatisticsAsync("scalar");
        Assert.Equal(rest.GetProperty("last_inference").GetUInt64(), statistics.LastInference);
        Assert.Equal(rest.GetProperty("execution_count").GetUInt64(), statistics.ExecutionCount);
        Assert.Equal(rest.GetProperty("inference_stats").GetProperty("compute_infer").GetProperty("ns").GetUInt64(), statistics.InferenceStats.ComputeInfer.Ns);
    }

    [Fact]
    public Task Another_repository_is_refused() => RpcAssert.FailsAsync(
        server.Inference.RepositoryIndexAsync(new() { RepositoryName = "other" }, cancellationToken: Cancellation).ResponseAsync,
        StatusCode.InvalidArgument,
        FaultClass.Client,
        "repository_name is \"other\"");

    [Fact]
    public async Task Loading_is_the_registrys_to_decide()
    {
        // As the state of things to a replica, as a matter of who may do it to a gateway.
        var code = GrpcServer.Given is null ? StatusCode.FailedPrecondition : StatusCode.PermissionDenied;
        await RpcAssert.FailsAsync(
            server.Inference.RepositoryModelLoadAsync(new() { ModelName = "two" }, cancellationToken: Cancellation).ResponseAsync, code, FaultClass.Client, "decided by the Registry");
        await RpcAssert.FailsAsync(
            server.Inference.RepositoryModelUnloadAsync(new() { ModelName = "two" }, cancellationToken: Cancellation).ResponseAsync, code, FaultClass.Client, "decided by the Registry");
    }

    [Fact]
    public async Task Statistics_count_what_happened()
    {
        await server.RequireExtensionAsync("statistics");
        var before = await StatisticsAsync("cube");
        await server.Inference.ModelInferAsync(
            Tensors.TypedRequest("cube", Datatype.Fp32, new() { Fp32Contents = { new float[12] } }, 3, 2, 2), cancellationToken: Cancellation);
        await Assert.ThrowsAsync<RpcException>(() => server.Inference.ModelInferAsync(Tensors.Request("cube", Datatype.Fp32, 1), cancellationToken: Cancellation).ResponseAsync);

        var after = await StatisticsAsync("cube");

        Assert.Equal(("cube", "1"), (after.Name, after.Version));
        Assert.Equal(before.InferenceCount + 3, after.InferenceCount);
        Assert.Equal(before.ExecutionCount + 1, after.ExecutionCount);
        Assert.Equal(before.InferenceStats.Success.Count + 1, after.InferenceStats.Success.Count);
        Assert.Equal(before.InferenceStats.Fail.Count + 1, after.InferenceStats.Fail.Count);
        Assert.All(
            new[] { after.InferenceStats.Success, after.InferenceStats.Queue, after.InferenceStats.ComputeInput, after.InferenceStats.ComputeInfer, after.InferenceStats.ComputeOutput },
            total => Assert.NotEqual(0u, total.Count));
        Assert.NotEqual(0u, after.InferenceStats.ComputeInfer.Ns);
        Assert.Contains(after.BatchStats, batch => batch.BatchSize == 3 && batch.ComputeInfer.Count >= 1);
        Assert.NotEqual(0u, after.LastInference);
        Assert.Superset(
            GrpcServer.Models.Keys.ToHashSet(),
            (await server.Inference.ModelStatisticsAsync(new(), cancellationToken: Cancellation)).ModelStats.Select(model => model.Name).ToHashSet());
    }

    [Fact]
    public async Task Statistics_of_an_unknown_model_are_not_found()
    {
        await server.RequireExtensionAsync("statistics");
        await RpcAssert.FailsAsync(
            server.Inference.ModelStatisticsAsync(new() { Name = "nothing" }, cancellationToken: Cancellation).ResponseAsync, StatusCode.NotFound, FaultClass.Client, "is unknown");
    }

    [Theory]
    [InlineData("")]
    [InlineData("inference.GRPCInferenceService")]
    public async Task Health_of_the_server_is_serving(string service) =>
        Assert.Equal(Status.Serving, (await server.Health.CheckAsync(new() { Service = service }, cancellationToken: Cancellation)).Status);

    [Fact]
    public async Task Health_of_an_unknown_service_is_not_found_to_a_check_and_unknown_to_a_watch()
    {
        await RpcAssert.FailsAsync(
            server.Health.CheckAsync(new() { Service = "nothing" }, cancellationToken: Cancellation).ResponseAsync, StatusCode.NotFound, FaultClass.Client, "is unknown");
        using var watch = server.Health.Watch(new() { Service = "nothing" }, cancellationToken: Cancellation);
        Assert.True(await watch.ResponseStream.MoveNext(Cancellation));
        Assert.Equal(Status.ServiceUnknown, watch.ResponseStream.Current.Status);
    }

    private async Task<ModelStatistics> StatisticsAsync(string model) =>
        Assert.Single((await server.Inference.ModelStatisticsAsync(new() { Name = model }, cancellationToken: Cancellation)).ModelStats);
}
