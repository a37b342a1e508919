using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

public sealed class TelemetryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(200, null, "ok")]
    [InlineData(400, "client", "client")]
    [InlineData(404, null, "client")]
    [InlineData(500, "model", "model")]
    [InlineData(500, null, "model")]
    [InlineData(503, "capacity", "capacity")]
    [InlineData(504, "deadline", "deadline")]
    [InlineData(503, "model", "model")]
    public async Task An_answer_counts_by_the_replicas_own_word_and_else_by_its_status(int status, string? label, string outcome)
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var counts = new Counts(stage.Gateway);
        stage.Predictor().Answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers[SluiceHeaders.Fault] = label;
            return Task.CompletedTask;
        };

        (await stage.Gateway.InferAsync("wine")).Dispose();

        await Eventually.BecomesTrueAsync(() => counts.Of(MetricNames.GatewayResponses) == 1);
        Assert.Equal(1, counts.Of(MetricNames.GatewayRequests, ("model", "wine"), ("version", "1"), ("outcome", outcome)));
        Assert.Equal(1, counts.Of(MetricNames.GatewayResponses, ("model", "wine"), ("outcome", outcome)));
        Assert.Equal(outcome is "ok" or "deadline" ? 1 : 0, counts.Of(MetricNames.GatewayRequestDuration, ("model", "wine"), ("version", "1")));
        Assert.Equal(0, counts.Of(MetricNames.GatewayRetries));
    }

    [Fact]
    public async Task A_failed_connection_counts_against_the_version_and_the_caller_got_an_answer()
    {
        await using var stage = await Stage.SetWithWineAsync(2);
        using var counts = new Counts(stage.Gateway);
        await stage.Predictor(0).StopAsync();

        await Eventually.BecomesTrueAsync(async () =>
        {
            (await stage.Gateway.InferAsync("wine")).Dispose();
            return counts.Of(MetricNames.GatewayRetries, ("model", "wine"), ("version", "1"), ("reason", "connect")) == 1;
        });

        await Eventually.BecomesTrueAsync(() => counts.Of(MetricNames.GatewayResponses) == counts.Of(MetricNames.GatewayRequests));
        Assert.Equal(1, counts.Of(MetricNames.GatewayRequests, ("outcome", "gateway")));
        Assert.Equal(0, counts.Of(MetricNames.GatewayResponses, ("outcome", "gateway")));
    }

    [Fact]
    public async Task A_caller_who_leaves_counts_as_cancelled()
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var counts = new Counts(stage.Gateway);
        stage.Predictor().Answer = context => Task.Delay(TimeSpan.FromMinutes(1), context.RequestAborted);
        using var leaving = new CancellationTokenSource();

        var request = stage.Http.PostAsync("/v2/models/wine/infer", null, leaving.Token);
        await Eventually.BecomesTrueAsync(() => stage.Predictor().InProgress == 1);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await Eventually.BecomesTrueAsync(() => counts.Of(MetricNames.GatewayResponses, ("model", "wine"), ("outcome", "cancelled")) == 1);
        Assert.Equal(1, counts.Of(MetricNames.GatewayRequests, ("outcome", "cancelled")));
        Assert.Equal(1, counts.Of(MetricNames.GatewayResponses));
    }

    [Fact]
    public async Task A_caller_who_leaves_while_sending_counts_as_cancelled()
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var counts = new Counts(stage.Gateway);
        using var leaving = new CancellationTokenSource();
        using var body = new PushContent(async stream =>
        {
            await stream.WriteAsync(new byte[8 * 1024 * 1024]); // more than is held: it reaches the replica before it is complete
            await stream.FlushAsync();
            await Task.Delay(TimeSpan.FromMinutes(1), leaving.Token);
        });

        var request = stage.Http.PostAsync("/v2/models/wine/infer", body, leaving.Token);
        await Eventually.BecomesTrueAsync(() => stage.Predictor().InProgress == 1);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await Eventually.BecomesTrueAsync(() => counts.Of(MetricNames.GatewayResponses) == 1);
        Assert.Equal(1, counts.Of(MetricNames.GatewayResponses, ("model", "wine"), ("outcome", "cancelled")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_replica_that_breaks_off_counts_as_gateway_before_and_within_the_answer(bool answered)
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var counts = new Counts(stage.Gateway);
        stage.Predictor().Answer = async context =>
        {
            if (answered)
            {
                await context.Response.Body.WriteAsync(new byte[10]);
                await context.Response.Body.FlushAsync();
            }

            context.Abort();
        };

        try
        {
            (await stage.Gateway.InferAsync("wine")).Dispose();
        }
        catch (HttpRequestException)
        {
            // Broken off.
        }

        await Eventually.BecomesTrueAsync(() => counts.Of(MetricNames.GatewayResponses) == 1);
        Assert.Equal(1, counts.Of(MetricNames.GatewayRequests, ("outcome", "gateway")));
        Assert.Equal(1, counts.Of(MetricNames.GatewayResponses, ("outcome", "gateway")));
    }

    [Fact]
    public async Task The_deadline_of_the_gateway_counts_with_its_duration()
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:RequestTimeout", "00:00:00.200"));
        using var counts = new Counts(stage.Gateway);
        stage.Predictor().Answer = context => Task.Delay(TimeSpan.FromMinutes(1), context.RequestAborted);

        (await stage.Gateway.InferAsync("wine")).Dispose();

        await Eventually.BecomesTrueAsync(() => counts.Of(MetricNames.GatewayResponses, ("outcome", "deadline")) == 1);
        Assert.Equal(1, counts.Of(MetricNames.GatewayRequests, ("outcome", "deadline")));
        Assert.Equal(1, counts.Of(MetricNames.GatewayRequestDuration));
    }

    [Fact]
    public async Task What_the_gateway_refuses_is_a_response_without_an_attempt_and_a_callers_words_are_no_label()
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var counts = new Counts(stage.Gateway);

        (await stage.Gateway.InferAsync("no-such-model")).Dispose();
        (await stage.Http.GetAsync("/v2/models/wine/infer", Token)).Dispose();
        (await stage.Http.PostAsync("/v2/models/wine/versions/9/infer", null, Token)).Dispose();

        Assert.Equal(1, counts.Of(MetricNames.GatewayResponses, ("model", GatewayMetrics.UnknownModel), ("outcome", "client")));
        Assert.Equal(2, counts.Of(MetricNames.GatewayResponses, ("model", "wine"), ("outcome", "client")));
        Assert.Equal(0, counts.Of(MetricNames.GatewayRequests));
    }

    [Fact]
    public async Task A_version_that_nobody_has_ready_counts_as_capacity()
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var counts = new Counts(stage.Gateway);
        stage.Registry.Expire("predictor-0");
        await stage.CaughtUpAsync();

        (await stage.Gateway.InferAsync("wine")).Dispose();

        Assert.Equal(1, counts.Of(MetricNames.GatewayRequests, ("model", "wine"), ("version", "1"), ("outcome", "capacity")));
        Assert.Equal(1, counts.Of(MetricNames.GatewayResponses, ("model", "wine"), ("outcome", "capacity")));
    }

    [Theory]
    [InlineData("/v2/models/wine/infer", "/v2/models/{model}/infer")]
    [InlineData("/v2/models/wine/versions/1/infer", "/v2/models/{model}/versions/{version}/infer")]
    [InlineData("/models/wine/invocations", "/models/{model}/invocations")]
    [InlineData("/v1/models/wine:predict", "/v1/models/{model}:predict")]
    [InlineData("/v1/models/wine/versions/1:predict", "/v1/models/{model}/versions/{version}:predict")]
    [InlineData("/models/wine/predict", "/models/{model}/predict")]
    [InlineData("/predict", "/predict")]
    [InlineData("/invocations", "/invocations")]
    public async Task The_servers_own_metrics_know_inference_by_its_route(string path, string route)
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var counts = new Counts(stage.Gateway);

        (await stage.Http.PostAsync(path, null, Token)).Dispose();

        await Eventually.BecomesTrueAsync(() => counts.Measured("http.server.request.duration", ("http.route", route)) == 1);
    }

    [Fact]
    public async Task The_generation_in_use_is_shown_by_model()
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var counts = new Counts(stage.Gateway);
        stage.Registry.Serve("wine", stable: 1, generation: 42);
        await stage.CaughtUpAsync();


        Assert.Equal(42, counts.Of(MetricNames.GatewayRouteGeneration, ("model", "wine")));
    }

    [Fact]
    public async Task One_trace_goes_from_the_caller_through_the_gateway_to_the_replica()
    {
        var trace = ActivityTraceId.CreateRandom();
        var caller = ActivitySpanId.CreateRandom();
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Microsoft.AspNetCore" or MetricNames.GatewayMeter or "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.TraceId == trace)
                {
                    spans.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var stage = await Stage.SetWithWineAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/wine/infer");
        request.Headers.Add("traceparent", $"00-{trace}-{caller}-01");
        request.Headers.Add("tracestate", "vendor=1");

        (await stage.Http.SendAsync(request, Token)).Dispose();

        // The replica of this test is a server of this process, and shows as the third span.
        await Eventually.BecomesTrueAsync(() => spans.Count == 3);
        var server = Assert.Single(spans, span => span.ParentSpanId == caller);
        var forward = Assert.Single(spans, span => span.Source.Name == MetricNames.GatewayMeter);
        var replica = Assert.Single(spans, span => span.ParentSpanId == forward.SpanId);
        Assert.Equal(server.SpanId, forward.ParentSpanId);
        Assert.Equal("POST /v2/models/{model}/infer", server.DisplayName);
        Assert.Equal(ActivityKind.Client, forward.Kind);
        Assert.Equal("wine", forward.GetTagItem("sluice.model"));
        Assert.Equal("1", forward.GetTagItem("sluice.version"));
        Assert.Equal("ok", forward.GetTagItem("sluice.outcome"));

        var seen = Assert.Single(stage.Predictor().Seen).Headers;
        Assert.Equal($"00-{trace}-{forward.SpanId}-01", seen["traceparent"]); // a second one would stand behind a comma
        Assert.Equal("vendor=1", seen["tracestate"]);
        Assert.NotEqual(server.SpanId, replica.SpanId);
    }

    [Fact]
    public async Task A_failed_attempt_marks_its_span_and_the_next_one_has_a_span_of_its_own()
    {
        var trace = ActivityTraceId.CreateRandom();
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MetricNames.GatewayMeter,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.TraceId == trace)
                {
                    spans.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var stage = await Stage.SetWithWineAsync(2);
        await stage.Predictor(0).StopAsync();

        await Eventually.BecomesTrueAsync(async () =>
        {
            spans.Clear();
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/wine/infer");
            request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");
            using var answer = await stage.Http.SendAsync(request, Token);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return spans.Count == 2;
        });

        var (failed, answered) = (spans.First(), spans.Last());
        Assert.Equal((ActivityStatusCode.Error, "gateway", "predictor-0"), (failed.Status, failed.GetTagItem("sluice.outcome"), failed.GetTagItem("sluice.replica")));
        Assert.Equal(("ok", 1), (answered.GetTagItem("sluice.outcome"), answered.GetTagItem("http.request.resend_count")));
    }

    [Fact]
    public async Task A_shielded_canarys_attempt_those_of_stable_and_retries_lie_side_by_side_under_the_servers_span()
    {
        var trace = ActivityTraceId.CreateRandom();
        var caller = ActivitySpanId.CreateRandom();
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Microsoft.AspNetCore" or MetricNames.GatewayMeter,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.TraceId == trace)
                {
                    spans.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var stage = await Stage.SetWithCanaryAsync(Weight.Whole, stables: 2);
        stage.Predictor(2).Answer = context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        var busy = 0;
        foreach (var index in new[] { 0, 1 })
        {
            var answer = stage.Predictor(index).Answer;
            stage.Predictor(index).Answer = context =>
            {
                context.Response.StatusCode = 503;
                return Interlocked.Increment(ref busy) == 1 ? Task.CompletedTask : AnswerAsync();

                Task AnswerAsync()
                {
                    context.Response.StatusCode = 200;
                    return answer(context);
                }
            };
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/wine/infer");
        request.Headers.Add("traceparent", $"00-{trace}-{caller}-01");
        using var answered = await stage.Http.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);

        await Eventually.BecomesTrueAsync(() => spans.Any(span => span.ParentSpanId == caller));
        var server = spans.Single(span => span.ParentSpanId == caller);
        var attempts = spans.Where(span => span.Source.Name == MetricNames.GatewayMeter).OrderBy(span => span.StartTimeUtc).ToList();
        Assert.Equal(["2 model", "1 capacity", "1 ok"], attempts.Select(span => $"{span.GetTagItem("sluice.version")} {span.GetTagItem("sluice.outcome")}"));
        Assert.All(attempts, span => Assert.Equal(server.SpanId, span.ParentSpanId));
        Assert.Equal(3, attempts.Select(span => span.GetTagItem("sluice.replica")).Distinct().Count());
        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Error, ActivityStatusCode.Unset], attempts.Select(span => span.Status));
    }
}
