using Grpc.Core;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Protos;
using Sluice.Testing;
using CallMetadata = Grpc.Core.Metadata;

namespace Sluice.Gateway.Tests.Grpc;

/// <summary>Streams of inferences: to one replica of one version, as they come.</summary>
public sealed class StreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_answer_comes_before_the_next_request_is_sent_and_all_count_as_one()
    {
        await using var stage = await Stage.SetWithWineAsync(predictors: 2, ("Gateway:MaxHeldBodyBytes", "10"), ("Gateway:MaxRequestBodyBytes", "200"));
        using var client = new GrpcClient(stage.Gateway);
        using var counts = new Counts(stage.Gateway);
        using (var call = client.Inference.ModelStreamInfer(cancellationToken: Token))
        {
            var replicas = new HashSet<string>();
            for (var i = 0; i < 20; i++) // together more than one request may have
            {
                await call.RequestStream.WriteAsync(new ModelInferRequest { ModelName = "wine", Id = $"number-{i}" }, Token);
                Assert.True(await call.ResponseStream.MoveNext(Token));
                var id = call.ResponseStream.Current.InferResponse.Id.Split('|');
                Assert.Equal($"number-{i}", id[1]);
                replicas.Add(id[0]);
            }

            await call.RequestStream.CompleteAsync();
            Assert.False(await call.ResponseStream.MoveNext(Token));
            Assert.Single(replicas);
            Assert.Equal("1", (await call.ResponseHeadersAsync).GetValue(SluiceHeaders.Version));
        }

        await Eventually.BecomesTrueAsync(() => counts.Of(MetricNames.GatewayRequests, ("version", "1"), ("outcome", "ok")) == 1);
        Assert.Equal(1, counts.Of(MetricNames.GatewayResponses, ("model", "wine")));
        Assert.Equal(0, counts.Of(MetricNames.GatewayRequestDuration, ("model", "wine")));
        Assert.Equal(0, counts.Of(MetricNames.GatewayUnheld, ("model", "wine")));
    }

    [Fact]
    public async Task A_stream_goes_to_the_version_that_its_first_message_or_metadata_pins()
    {
        await using var stage = await Stage.SetWithCanaryAsync(0);
        using var client = new GrpcClient(stage.Gateway);

        Assert.Equal("2", await AskAsync(GrpcClient.Wine("2"), []));
        Assert.Equal("2", await AskAsync(GrpcClient.Wine(), new CallMetadata { { SluiceHeaders.Version, "2" } }));
        Assert.Equal("1", await AskAsync(new ModelInferRequest(), new CallMetadata { { SluiceHeaders.Model, "wine" } }));

        async Task<string> AskAsync(ModelInferRequest request, CallMetadata metadata)
        {
            using var call = client.Inference.ModelStreamInfer(metadata, cancellationToken: Token);
            await call.RequestStream.WriteAsync(request, Token);
            Assert.True(await call.ResponseStream.MoveNext(Token));
            return call.ResponseStream.Current.InferResponse.ModelVersion;
        }
    }

    [Fact]
    public async Task A_stream_without_a_model_or_a_message_is_refused()
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var client = new GrpcClient(stage.Gateway);
        using var empty = client.Inference.ModelStreamInfer(cancellationToken: Token);
        await empty.RequestStream.CompleteAsync();
        using var nameless = client.Inference.ModelStreamInfer(cancellationToken: Token);
        await nameless.RequestStream.WriteAsync(new ModelInferRequest { Id = "1" }, Token);

        foreach (var call in (AsyncDuplexStreamingCall<ModelInferRequest, ModelStreamInferResponse>[])[empty, nameless])
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Token));
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        }
    }

    [Fact]
    public async Task A_stream_whose_replica_goes_ends_with_a_status()
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var client = new GrpcClient(stage.Gateway);
        using var counts = new Counts(stage.Gateway);
        using var call = client.Inference.ModelStreamInfer(cancellationToken: Token);
        await call.RequestStream.WriteAsync(GrpcClient.Wine(), Token);
        Assert.True(await call.ResponseStream.MoveNext(Token));

        await stage.Predictor().StopAsync();

        await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Token));
        await Eventually.BecomesTrueAsync(() => counts.Of(MetricNames.GatewayRequests, ("version", "1")) == 1);
        Assert.Equal(0, counts.Of(MetricNames.GatewayRequests, ("version", "1"), ("outcome", "ok")));
    }

    [Fact]
    public async Task A_replica_that_takes_no_connection_costs_no_stream()
    {
        await using var stage = await Stage.SetWithWineAsync(predictors: 2);
        await stage.Predictor(0).StopAsync();
        using var client = new GrpcClient(stage.Gateway);
        for (var i = 0; i < 6; i++)
        {
            using var call = client.Inference.ModelStreamInfer(cancellationToken: Token);
            await call.RequestStream.WriteAsync(GrpcClient.Wine(), Token);
            Assert.True(await call.ResponseStream.MoveNext(Token));
            Assert.Equal("predictor-1|7", call.ResponseStream.Current.InferResponse.Id);
        }
    }
}
