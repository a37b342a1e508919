using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>What travels between caller and replica, and what happens when one of them stops half way.</summary>
public sealed class ForwardingTests
{
    private const int Half = 5 * 1024 * 1024;

    /// <summary>What may lie in buffers on the way, as no one flushes within a body.</summary>
    private const int Underway = 256 * 1024;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_of_10_MB_comes_back_byte_for_byte()
    {
        await using var stage = await Stage.SetWithWineAsync();
        stage.Predictor().Answer = async context =>
        {
            // Read whole before it is answered: HttpClient sends all of an HTTP/1.1 request before it reads, in the test as in the gateway.
            using var read = new MemoryStream();
            await context.Request.Body.CopyToAsync(read);
            await context.Response.Body.WriteAsync(read.ToArray());
        };
        var body = new byte[2 * Half];
        new Random(1).NextBytes(body);

        using var answer = await stage.Http.PostAsync("/v2/models/wine/infer", new ByteArrayContent(body), Token);

        Assert.Equal(body, await answer.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal("10485760", Assert.Single(stage.Predictor().Seen).Headers["Content-Length"]);
    }

    [Fact]
    public async Task A_body_is_streamed_up_while_it_is_still_being_sent()
    {
        await using var stage = await Stage.SetWithWineAsync();
        var halfArrived = new TaskCompletionSource();
        stage.Predictor().Answer = async context =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[Half - Underway]);
            halfArrived.SetResult();
            await context.Request.Body.CopyToAsync(Stream.Null);
        };

        // A gateway that held the body until it is complete would wait for the second half, and the second half waits for the first to arrive.
        using var body = new PushContent(async stream =>
        {
            await stream.WriteAsync(new byte[Half]);
            await stream.FlushAsync();
            await halfArrived.Task.WaitAsync(TimeSpan.FromSeconds(10));
            await stream.WriteAsync(new byte[Half]);
        });
        using var answer = await stage.Http.PostAsync("/v2/models/wine/infer", body, Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task An_answer_is_streamed_down_while_it_is_still_being_computed()
    {
        await using var stage = await Stage.SetWithWineAsync();
        var halfArrived = new TaskCompletionSource();
        stage.Predictor().Answer = async context =>
        {
            await context.Response.Body.WriteAsync(new byte[Half]);
            await halfArrived.Task.WaitAsync(TimeSpan.FromSeconds(10));
            await context.Response.Body.WriteAsync(new byte[Half]);
        };

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/wine/infer");
        using var answer = await stage.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        await using var stream = await answer.Content.ReadAsStreamAsync(Token);
        await stream.ReadExactlyAsync(new byte[Half], Token);
        halfArrived.SetResult();

        await stream.ReadExactlyAsync(new byte[Half], Token);
        Assert.Equal(0, await stream.ReadAsync(new byte[1], Token));
    }

    [Fact]
    public async Task Upstream_go_the_headers_that_a_replica_understands_and_no_others()
    {
        await using var stage = await Stage.SetWithWineAsync();
        var key = new TestKey("acme");
        stage.Registry.Key(key.Key);
        await stage.CaughtUpAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/wine/infer?trace=1") { Content = new ByteArrayContent([1, 2, 3]) };
        var sent = new Dictionary<string, string>
        {
            ["Accept"] = "application/json", ["Accept-Encoding"] = "gzip", ["Inference-Header-Content-Length"] = "3",
            ["Host"] = "evil.example", ["Connection"] = "keep-alive, x-secret", ["x-secret"] = "s", ["TE"] = "trailers", ["Proxy-Authorization"] = "Basic eA==",
            ["Authorization"] = $"Bearer {key.Primary}", ["Cookie"] = "a=b", ["X-Forwarded-For"] = "10.0.0.1",
            [SluiceHeaders.Version] = "1", [SluiceHeaders.Digest] = "sha256:0", [SluiceHeaders.Fault] = "model", [SluiceHeaders.TimeoutMilliseconds] = "5000",
        };
        foreach (var (name, value) in sent)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/octet-stream");
        request.Content.Headers.TryAddWithoutValidation("Content-Encoding", "identity");
        using var answer = await stage.Http.SendAsync(request, Token);

        var seen = Assert.Single(stage.Predictor().Seen);
        Assert.Equal(
            ["Accept", "Accept-Encoding", "Content-Encoding", "Content-Length", "Content-Type", "Host", "Inference-Header-Content-Length", "traceparent", "x-sluice-timeout-ms"],
            seen.Headers.Keys.Order(StringComparer.OrdinalIgnoreCase));
        Assert.Equal(stage.Predictor().Address.Authority, seen.Headers["Host"]);
        Assert.Equal("application/octet-stream", seen.Headers["Content-Type"]);
        Assert.Equal("3", seen.Headers["Inference-Header-Content-Length"]);
        Assert.Equal("?trace=1", seen.Query);
        Assert.InRange(Milliseconds(seen), 1, 5000);
        Assert.Equal("1", answer.Headers.GetValues(SluiceHeaders.Version).Single());
    }

    [Fact]
    public async Task The_answer_tells_version_and_digest_and_nothing_of_the_connection_behind()
    {
        await using var stage = await Stage.SetWithWineAsync();
        stage.Predictor().Answer = context =>
        {
            context.Response.Headers.Connection = "keep-alive";
            context.Response.Headers.KeepAlive = "timeout=5";
            context.Response.Headers.Server = "predictor";
            context.Response.Headers["x-other"] = "kept";
            return context.Response.WriteAsync("{}");
        };

        using var answer = await stage.Gateway.InferAsync("wine");

        Assert.Equal("1", answer.Headers.GetValues(SluiceHeaders.Version).Single());
        Assert.Equal(FakeRegistry.DigestOf("wine", 1), answer.Headers.GetValues(SluiceHeaders.Digest).Single());
        Assert.Equal("kept", answer.Headers.GetValues("x-other").Single());
        Assert.DoesNotContain(answer.Headers, header => header.Key is "Server" or "Keep-Alive" or "Connection");
    }

    [Fact]
    public async Task The_replicas_own_word_on_its_version_stands()
    {
        await using var stage = await Stage.SetWithWineAsync();
        stage.Predictor().Answer = context =>
        {
            context.Response.Headers[SluiceHeaders.Version] = "7";
            return Task.CompletedTask;
        };

        using var answer = await stage.Gateway.InferAsync("wine");

        Assert.Equal("7", answer.Headers.GetValues(SluiceHeaders.Version).Single());
    }

    [Fact]
    public async Task A_slow_replica_is_504_at_the_callers_deadline_and_is_told_to_stop()
    {
        await using var stage = await Stage.SetWithWineAsync();
        var stopped = HangUntilAborted(stage.Predictor());
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/wine/infer");
        request.Headers.Add(SluiceHeaders.TimeoutMilliseconds, "300");

        var watch = Stopwatch.StartNew();
        using var answer = await stage.Http.SendAsync(request, Token);

        Assert.InRange(watch.ElapsedMilliseconds, 290, 5000);
        Assert.Contains("300 ms", await Answers.AreErrorAsync(answer, HttpStatusCode.GatewayTimeout, "deadline"), StringComparison.Ordinal);
        await stopped.WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    [Fact]
    public async Task The_setting_bounds_what_a_caller_may_ask_for_and_the_replica_is_told_what_is_left()
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:RequestTimeout", "00:00:00.400"));
        _ = HangUntilAborted(stage.Predictor());
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/wine/infer");
        request.Headers.Add(SluiceHeaders.TimeoutMilliseconds, "60000");

        using var answer = await stage.Http.SendAsync(request, Token);

        await Answers.AreErrorAsync(answer, HttpStatusCode.GatewayTimeout, "deadline");
        Assert.InRange(Milliseconds(Assert.Single(stage.Predictor().Seen)), 1, 400);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(Half)]
    public async Task An_answer_that_stops_coming_is_cut_at_the_deadline(int answered)
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:RequestTimeout", "00:00:00.400"));
        stage.Predictor().Answer = async context =>
        {
            await context.Response.Body.WriteAsync(new byte[answered]);
            await UntilAbortedAsync(context);
        };

        // What is held until it is complete was not begun: the caller gets a proper answer.
        if (answered <= 1000)
        {
            using var answer = await stage.Gateway.InferAsync("wine");
            await Answers.AreErrorAsync(answer, HttpStatusCode.GatewayTimeout, "deadline");
            return;
        }

        await Assert.ThrowsAsync<HttpRequestException>(() => stage.Gateway.InferAsync("wine"));
    }

    [Fact]
    public async Task A_caller_who_leaves_takes_the_request_to_the_replica_along()
    {
        await using var stage = await Stage.SetWithWineAsync();
        var stopped = HangUntilAborted(stage.Predictor());
        using var leaving = new CancellationTokenSource();

        var request = stage.Http.PostAsync("/v2/models/wine/infer", RunningGateway.Json("{}"), leaving.Token);
        await Eventually.BecomesTrueAsync(() => stage.Predictor().InProgress == 1);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await stopped.WaitAsync(TimeSpan.FromSeconds(10), Token);
        await Eventually.BecomesTrueAsync(() => stage.Gateway.Routes.Current.Replicas["predictor-0"].InFlight == 0);
    }

    [Fact]
    public async Task A_replica_that_breaks_off_before_it_answers_is_502()
    {
        await using var stage = await Stage.SetWithWineAsync();
        stage.Predictor().Answer = Abort;

        using var answer = await stage.Gateway.InferAsync("wine");

        await Answers.AreErrorAsync(answer, HttpStatusCode.BadGateway, "gateway");
    }

    [Fact]
    public async Task A_replica_that_breaks_off_while_it_reads_is_502()
    {
        await using var stage = await Stage.SetWithWineAsync();
        stage.Predictor().Answer = async context =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[1000]);
            context.Abort();
        };

        // The rest of the body is sent after the replica is gone, so the request fails in the sending.
        using var answer = await stage.Http.PostAsync("/v2/models/wine/infer", new ByteArrayContent(new byte[Half]), Token);

        await Answers.AreErrorAsync(answer, HttpStatusCode.BadGateway, "gateway");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_broken_off_half_way_never_looks_complete(bool declared)
    {
        await using var stage = await Stage.SetWithWineAsync();
        var halfArrived = new TaskCompletionSource();
        stage.Predictor().Answer = async context =>
        {
            context.Response.ContentLength = declared ? 2 * Half : null;
            await context.Response.Body.WriteAsync(new byte[Half]);
            await context.Response.Body.FlushAsync();
            await halfArrived.Task.WaitAsync(TimeSpan.FromSeconds(10));
            context.Abort();
        };

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/wine/infer");
        using var answer = await stage.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        await using var stream = await answer.Content.ReadAsStreamAsync(Token);
        await stream.ReadExactlyAsync(new byte[Half - Underway], Token);
        halfArrived.SetResult();

        await Assert.ThrowsAnyAsync<IOException>(async () => await stream.CopyToAsync(Stream.Null, Token));
    }

    [Fact]
    public async Task An_answer_that_leaves_the_body_unread_is_passed_on()
    {
        await using var stage = await Stage.SetWithWineAsync();
        stage.Predictor().Answer = context =>
        {
            context.Response.StatusCode = 400;
            return context.Response.WriteAsync("""{"error":"no"}""");
        };

        using var counts = new Counts(stage.Gateway);
        using var answer = await stage.Http.PostAsync("/v2/models/wine/infer", new ByteArrayContent(new byte[Half]), Token);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        await Eventually.BecomesTrueAsync(() => counts.Of(MetricNames.GatewayResponses) == 1);
        Assert.Equal(1, counts.Of(MetricNames.GatewayRequests, ("outcome", "client")));
    }

    private static int Milliseconds(SeenRequest seen) => int.Parse(seen.Headers[SluiceHeaders.TimeoutMilliseconds], CultureInfo.InvariantCulture);

    private static Task Abort(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    /// <summary>Never answers; the task completes when the gateway breaks off the request.</summary>
    private static Task HangUntilAborted(FakePredictor predictor)
    {
        var stopped = new TaskCompletionSource();
        predictor.Answer = async context =>
        {
            await UntilAbortedAsync(context);
            stopped.TrySetResult();
        };
        return stopped.Task;
    }

    private static async Task UntilAbortedAsync(HttpContext context) =>
        await Task.Delay(TimeSpan.FromMinutes(1), context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
