using Grpc.Core;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using CallMetadata = Grpc.Core.Metadata;

namespace Sluice.Gateway.Tests.Grpc;

/// <summary>Keys and limits hold over gRPC as they do over HTTP.</summary>
public sealed class AccessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_a_key_for_the_model_lets_in_and_no_replica_sees_it()
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:Access", "keys"));
        var (wine, beer) = (new TestKey("wine-only", model: "wine"), new TestKey("beer-only", model: "beer"));
        stage.Registry.Key(wine.Key);
        stage.Registry.Key(beer.Key);
        await stage.CaughtUpAsync();
        using var client = new GrpcClient(stage.Gateway);

        await client.FailsAsync(GrpcClient.Wine(), StatusCode.Unauthenticated, FaultClass.Client);
        await client.FailsAsync(GrpcClient.Wine(), StatusCode.PermissionDenied, FaultClass.Client, With(beer));
        Assert.Empty(stage.Predictor().Seen);

        Assert.Equal("1", (await client.InferAsync(GrpcClient.Wine(), With(wine))).Answer.ModelVersion);
        Assert.False(Assert.Single(stage.Predictor().Seen).Headers.ContainsKey("authorization"));
    }

    [Fact]
    public async Task A_stream_of_a_stranger_is_refused_without_a_wait_for_its_first_message()
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:Access", "keys"));
        using var client = new GrpcClient(stage.Gateway);
        using var call = client.Inference.ModelStreamInfer(cancellationToken: Token);

        var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Token));

        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    [Fact]
    public async Task What_tells_of_models_asks_for_a_key_and_tells_only_of_its_model()
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:Access", "keys"));
        stage.Registry.Register("beer", 1);
        var key = new TestKey("beer-only", model: "beer");
        stage.Registry.Key(key.Key);
        await stage.CaughtUpAsync();
        using var client = new GrpcClient(stage.Gateway);
        var inference = client.Inference;

        Assert.True((await inference.ServerReadyAsync(new(), cancellationToken: Token)).Ready);
        await FailsAsync(inference.ModelReadyAsync(new() { Name = "wine" }).ResponseAsync, StatusCode.Unauthenticated);
        await FailsAsync(inference.RepositoryIndexAsync(new()).ResponseAsync, StatusCode.Unauthenticated);
        await FailsAsync(inference.ModelMetadataAsync(new() { Name = "wine" }, With(key)).ResponseAsync, StatusCode.PermissionDenied);
        var index = await inference.RepositoryIndexAsync(new(), With(key), cancellationToken: Token);
        Assert.Equal(["beer"], index.Models.Select(model => model.Name));

        static async Task FailsAsync(Task call, StatusCode code) => Assert.Equal(code, (await Assert.ThrowsAsync<RpcException>(() => call)).StatusCode);
    }

    private static CallMetadata With(TestKey key) => new() { { "authorization", $"Bearer {key.Primary}" } };
}
