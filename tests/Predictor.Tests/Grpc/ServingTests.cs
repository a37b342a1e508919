using System.Diagnostics;
using Grpc.Core;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Protos;
using Sluice.Testing;
using Status = Sluice.Protos.HealthCheckResponse.Types.ServingStatus;

namespace Sluice.Predictor.Tests.Grpc;

/// <summary>A predictor in states that a test brings about: busy, loading, failing, ending.</summary>
public sealed class ServingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("grpc-timeout")]
    [InlineData("parameter")]
    [InlineData("header")]
    public async Task Deadline_that_passes_is_told_and_counted_as_one(string means)
    {
        await using var stage = await SlowStageAsync();
        using var channel = GrpcServer.ChannelTo(stage.Predictor.Grpc);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        var request = Slow(1_000_000_000);
        var headers = new Metadata();
        DateTime? deadline = null;
        switch (means)
        {
            case "grpc-timeout":
                deadline = DateTime.UtcNow.AddMilliseconds(400);
                break;
            case "parameter":
                request.Parameters["timeout"] = new() { Int64Param = 400_000 };
                break;
            default:
                headers.Add(SluiceHeaders.TimeoutMilliseconds, "400");
                break;
        }

        var watch = Stopwatch.StartNew();
        var exception = await Assert.ThrowsAsync<RpcException>(() => client.ModelInferAsync(request, headers, deadline, Cancellation).ResponseAsync);

        Assert.Equal(StatusCode.DeadlineExceeded, exception.StatusCode);
        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(20));
        await Eventually.BecomesTrueAsync(() => CountAsync(stage, FaultClass.Deadline, 1));
        Assert.True(await CountAsync(stage, FaultClass.Cancelled, 0));
        await AssertAnswersAsync(client);
    }

    [Fact]
    public async Task Deadline_that_had_passed_is_not_computed()
    {
        await using var stage = await SlowStageAsync();
        using var channel = GrpcServer.ChannelTo(stage.Predictor.Grpc);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);

        await RpcAssert.FailsAsync(
            client.ModelInferAsync(Slow(1), new Metadata { { SluiceHeaders.TimeoutMilliseconds, "0" } }, cancellationToken: Cancellation).ResponseAsync,
            StatusCode.DeadlineExceeded,
            FaultClass.Deadline,
            "The deadline had passed");
    }

    [Fact]
    public async Task Caller_that_leaves_stops_the_run()
    {
        await using var stage = await SlowStageAsync();
        using var channel = GrpcServer.ChannelTo(stage.Predictor.Grpc);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var call = client.ModelInferAsync(Slow(1_000_000_000), deadline: DateTime.UtcNow.AddMinutes(5), cancellationToken: leave.Token).ResponseAsync;
        await Eventually.BecomesTrueAsync(() => stage.Registry.Reports.Last().Report.InFlight == 1);

        await leave.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => call)).StatusCode);
        await Eventually.BecomesTrueAsync(() => CountAsync(stage, FaultClass.Cancelled, 1));
        await AssertAnswersAsync(client);
    }

    [Fact]
    public async Task Queue_that_is_full_is_unavailable_and_says_when_to_try_again()
    {
        await using var stage = await SlowStageAsync(("Predictor:MaxConcurrency", "1"), ("Predictor:Batching:MaxQueueSize", "0"));
        using var channel = GrpcServer.ChannelTo(stage.Predictor.Grpc);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var first = client.ModelInferAsync(Slow(1_000_000_000), cancellationToken: leave.Token).ResponseAsync;
        await Eventually.BecomesTrueAsync(() => stage.Registry.Reports.Last().Report.InFlight == 1);

        var exception = await RpcAssert.FailsAsync(
            client.ModelInferAsync(Slow(1), cancellationToken: Cancellation).ResponseAsync, StatusCode.Unavailable, FaultClass.Capacity, "wait here already");

        Assert.Equal("1000", exception.Trailers.GetValue("grpc-retry-pushback-ms"));
        await leave.CancelAsync();
        await Assert.ThrowsAsync<RpcException>(() => first);
    }

    [Fact]
    public async Task Model_that_is_loading_is_unavailable_and_one_that_failed_says_why()
    {
        await using var stage = await Stage.SetWithoutPredictorAsync();
        var gate = new TaskCompletionSource();
        stage.Registry.BlobGate = gate.Task;
        stage.Registry.Serve("line", OnnxModels.Identity(Datatype.Fp32, -1));
        stage.Registry.Serve("broken", OnnxModels.Unloadable());
        stage.StartPredictor();
        using var channel = GrpcServer.ChannelTo(stage.Predictor.Grpc);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        await Eventually.BecomesTrueAsync(async () => (await IndexAsync(client)).Count == 2);

        Assert.All(await IndexAsync(client), model => Assert.Equal("LOADING", model.State));
        Assert.False((await client.ServerReadyAsync(new(), cancellationToken: Cancellation)).Ready);
        Assert.False((await client.ModelReadyAsync(new() { Name = "line" }, cancellationToken: Cancellation)).Ready);
        await RpcAssert.FailsAsync(
            client.ModelInferAsync(Tensors.Line(1), cancellationToken: Cancellation).ResponseAsync, StatusCode.Unavailable, FaultClass.Capacity, "is not ready here: it is Loading");

        gate.SetResult();
        await stage.FailureAsync("broken");
        await stage.ReadyAsync("line");
        var index = await IndexAsync(client);
        Assert.Equal(["broken", "line"], index.Select(model => model.Name));
        Assert.Equal(["UNAVAILABLE", "READY"], index.Select(model => model.State));
        Assert.Contains("NoSuchOperator", index[0].Reason, StringComparison.Ordinal);
        Assert.Equal("line", Assert.Single((await client.RepositoryIndexAsync(new() { Ready = true }, cancellationToken: Cancellation)).Models).Name);
        await RpcAssert.FailsAsync(
            client.ModelMetadataAsync(new() { Name = "broken" }, cancellationToken: Cancellation).ResponseAsync, StatusCode.Unavailable, FaultClass.Capacity, "could not be loaded here");
    }

    [Fact]
    public async Task Watch_tells_every_change_of_health_and_ends_with_the_process()
    {
        await using var stage = await Stage.SetAsync();
        using var channel = GrpcServer.ChannelTo(stage.Predictor.Grpc);
        using var watch = new Health.HealthClient(channel).Watch(new(), cancellationToken: Cancellation);
        Assert.Equal(Status.NotServing, await NextAsync(watch));

        stage.Registry.Serve("line", OnnxModels.Identity(Datatype.Fp32, -1));
        Assert.Equal(Status.Serving, await NextAsync(watch));

        stage.Registry.Assign("line");
        Assert.Equal(Status.NotServing, await NextAsync(watch));

        stage.Registry.Assign("line", 1);
        Assert.Equal(Status.Serving, await NextAsync(watch));

        var stopped = stage.Predictor.DisposeAsync().AsTask();
        Assert.Equal(Status.NotServing, await NextAsync(watch));
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext(Cancellation))).StatusCode);
        await stopped.WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task Message_over_the_limit_is_refused()
    {
        await using var stage = await Stage.SetAsync(("Predictor:MaxRequestBodyBytes", "2000"));
        stage.Registry.Serve("line", OnnxModels.Identity(Datatype.Fp32, -1));
        await stage.ReadyAsync("line");
        using var channel = GrpcServer.ChannelTo(stage.Predictor.Grpc);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);

        Assert.Single((await client.ModelInferAsync(Tensors.Line(new float[400]), cancellationToken: Cancellation)).Outputs);
        var refused = await Assert.ThrowsAsync<RpcException>(() => client.ModelInferAsync(Tensors.Line(new float[500]), cancellationToken: Cancellation).ResponseAsync);

        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);

        // The limit is on messages, not on what a stream carries all in all.
        using var stream = client.ModelStreamInfer(cancellationToken: Cancellation);
        for (var i = 0; i < 10; i++)
        {
            await stream.RequestStream.WriteAsync(Tensors.Line(new float[400]), Cancellation);
            Assert.True(await stream.ResponseStream.MoveNext(Cancellation));
            Assert.Equal("", stream.ResponseStream.Current.ErrorMessage);
        }
    }

    [Fact]
    public async Task Without_a_port_there_is_no_endpoint_and_none_is_reported()
    {
        await using var stage = await Stage.SetAsync(("Predictor:GrpcPort", ""));
        await Eventually.BecomesTrueAsync(() => !stage.Registry.Reports.IsEmpty);

        Assert.Null(stage.Registry.Reports.Last().Report.GrpcAddress);
    }

    [Fact]
    public async Task Every_endpoint_is_reported_with_its_own_address()
    {
        await using var stage = await Stage.SetAsync();
        await Eventually.BecomesTrueAsync(() => !stage.Registry.Reports.IsEmpty);

        var report = stage.Registry.Reports.Last().Report;
        Assert.Equal(stage.Predictor.Grpc.GetLeftPart(UriPartial.Authority), report.GrpcAddress);
        Assert.Equal(stage.Predictor.Http.BaseAddress!.GetLeftPart(UriPartial.Authority), report.Address);
        Assert.Equal(stage.Predictor.Management.GetLeftPart(UriPartial.Authority), report.MetricsAddress);
    }

    [Theory]
    [InlineData("Predictor:AdvertisedGrpcAddress", "http://predictor-0.example:9000/", "http://predictor-0.example:9000")]
    [InlineData("Predictor:AdvertisedAddress", "http://predictor-0.example:8080/", "http://predictor-0.example")]
    public async Task Advertised_address_goes_before_the_servers_own(string key, string value, string expected)
    {
        await using var stage = await Stage.SetAsync((key, value));
        await Eventually.BecomesTrueAsync(() => !stage.Registry.Reports.IsEmpty);

        Assert.StartsWith(expected, stage.Registry.Reports.Last().Report.GrpcAddress);
    }

    private static async Task<Stage> SlowStageAsync(params (string Key, string Value)[] settings)
    {
        var stage = await Stage.SetAsync(settings);
        stage.Registry.Serve("slow", OnnxModels.Slow());
        await stage.ReadyAsync("slow");
        return stage;
    }

    private static ModelInferRequest Slow(long rounds) => Tensors.TypedRequest("slow", Datatype.Int64, new() { Int64Contents = { rounds } }, 1);

    private static async Task AssertAnswersAsync(GRPCInferenceService.GRPCInferenceServiceClient client) =>
        Assert.Equal([1], (await client.ModelInferAsync(Slow(1), deadline: DateTime.UtcNow + Patience, cancellationToken: Cancellation)).Outputs[0].Contents.Fp32Contents);

    private static async Task<Status> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext(Cancellation).WaitAsync(Patience, Cancellation));
        return watch.ResponseStream.Current.Status;
    }

    private static async Task<IList<RepositoryIndexResponse.Types.ModelIndex>> IndexAsync(GRPCInferenceService.GRPCInferenceServiceClient client) =>
        (await client.RepositoryIndexAsync(new(), cancellationToken: Cancellation)).Models;

    private static async Task<bool> CountAsync(Stage stage, FaultClass fault, int count)
    {
        var page = await stage.Predictor.Http.GetStringAsync(new Uri(stage.Predictor.Management, "/metrics"), Cancellation);
        return page.Split('\n').Any(line => line.StartsWith("sluice_predictor_requests_total{", StringComparison.Ordinal)
            && line.Contains("model=\"slow\"", StringComparison.Ordinal)
            && line.Contains($"outcome=\"{fault.Label()}\"", StringComparison.Ordinal)
            && line.EndsWith($" {count}", StringComparison.Ordinal));
    }
}
