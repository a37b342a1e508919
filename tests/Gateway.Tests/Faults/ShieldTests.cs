using System.Net;
using Microsoft.AspNetCore.Http;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Faults;

/// <summary>A canary's failure is never a user's failure, and counts against the canary all the same.</summary>
public sealed class ShieldTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Failures => new()
    {
        { "500", "model" },
        { "503", "capacity" },
        { "abort", "gateway" },
        { "half", "gateway" },
        { "hang", "late" },
        { "400", "refused" },
        { "200 without a digest", "gateway" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Whatever_the_canary_does_stable_answers_and_the_canary_is_blamed(string failure, string reason)
    {
        await using var stage = await Stage.SetWithCanaryAsync(10_000, stables: 1, ("Gateway:ShieldPatience", "00:00:00.200"), ("Gateway:RequestTimeout", "00:00:02"));
        stage.Predictor(1).Answer = context => Mischief.PlayAsync(context, failure);
        using var counts = new Counts(stage.Gateway);

        using var answer = await stage.Gateway.InferAsync("wine", """{"a":1}""");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("1", Assert.Single(answer.Headers.GetValues(SluiceHeaders.Version)));
        Assert.Contains("\"replica\":\"predictor-0\"", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        var outcome = failure switch { "400" => "model", "hang" => "deadline", _ => reason };
        await Eventually.BecomesTrueAsync(() => counts.Of(MetricNames.GatewayRequests, ("version", "2"), ("outcome", outcome)) == 1);
        Assert.Equal(0, counts.Of(MetricNames.GatewayRequests, ("version", "1"))); // stable was not chosen: it is not judged by this
        Assert.Equal(1, counts.Of(MetricNames.GatewayResponses, ("outcome", "ok")));
        Assert.Equal(1, counts.Of(MetricNames.GatewayShielded, ("reason", reason)));
    }

    [Fact]
    public async Task What_the_canary_answers_is_passed_on_with_all_that_belongs_to_it()
    {
        await using var stage = await Stage.SetWithCanaryAsync(10_000);
        stage.Predictor(1).Answer = async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            context.Response.ContentType = "application/octet-stream";
            context.Response.Headers["Inference-Header-Content-Length"] = "7";
            await context.Response.WriteAsync($"{body}|{context.Request.ContentType}|{context.Request.QueryString}");
        };

        using var answer = await stage.Http.PostAsync("/v2/models/wine/infer?x=1", RunningGateway.Json("hello"), Token);

        Assert.Equal("hello|application/json; charset=utf-8|?x=1", await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("7", Assert.Single(answer.Headers.GetValues("Inference-Header-Content-Length")));
        Assert.Equal("2", Assert.Single(answer.Headers.GetValues(SluiceHeaders.Version)));
        Assert.Empty(stage.Predictor(0).Seen);
    }

    [Fact]
    public async Task An_answer_that_comes_late_is_judged_by_the_time_that_stable_would_have_had()
    {
        await using var stage = await Stage.SetWithCanaryAsync(10_000, stables: 1, ("Gateway:ShieldPatience", "00:00:00.100"));
        var late = new TaskCompletionSource();
        stage.Predictor(1).Answer = async context =>
        {
            await late.Task.WaitAsync(TimeSpan.FromSeconds(20));
            await context.Response.WriteAsync("{}");
        };
        using var counts = new Counts(stage.Gateway);

        using (var answer = await stage.Gateway.InferAsync("wine"))
        {
            Assert.Equal("1", Assert.Single(answer.Headers.GetValues(SluiceHeaders.Version)));
        }

        Assert.Equal(0, counts.Of(MetricNames.GatewayRequests, ("version", "2")));
        late.SetResult();

        // Within the thirty seconds that a request may take: no failure of the canary's, slow as it was.
        await Eventually.BecomesTrueAsync(() => counts.Of(MetricNames.GatewayRequests, ("version", "2"), ("outcome", "ok")) == 1);
        Assert.Equal(1, counts.Of(MetricNames.GatewayShielded, ("reason", "late")));
    }

    [Fact]
    public async Task A_mistake_that_stable_sees_too_is_the_callers()
    {
        await using var stage = await Stage.SetWithCanaryAsync(10_000);
        stage.Predictor(0).Answer = context => Mischief.PlayAsync(context, "400");
        stage.Predictor(1).Answer = context => Mischief.PlayAsync(context, "400");
        using var counts = new Counts(stage.Gateway);

        using var answer = await stage.Gateway.InferAsync("wine");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("wrong", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(1, counts.Of(MetricNames.GatewayRequests, ("version", "2"), ("outcome", "client")));
        Assert.Equal(1, counts.Of(MetricNames.GatewayResponses, ("outcome", "client")));
    }

    [Fact]
    public async Task A_version_that_was_asked_for_by_number_answers_for_itself()
    {
        await using var stage = await Stage.SetWithCanaryAsync(10_000);
        stage.Predictor(1).Answer = context => Mischief.PlayAsync(context, "500");

        using var answer = await stage.Http.PostAsync("/v2/models/wine/versions/2/infer", RunningGateway.Json("{}"), Token);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
    }

    [Fact]
    public async Task A_body_too_large_to_be_held_is_forwarded_once_and_counted()
    {
        await using var stage = await Stage.SetWithCanaryAsync(10_000, stables: 1, ("Gateway:MaxHeldBodyBytes", "1000"));
        stage.Predictor(1).Answer = context => Mischief.PlayAsync(context, "500");
        using var counts = new Counts(stage.Gateway);

        foreach (var chunked in new[] { false, true })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/wine/infer") { Content = new ByteArrayContent(new byte[1001]) };
            request.Headers.TransferEncodingChunked = chunked;
            using var answer = await stage.Http.SendAsync(request, Token);
            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        }

        Assert.Equal(2, counts.Of(MetricNames.GatewayUnheld, ("model", "wine")));
        Assert.Equal(2, counts.Of(MetricNames.GatewayRequests, ("version", "2"), ("outcome", "model")));
    }

    [Theory]
    [InlineData(999)]
    [InlineData(1000)]
    public async Task A_body_at_the_limit_is_held_byte_for_byte(int size)
    {
        await using var stage = await Stage.SetWithCanaryAsync(10_000, stables: 1, ("Gateway:MaxHeldBodyBytes", "1000"));
        var body = new byte[size];
        Random.Shared.NextBytes(body);
        byte[]? received = null;
        stage.Predictor(0).Answer = async context =>
        {
            using var copy = new MemoryStream();
            await context.Request.Body.CopyToAsync(copy);
            received = copy.ToArray();
        };
        stage.Predictor(1).Answer = context => Mischief.PlayAsync(context, "500");

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/wine/infer") { Content = new ByteArrayContent(body) };
        request.Headers.TransferEncodingChunked = true;
        using var answer = await stage.Http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(body, received);
    }

    [Fact]
    public async Task A_canary_that_fails_everything_costs_no_user_and_its_share_goes_to_stable_until_it_heals()
    {
        await using var stage = await Stage.SetWithCanaryAsync(10_000);
        var fails = true;
        stage.Predictor(1).Answer = context => Mischief.PlayAsync(context, Volatile.Read(ref fails) ? "500" : "ok");
        using var counts = new Counts(stage.Gateway);

        for (var i = 0; i < 200; i++)
        {
            using var answer = await stage.Gateway.InferAsync("wine");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        // Twenty attempts open the breaker, then one in twenty goes through: 20 + 180 / 20.
        Assert.Equal(29, counts.Of(MetricNames.GatewayRequests, ("version", "2"), ("outcome", "model")));
        Assert.Equal(171, counts.Of(MetricNames.GatewayShielded, ("reason", "breaker")));
        var since = stage.Gateway.Routes.Current.Find("wine")!.Find(2)!.Breaker.OpenSince;
        Assert.NotNull(since);
        await Eventually.BecomesTrueAsync(() => stage.Registry.Reports.Values.Any(report => report.Routes is [{ Model: "wine", BreakerOpenSince: { } told }] && told == since));

        Volatile.Write(ref fails, false);
        for (var i = 0; i < 150; i++)
        {
            (await stage.Gateway.InferAsync("wine")).Dispose();
        }

        Assert.Null(stage.Gateway.Routes.Current.Find("wine")!.Find(2)!.Breaker.OpenSince);
        await Eventually.BecomesTrueAsync(() => stage.Registry.Reports.Values.All(report => report.Routes is [{ BreakerOpenSince: null }]));
        using var last = await stage.Gateway.InferAsync("wine");
        Assert.Equal("2", Assert.Single(last.Headers.GetValues(SluiceHeaders.Version)));
    }
}
