using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Protos;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Grpc;

/// <summary>A canary's failure over gRPC is nobody's, wherever in the answer it stands.</summary>
public sealed class ShieldTests
{
    [Theory]
    [InlineData("internal", "model", "model")]
    [InlineData("unlabelled", "model", "model")]
    [InlineData("late status", "model", "model")]
    [InlineData("unavailable", "capacity", "capacity")]
    [InlineData("half", "gateway", "gateway")]
    [InlineData("silent", "gateway", "gateway")]
    [InlineData("hang", "deadline", "late")]
    [InlineData("refuse", "model", "refused")]
    public async Task Whatever_the_canary_does_stable_answers_and_the_canary_is_blamed(string failure, string outcome, string reason)
    {
        await using var stage = await Stage.SetWithCanaryAsync(10_000, stables: 1, ("Gateway:ShieldPatience", "00:00:00.200"), ("Gateway:RequestTimeout", "00:00:02"));
        stage.Predictor(1).Answer = context => FailAsync(context, failure);
        using var client = new GrpcClient(stage.Gateway);
        using var counts = new Counts(stage.Gateway);

        var (answer, headers) = await client.InferAsync(GrpcClient.Wine());

        Assert.Equal(("predictor-0|7", "1"), (answer.Id, answer.ModelVersion));
        Assert.Equal("1", headers.GetValue(SluiceHeaders.Version));
        await Eventually.BecomesTrueAsync(() => counts.Of(MetricNames.GatewayRequests, ("version", "2"), ("outcome", outcome)) == 1);
        Assert.Equal(0, counts.Of(MetricNames.GatewayRequests, ("version", "1")));
        Assert.Equal(1, counts.Of(MetricNames.GatewayResponses, ("outcome", "ok")));
        Assert.Equal(1, counts.Of(MetricNames.GatewayShielded, ("reason", reason)));
    }

    [Fact]
    public async Task What_the_canary_answers_is_passed_on_with_its_trailers()
    {
        await using var stage = await Stage.SetWithCanaryAsync(10_000);
        stage.Predictor(1).Answer = async context =>
        {
            await GrpcAnswers.AnswerAsync(context, "canary");
            context.Response.AppendTrailer("x-cost", "3");
        };
        using var client = new GrpcClient(stage.Gateway);
        using var call = client.Inference.ModelInferAsync(GrpcClient.Wine(), cancellationToken: TestContext.Current.CancellationToken);

        var answer = await call;

        Assert.Equal(("canary|7", "2"), (answer.Id, answer.ModelVersion));
        Assert.Equal("3", call.GetTrailers().GetValue("x-cost"));
        Assert.Empty(stage.Predictor(0).Seen);
    }

    [Fact]
    public async Task What_both_versions_refuse_was_the_callers_mistake()
    {
        await using var stage = await Stage.SetWithCanaryAsync(10_000);
        stage.Predictor(0).Answer = stage.Predictor(1).Answer = context => GrpcAnswers.FailAsync(context, StatusCode.InvalidArgument, FaultClass.Client);
        using var client = new GrpcClient(stage.Gateway);
        using var counts = new Counts(stage.Gateway);

        var refused = await client.FailsAsync(GrpcClient.Wine(), StatusCode.InvalidArgument, FaultClass.Client);

        Assert.Equal("it failed", refused.Status.Detail);
        await Eventually.BecomesTrueAsync(() => counts.Of(MetricNames.GatewayRequests, ("version", "2"), ("outcome", "client")) == 1);
    }

    [Fact]
    public async Task A_version_that_was_asked_for_answers_for_itself()
    {
        await using var stage = await Stage.SetWithCanaryAsync(10_000);
        stage.Predictor(1).Answer = context => GrpcAnswers.FailAsync(context, StatusCode.Internal, FaultClass.Model);
        using var client = new GrpcClient(stage.Gateway);

        await client.FailsAsync(GrpcClient.Wine("2"), StatusCode.Internal, FaultClass.Model);

        Assert.Empty(stage.Predictor(0).Seen);
    }

    [Fact]
    public async Task A_canary_that_fails_most_of_its_calls_is_spared_most_of_them()
    {
        await using var stage = await Stage.SetWithCanaryAsync(10_000);
        stage.Predictor(1).Answer = context => GrpcAnswers.FailAsync(context, StatusCode.Internal, FaultClass.Model);
        using var client = new GrpcClient(stage.Gateway);
        using var counts = new Counts(stage.Gateway);

        for (var i = 0; i < 60; i++)
        {
            Assert.Equal("1", (await client.InferAsync(GrpcClient.Wine())).Answer.ModelVersion);
        }

        Assert.True(counts.Of(MetricNames.GatewayShielded, ("reason", "breaker")) > 30);
        Assert.InRange(stage.Predictor(1).Seen.Count, 20, 25);
    }

    [Fact]
    public async Task A_canary_without_a_gRPC_endpoint_leaves_its_share_to_stable()
    {
        await using var stage = await Stage.SetWithCanaryAsync(10_000);
        stage.Registry.Report(stage.Predictor(1).Id, stage.Predictor(1).Address, ("wine", 2, VersionState.Ready));
        await stage.CaughtUpAsync();
        using var client = new GrpcClient(stage.Gateway);

        Assert.Equal("1", (await client.InferAsync(GrpcClient.Wine())).Answer.ModelVersion);
    }

    private static async Task FailAsync(HttpContext context, string failure)
    {
        switch (failure)
        {
            case "internal":
                await GrpcAnswers.FailAsync(context, StatusCode.Internal, FaultClass.Model);
                break;
            case "unlabelled":
                await GrpcAnswers.FailAsync(context, StatusCode.Unknown);
                break;
            case "late status":
                await GrpcAnswers.FailLateAsync(context, StatusCode.Internal, FaultClass.Model);
                break;
            case "unavailable":
                await GrpcAnswers.FailAsync(context, StatusCode.Unavailable);
                break;
            case "half":
                await GrpcAnswers.BreakOffAsync(context);
                break;
            case "silent":
                GrpcAnswers.Begin(context);
                await GrpcAnswers.WriteAsync(context, new ModelInferResponse());
                break;
            case "refuse":
                await GrpcAnswers.FailAsync(context, StatusCode.InvalidArgument, FaultClass.Client);
                break;
            default:
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
        }
    }
}
