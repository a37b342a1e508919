using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Protos;
using Sluice.Testing;
using CallMetadata = Grpc.Core.Metadata;

namespace Sluice.Gateway.Tests.Grpc;

/// <summary>One inference over gRPC: to the replica that has the version, and back.</summary>
public sealed class InferTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_stable_version_answers_and_the_replica_is_told_what_it_is_asked_for()
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var client = new GrpcClient(stage.Gateway);
        using var counts = new Counts(stage.Gateway);

        var (answer, headers) = await client.InferAsync(GrpcClient.Wine(), new CallMetadata { { "x-own", "1" }, { "cookie", "a=b" } });

        Assert.Equal(("predictor-0|7", "1"), (answer.Id, answer.ModelVersion));
        Assert.Equal(("1", FakeRegistry.DigestOf("wine", 1)), (headers.GetValue(SluiceHeaders.Version), headers.GetValue(SluiceHeaders.Digest)));
        var seen = Assert.Single(stage.Predictor().Seen);
        Assert.Equal("/inference.GRPCInferenceService/ModelInfer", seen.Path);
        Assert.Equal(("wine", "1", "trailers"), (seen.Headers[SluiceHeaders.Model], seen.Headers[SluiceHeaders.Version], seen.Headers["te"]));
        Assert.Matches("^[0-9]{4,5}m$", seen.Headers["grpc-timeout"]);
        Assert.False(seen.Headers.ContainsKey("x-own") || seen.Headers.ContainsKey("cookie"));
        await Eventually.BecomesTrueAsync(() => counts.Of(MetricNames.GatewayRequests, ("model", "wine"), ("version", "1"), ("outcome", "ok")) == 1);
        Assert.Equal(1, counts.Of(MetricNames.GatewayResponses, ("model", "wine"), ("outcome", "ok")));
        Assert.Equal(1, counts.Of(MetricNames.GatewayRequestDuration, ("model", "wine"), ("version", "1")));
    }

    [Fact]
    public async Task A_version_is_pinned_by_the_message_or_by_metadata_and_not_by_both_differently()
    {
        await using var stage = await Stage.SetWithCanaryAsync(0);
        using var client = new GrpcClient(stage.Gateway);

        Assert.Equal("2", (await client.InferAsync(GrpcClient.Wine("2"))).Answer.ModelVersion);
        Assert.Equal("2", (await client.InferAsync(GrpcClient.Wine(), Pin("2"))).Answer.ModelVersion);
        Assert.Equal("2", (await client.InferAsync(GrpcClient.Wine("2"), Pin("2"))).Answer.ModelVersion);
        await client.FailsAsync(GrpcClient.Wine("1"), StatusCode.InvalidArgument, FaultClass.Client, Pin("2"));
        await client.FailsAsync(GrpcClient.Wine(), StatusCode.InvalidArgument, FaultClass.Client, Pin("two"));
        await client.FailsAsync(GrpcClient.Wine("9"), StatusCode.NotFound, FaultClass.Client);
        await client.FailsAsync(GrpcClient.Wine("two"), StatusCode.NotFound, FaultClass.Client);

        static CallMetadata Pin(string version) => new() { { SluiceHeaders.Version, version } };
    }

    [Fact]
    public async Task A_sticky_key_in_the_metadata_decides_as_it_does_over_HTTP()
    {
        await using var stage = await Stage.SetWithCanaryAsync(0);
        stage.Registry.Split("wine", stable: 1, canary: 2, weight: 5_000, new Stickiness(StickinessKind.Header, "x-user"), generation: 3);
        await stage.CaughtUpAsync();
        using var client = new GrpcClient(stage.Gateway);
        var versions = new HashSet<string>();
        for (var user = 0; user < 20; user++)
        {
            var (answer, _) = await client.InferAsync(GrpcClient.Wine(), new CallMetadata { { "x-user", $"user-{user}" } });
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/wine/infer") { Content = RunningGateway.Json("{}") };
            request.Headers.Add("x-user", $"user-{user}");
            using var http = await stage.Http.SendAsync(request, Token);
            Assert.Equal(http.Headers.GetValues(SluiceHeaders.Version).Single(), answer.ModelVersion);
            versions.Add(answer.ModelVersion);
        }

        Assert.Equal(2, versions.Count);
    }

    [Fact]
    public async Task The_model_may_be_named_beside_the_message_and_must_be_named_somewhere()
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var client = new GrpcClient(stage.Gateway);
        var beside = new CallMetadata { { SluiceHeaders.Model, "wine" } };

        Assert.Equal("1", (await client.InferAsync(new ModelInferRequest { Id = "7" }, beside)).Answer.ModelVersion);
        var unnamed = await client.FailsAsync(new ModelInferRequest { Id = "7" }, StatusCode.InvalidArgument, FaultClass.Client);
        Assert.Contains(SluiceHeaders.Model, unnamed.Status.Detail, StringComparison.Ordinal);
        await client.FailsAsync(new ModelInferRequest { ModelName = "beer" }, StatusCode.InvalidArgument, FaultClass.Client, beside);
        var unknown = await client.FailsAsync(new ModelInferRequest { ModelName = "beer" }, StatusCode.NotFound, FaultClass.Client);
        Assert.Equal("There is no model 'beer'. GET /api/models lists the models.", unknown.Status.Detail);
        await client.FailsAsync(new ModelInferRequest { ModelName = "größe 100 %" }, StatusCode.NotFound, FaultClass.Client);
    }

    [Fact]
    public async Task A_compressed_message_needs_the_models_name_beside_it()
    {
        await using var stage = await Stage.SetWithWineAsync();
        var frame = GrpcAnswers.Frame([0x1f, 0x8b], isCompressed: true);

        using var refused = await RawGrpc.SendAsync(stage.Gateway.Grpc, frame, ("grpc-encoding", "gzip"));
        using var passed = await RawGrpc.SendAsync(stage.Gateway.Grpc, frame, ("grpc-encoding", "gzip"), (SluiceHeaders.Model, "wine"));

        Assert.Equal("3", RawGrpc.StatusOf(refused));
        Assert.Contains("compressed", refused.Headers.GetValues("grpc-message").Single(), StringComparison.Ordinal);
        Assert.Equal("0", RawGrpc.StatusOf(passed));
        Assert.Equal("gzip", Assert.Single(stage.Predictor().Seen).Headers["grpc-encoding"]);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff })]
    [InlineData(new byte[] { 0, 0xff, 0xff, 0xff, 0xff, 0x0a })]
    public async Task What_is_no_message_is_refused_by_headers_alone(byte[] body)
    {
        await using var stage = await Stage.SetWithWineAsync();

        using var answer = await RawGrpc.SendAsync(stage.Gateway.Grpc, body);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/grpc", answer.Content.Headers.ContentType?.ToString());
        Assert.Contains(answer.Headers.GetValues("grpc-status").Single(), (string[])["3", "8"]);
        Assert.Equal("client", answer.Headers.GetValues(SluiceHeaders.Fault).Single());
        Assert.Empty(answer.TrailingHeaders);
    }

    [Fact]
    public async Task What_is_larger_than_is_taken_is_RESOURCE_EXHAUSTED_before_it_is_all_sent()
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:MaxRequestBodyBytes", "1000000"), ("Gateway:MaxHeldBodyBytes", "100000"));
        using var client = new GrpcClient(stage.Gateway);
        var request = GrpcClient.Wine();
        request.RawInputContents.Add(ByteString.CopyFrom(new byte[500_000]));
        await client.InferAsync(request); // larger than is held: streamed through

        request.RawInputContents.Add(ByteString.CopyFrom(new byte[500_001]));
        await client.FailsAsync(request, StatusCode.ResourceExhausted, FaultClass.Client);
        var lying = GrpcAnswers.Frame(GrpcClient.Wine().ToByteArray()).Concat(new byte[2_000_000]).ToArray(); // more than its header says
        using var answer = await RawGrpc.SendAsync(stage.Gateway.Grpc, lying);

        Assert.Equal("8", RawGrpc.StatusOf(answer));
    }

    [Fact]
    public async Task More_than_a_hundred_MiB_are_refused_by_default()
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var client = new GrpcClient(stage.Gateway);
        var request = GrpcClient.Wine();
        request.RawInputContents.Add(UnsafeByteOperations.UnsafeWrap(new byte[100 * 1024 * 1024]));

        var tooLarge = await client.FailsAsync(request, StatusCode.ResourceExhausted, FaultClass.Client);

        Assert.Contains("104857600", tooLarge.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replica_without_a_gRPC_endpoint_is_not_asked()
    {
        await using var stage = await Stage.SetWithWineAsync();
        var old = await stage.AddPredictorAsync();
        stage.Registry.Report(old.Id, old.Address, ("wine", 1, VersionState.Ready));
        stage.Registry.Register("beer", 1);
        stage.Registry.Serve("beer", stable: 1);
        stage.Registry.Report(old.Id, old.Address, ("wine", 1, VersionState.Ready), ("beer", 1, VersionState.Ready));
        await stage.CaughtUpAsync();
        using var client = new GrpcClient(stage.Gateway);

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("predictor-0|7", (await client.InferAsync(GrpcClient.Wine())).Answer.Id);
        }

        var refused = await client.FailsAsync(new ModelInferRequest { ModelName = "beer" }, StatusCode.Unavailable, FaultClass.Capacity);
        Assert.Equal("1000", refused.Trailers.GetValue("grpc-retry-pushback-ms"));
        using var http = await stage.Gateway.InferAsync("beer");
        Assert.Equal(HttpStatusCode.OK, http.StatusCode);
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("half")]
    [InlineData("unavailable")]
    [InlineData("silent")]
    [InlineData("html")]
    [InlineData("stranger")]
    [InlineData("nameless")]
    [InlineData("gone")]
    public async Task A_replica_that_breaks_off_or_cannot_now_costs_nobody_a_request(string failure)
    {
        await using var stage = await Stage.SetWithWineAsync(predictors: 2);
        using var client = new GrpcClient(stage.Gateway);
        using var counts = new Counts(stage.Gateway);
        stage.Predictor(0).Answer = context => failure switch
        {
            "reset" => Reset(context),
            "half" => GrpcAnswers.BreakOffAsync(context),
            "unavailable" => GrpcAnswers.FailAsync(context, StatusCode.Unavailable),
            "silent" => Silent(context),
            "stranger" => Strange(context, FakeRegistry.DigestOf("wine", 2)),
            "nameless" => Strange(context, digest: null),
            _ => context.Response.WriteAsync("<html>"),
        };
        if (failure == "gone")
        {
            await stage.Predictor(0).StopAsync();
        }

        for (var i = 0; i < 12; i++)
        {
            Assert.Equal("predictor-1|7", (await client.InferAsync(GrpcClient.Wine())).Answer.Id);
        }

        Assert.True(counts.Of(MetricNames.GatewayRetries, ("model", "wine")) > 0);

        static Task Reset(HttpContext context)
        {
            context.Features.Get<IHttpResetFeature>()!.Reset(2);
            return Task.CompletedTask;
        }

        static Task Strange(HttpContext context, string? digest)
        {
            context.Response.Headers[SluiceHeaders.Digest] = digest;
            return GrpcAnswers.AnswerAsync(context, "stranger");
        }

        static async Task Silent(HttpContext context)
        {
            GrpcAnswers.Begin(context);
            await GrpcAnswers.WriteAsync(context, new ModelInferResponse()); // and no status
        }
    }

    [Fact]
    public async Task A_failure_of_the_only_version_reaches_the_caller_as_the_replica_said_it()
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var client = new GrpcClient(stage.Gateway);
        using var counts = new Counts(stage.Gateway);

        stage.Predictor().Answer = context => GrpcAnswers.FailAsync(context, StatusCode.Internal, FaultClass.Model);
        Assert.Equal("it failed", (await client.FailsAsync(GrpcClient.Wine(), StatusCode.Internal, FaultClass.Model)).Status.Detail);
        stage.Predictor().Answer = context => GrpcAnswers.FailLateAsync(context, StatusCode.InvalidArgument, FaultClass.Client);
        await client.FailsAsync(GrpcClient.Wine(), StatusCode.InvalidArgument, FaultClass.Client);
        stage.Predictor().Answer = context =>
        {
            context.Response.Headers.Remove(SluiceHeaders.Digest); // as of a message that cannot be read
            return GrpcAnswers.FailAsync(context, StatusCode.InvalidArgument, FaultClass.Client);
        };
        await client.FailsAsync(GrpcClient.Wine(), StatusCode.InvalidArgument, FaultClass.Client);
        stage.Predictor().Answer = GrpcAnswers.BreakOffAsync;
        await client.FailsAsync(GrpcClient.Wine(), StatusCode.Unavailable, FaultClass.Gateway);

        foreach (var (outcome, count) in ((string, int)[])[("model", 1), ("client", 2), ("gateway", 1)])
        {
            await Eventually.BecomesTrueAsync(() => counts.Of(MetricNames.GatewayRequests, ("version", "1"), ("outcome", outcome)) == count);
            Assert.Equal(count, counts.Of(MetricNames.GatewayResponses, ("model", "wine"), ("outcome", outcome)));
        }
    }

    [Fact]
    public async Task A_deadline_travels_on_and_is_kept()
    {
        await using var stage = await Stage.SetWithWineAsync();
        stage.Predictor().Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        using var counts = new Counts(stage.Gateway);
        var frame = GrpcAnswers.Frame(GrpcClient.Wine().ToByteArray());

        using var answer = await RawGrpc.SendAsync(stage.Gateway.Grpc, frame, ("grpc-timeout", "300m")); // by a client that does not look at the clock itself

        Assert.Equal("4", RawGrpc.StatusOf(answer));
        Assert.Equal("deadline", answer.Headers.GetValues(SluiceHeaders.Fault).Single());
        var seen = Assert.Single(stage.Predictor().Seen).Headers["grpc-timeout"];
        Assert.InRange(int.Parse(seen.TrimEnd('m'), System.Globalization.CultureInfo.InvariantCulture), 1, 300);
        Assert.Equal(1, counts.Of(MetricNames.GatewayRequests, ("version", "1"), ("outcome", "deadline")));
        using var nonsense = await RawGrpc.SendAsync(stage.Gateway.Grpc, frame, ("grpc-timeout", "soon"));
        Assert.Equal("3", RawGrpc.StatusOf(nonsense));

        using var client = new GrpcClient(stage.Gateway);
        await Assert.ThrowsAsync<RpcException>(() => client.InferAsync(GrpcClient.Wine(), deadline: DateTime.UtcNow.AddSeconds(0.4)));
        await Eventually.BecomesTrueAsync(() => counts.Of(MetricNames.GatewayRequests, ("version", "1"), ("outcome", "deadline")) == 2);
    }

    [Fact]
    public async Task Whoever_leaves_is_cancelled_upstream_and_counts_for_nobody()
    {
        await using var stage = await Stage.SetWithWineAsync();
        var left = new TaskCompletionSource();
        stage.Predictor().Answer = context =>
        {
            context.RequestAborted.Register(() => left.TrySetResult());
            return left.Task;
        };
        using var client = new GrpcClient(stage.Gateway);
        using var counts = new Counts(stage.Gateway);
        using var leaving = new CancellationTokenSource();
        using var call = client.Inference.ModelInferAsync(GrpcClient.Wine(), cancellationToken: leaving.Token);
        await Eventually.BecomesTrueAsync(() => stage.Predictor().InProgress == 1);

        await leaving.CancelAsync();

        await left.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        await Eventually.BecomesTrueAsync(() => counts.Of(MetricNames.GatewayRequests, ("version", "1"), ("outcome", "cancelled")) == 1);
    }
}
