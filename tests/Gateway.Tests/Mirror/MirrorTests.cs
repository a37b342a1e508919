using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Sluice.Contracts;
using Sluice.Gateway.Mirror;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Mirror;

/// <summary>Stable's traffic copied to the canary: which of it, and what is concluded.</summary>
public sealed class MirrorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_share_of_stables_requests_is_copied_and_counts_as_no_request_of_the_canarys()
    {
        const int requests = 3000, share = 3000;
        await using var mirror = await MirrorStage.SetAsync(share);

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => mirror.InferAsync(requests / 10)));

        // Eight standard deviations of a fair draw: 900 copies, 25 more or less.
        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Dropped) + mirror.Canary.Seen.Count == mirror.Ended && mirror.Canary.InProgress == 0);
        Assert.InRange(mirror.Ended, 700, 1100);
        Assert.Equal(0, mirror.Of(MirrorResult.Disagree) + mirror.Of(MirrorResult.Error));
        Assert.True(mirror.Of(MirrorResult.Agree) > 0);
        Assert.Equal(requests, mirror.Counts.Of(MetricNames.GatewayRequests));
        Assert.Equal(0, mirror.Counts.Of(MetricNames.GatewayRequests, ("version", "2")));
        Assert.Equal(requests, mirror.Counts.Of(MetricNames.GatewayResponses, ("outcome", "ok")));
        Assert.Equal(requests, mirror.Stable.Seen.Count);
        await Eventually.BecomesTrueAsync(() => mirror.Budget.Taken == 0);
    }

    [Fact]
    public async Task The_canary_is_asked_the_same_by_its_own_path()
    {
        await using var mirror = await MirrorStage.SetAsync();
        var seen = new ConcurrentQueue<string>();
        var answer = mirror.Canary.Answer;
        mirror.Canary.Answer = async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            seen.Enqueue(await reader.ReadToEndAsync());
            await answer(context);
        };
        var key = new TestKey("acme");
        mirror.Stage.Registry.Key(key.Key);
        await mirror.Stage.CaughtUpAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/wine/infer?a=b") { Content = RunningGateway.Json("""{"inputs":"the same"}""") };
        request.Headers.Add("Authorization", key.Bearer);
        request.Headers.Add("Inference-Header-Content-Length", "7");

        (await SendAsync()).Dispose();

        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Agree) == 1);
        var asked = Assert.Single(mirror.Canary.Seen);
        Assert.Equal(("/v2/models/wine/versions/2/infer", "?a=b", """{"inputs":"the same"}"""), (asked.Path, asked.Query, Assert.Single(seen)));
        Assert.Equal(("7", "application/json; charset=utf-8"), (asked.Headers["Inference-Header-Content-Length"], asked.Headers["Content-Type"]));
        Assert.DoesNotContain("Authorization", asked.Headers.Keys);

        Task<HttpResponseMessage> SendAsync() => mirror.Stage.Http.SendAsync(request, Token);
    }

    [Theory]
    [InlineData("/v2/models/wine/infer", """{"model_version":"1","outputs":[{"name":"y","datatype":"FP32","shape":[1,2],"data":[0.5,2]}]}""", """{"model_version":"2","outputs":[{"name":"y","datatype":"FP32","shape":[1,2],"data":[0.50001,2.0]}]}""", """{"outputs":[{"name":"y","datatype":"FP32","shape":[1,2],"data":[0.5,2.1]}]}""")]
    [InlineData("/v1/models/wine:predict", """{"predictions":[[0.5,2]]}""", """{"predictions":[[0.50001,2]]}""", """{"predictions":[[0.5,2],[1,1]]}""")]
    [InlineData("/models/wine/invocations", """{"predictions":[0.5,2]}""", """{"predictions":[0.50001,2]}""", """{"predictions":[0.5,3]}""")]
    [InlineData("/models/wine/predict", """{"prediction":[0.5,2]}""", """{"prediction":[0.50001,2]}""", """{"prediction":[0.5,2],"labels":["a"]}""")]
    public async Task Answers_of_every_protocol_are_compared(string path, string stable, string same, string other)
    {
        await using var mirror = await MirrorStage.SetAsync();
        mirror.Stable.Answer = MirrorStage.Answering(stable);
        mirror.Canary.Answer = MirrorStage.Answering(same);
        await mirror.InferAsync(path: path);
        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Agree) == 1);

        mirror.Canary.Answer = MirrorStage.Answering(other);
        await mirror.InferAsync(path: path);
        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Disagree) == 1);

        mirror.Canary.Answer = MirrorStage.Answering("{");
        await mirror.InferAsync(path: path);
        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Disagree) == 2);
        Assert.Equal(3, mirror.Ended);
    }

    [Fact]
    public async Task Binary_tensors_are_compared_and_a_value_that_is_no_number_is_a_difference()
    {
        await using var mirror = await MirrorStage.SetAsync();
        mirror.Stable.Answer = Binary(1, 2);
        mirror.Canary.Answer = Binary(1.0001f, 2);
        await mirror.InferAsync();
        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Agree) == 1);

        mirror.Canary.Answer = Binary(1, float.NaN);
        await mirror.InferAsync();
        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Disagree) == 1);

        static Microsoft.AspNetCore.Http.RequestDelegate Binary(params float[] values)
        {
            var json = string.Create(CultureInfo.InvariantCulture, $$$"""{"outputs":[{"name":"y","datatype":"FP32","shape":[{{{values.Length}}}],"parameters":{"binary_data_size":{{{4 * values.Length}}}}}]}""");
            return MirrorStage.Answering(
                [.. Encoding.UTF8.GetBytes(json), .. values.SelectMany(BitConverter.GetBytes)], ("Inference-Header-Content-Length", $"{json.Length}"), ("Content-Type", "application/octet-stream"));
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Compressed_answers_are_compared(string encoding)
    {
        await using var mirror = await MirrorStage.SetAsync();
        mirror.Stable.Answer = MirrorStage.Answering(Pack("""{"predictions":[1.5]}"""), ("Content-Encoding", encoding));
        mirror.Canary.Answer = MirrorStage.Answering("""{"predictions":[1.5]}""");
        await mirror.InferAsync(path: "/v1/models/wine:predict");
        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Agree) == 1);

        mirror.Canary.Answer = MirrorStage.Answering(Pack("""{"predictions":[1.6]}"""), ("Content-Encoding", encoding));
        await mirror.InferAsync(path: "/v1/models/wine:predict");
        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Disagree) == 1);

        byte[] Pack(string json)
        {
            var packed = new MemoryStream();
            using (Stream stream = encoding == "gzip" ? new GZipStream(packed, CompressionLevel.Fastest) : new ZLibStream(packed, CompressionLevel.Fastest))
            {
                stream.Write(Encoding.UTF8.GetBytes(json));
            }

            return packed.ToArray();
        }
    }

    [Fact]
    public async Task Of_a_classifier_the_class_counts()
    {
        await using var mirror = await MirrorStage.SetAsync(labels: ["a", "b", "c"]);
        mirror.Canary.Answer = MirrorStage.Answering("""{"outputs":[{"name":"y","datatype":"FP32","shape":[1,3],"data":[0.3,0.4,0.3]}]}""");
        await mirror.InferAsync();
        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Agree) == 1);

        mirror.Canary.Answer = MirrorStage.Answering("""{"outputs":[{"name":"y","datatype":"FP32","shape":[1,3],"data":[0.6,0.4,0.0]}]}""");
        await mirror.InferAsync();
        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Disagree) == 1);
    }

    [Fact]
    public async Task A_canary_that_fails_refuses_or_takes_too_long_is_an_error_and_nobody_notices()
    {
        await using var mirror = await MirrorStage.SetAsync(settings: ("Gateway:MirrorTimeout", "00:00:00.300"));
        mirror.Canary.Answer = MirrorStage.Answering("""{"error":"e"}""", 500);
        await mirror.InferAsync();
        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Error) == 1);
        mirror.Canary.Answer = MirrorStage.Answering("""{"error":"e"}""", 400);
        await mirror.InferAsync();
        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Error) == 2);
        mirror.Canary.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        await mirror.InferAsync();
        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Error) == 3);

        mirror.Canary.Answer = MirrorStage.Answering("""{"error":"busy"}""", 503);
        await mirror.InferAsync();
        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Dropped) == 1); // its users come first

        Assert.Equal(4, mirror.Counts.Of(MetricNames.GatewayRequests));
        Assert.Equal(0, mirror.Counts.Of(MetricNames.GatewayRequests, ("version", "2")));
        Assert.Equal(0, mirror.Counts.Of(MetricNames.GatewayRetries));
        Assert.Equal(4, mirror.Canary.Seen.Count);
        await Eventually.BecomesTrueAsync(() => mirror.Budget.Taken == 0);
    }

    [Fact]
    public async Task What_was_pinned_failed_or_could_not_be_held_is_not_copied()
    {
        await using var mirror = await MirrorStage.SetAsync(settings: [("Gateway:MaxHeldBodyBytes", "10"), ("Gateway:MaxHeldAnswerBytes", "1024")]);
        await mirror.InferAsync(path: "/v2/models/wine/versions/1/infer");
        await mirror.InferAsync(body: """{"this":"is longer than is held"}""");
        var answer = mirror.Stable.Answer;
        mirror.Stable.Answer = MirrorStage.Answering(new byte[2000]);
        await mirror.InferAsync();
        mirror.Stable.Answer = MirrorStage.Answering("""{"error":"e"}""", 500);
        (await mirror.Stage.Gateway.InferAsync("wine")).Dispose();

        mirror.Stable.Answer = answer;
        await mirror.InferAsync();
        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Agree) == 1);
        Assert.Equal(1, mirror.Ended);
        Assert.Single(mirror.Canary.Seen);
    }

    [Fact]
    public async Task A_canary_on_the_stable_pool_alone_is_sent_no_copies()
    {
        await using var mirror = await MirrorStage.SetAsync();
        mirror.Canary.Pool = Pools.Stable;
        mirror.Stage.Registry.Report(mirror.Canary, ("wine", 2, VersionState.Ready));
        mirror.Stage.Registry.Expire(mirror.Canary.Id);
        mirror.Stage.Registry.Report("other", mirror.Canary.Address, ("wine", 2, VersionState.Ready));
        await mirror.Stage.CaughtUpAsync();

        await mirror.InferAsync(3);

        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Dropped) == 3);
        Assert.Empty(mirror.Canary.Seen);
    }

    [Fact]
    public async Task The_series_are_there_with_the_canary_and_stay_with_what_was_counted()
    {
        await using var mirror = await MirrorStage.SetAsync(share: 0);
        Assert.Equal(["agree", "disagree", "dropped", "error"], Results());

        mirror.Stage.Registry.Serve(MirrorStage.Serving(0, canary: null, generation: 3));
        await mirror.Stage.CaughtUpAsync();
        Assert.Empty(Results());

        mirror.Stage.Registry.Serve(MirrorStage.Serving(Weight.Whole, generation: 4));
        await mirror.Stage.CaughtUpAsync();
        await mirror.InferAsync();
        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Agree) == 1);
        mirror.Stage.Registry.Serve(MirrorStage.Serving(0, canary: null, generation: 5));
        await mirror.Stage.CaughtUpAsync();
        await mirror.InferAsync();
        Assert.Equal(4, Results().Length);
        Assert.Equal(1, mirror.Ended);

        string[] Results() =>
            [.. mirror.Counts.Page().Where(sample => sample.Name == "sluice_gateway_mirror_total").Select(sample => sample["result"]!).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task A_copy_has_a_trace_of_its_own_that_is_linked_to_the_callers()
    {
        var caller = ActivityTraceId.CreateRandom();
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MetricNames.GatewayMeter,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var mirror = await MirrorStage.SetAsync();
        mirror.Canary.Answer = MirrorStage.Answering("{}", 500);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/wine/infer");
        request.Headers.Add("traceparent", $"00-{caller}-{ActivitySpanId.CreateRandom()}-01");

        (await mirror.Stage.Http.SendAsync(request, Token)).Dispose();

        await Eventually.BecomesTrueAsync(() => spans.Any(span => span.OperationName == "mirror" && span.Links.Any(link => link.Context.TraceId == caller)));
        var copy = spans.Single(span => span.OperationName == "mirror" && span.Links.Any(link => link.Context.TraceId == caller));
        Assert.Null(copy.Parent);
        Assert.NotEqual(caller, copy.TraceId);
        Assert.Equal("error", copy.GetTagItem("sluice.mirror.result"));
        var forward = Assert.Single(spans, span => span.OperationName == "forward" && span.TraceId == caller);
        Assert.Equal("1", forward.GetTagItem("sluice.version"));
        Assert.NotEqual(ActivityStatusCode.Error, forward.Status);
        Assert.Contains(copy.TraceId.ToString(), Assert.Single(mirror.Canary.Seen).Headers["traceparent"], StringComparison.Ordinal);
    }
}
