using FsCheck;
using FsCheck.Fluent;
using Sluice.Contracts;
using Sluice.Gateway.Limits;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Limits;

/// <summary>How fast a key may be used.</summary>
public sealed class RateTests
{
    private const string Infer = "/v2/models/wine/infer";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_bucket_gives_its_burst_at_once_and_then_as_it_fills()
    {
        var time = new ManualTime();
        var bucket = new RateBucket(new RateLimit(2, 3), gateways: 1, time);

        Assert.Equal(3, Taken(bucket, 10));
        Assert.False(bucket.TryTake(out var wait));
        Assert.Equal(TimeSpan.FromSeconds(0.5), wait);
        time.Advance(wait);
        Assert.Equal(1, Taken(bucket, 10));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(3, Taken(bucket, 10));
    }

    [Theory]
    [InlineData(10, 20, 4, 5, 2.5)]
    [InlineData(10, null, 4, 2, 2.5)]
    [InlineData(0.5, null, 1, 1, 0.5)]
    [InlineData(1, 1, 3, 1, 1.0 / 3)]
    public void Each_of_several_gateways_grants_its_share_and_one_request_at_least(double rate, int? burst, int gateways, int burstOfOne, double rateOfOne) =>
        Assert.Equal((rateOfOne, burstOfOne), new RateLimit(rate, burst).ShareOf(gateways));

    [Fact]
    public void Another_gateway_does_not_fill_the_bucket_and_another_limit_does()
    {
        var time = new ManualTime();
        var key = new TestKey("acme", limit: new RateLimit(1, 4));
        var one = new RateBucket(key.Key.RateLimit!, 1, time);
        Assert.Equal(4, Taken(one, 10));

        Assert.Equal(0, Taken(new RateBucket(key.Key.RateLimit!, 2, time, former: one), 10));
        Assert.Equal(2, Taken(new RateBucket(key.Key.RateLimit!, 2, time), 10));
    }

    [Fact]
    public void Whatever_comes_when_no_more_is_let_through_than_the_bucket_held_and_what_filled_it() => Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(),
        pauses =>
        {
            var time = new ManualTime();
            var bucket = new RateBucket(new RateLimit(100, 5), 1, time);
            var taken = 0;
            var start = time.GetTimestamp();
            foreach (var pause in pauses)
            {
                time.Advance(TimeSpan.FromMilliseconds(pause / 16));
                taken += bucket.TryTake(out _) ? 1 : 0;
            }

            var passed = (time.GetTimestamp() - start) / (double)time.TimestampFrequency;
            return taken <= 5 + (passed * 100) + 1e-6 && (pauses.Length < 5 || taken >= 5);
        }));

    [Fact]
    public async Task A_key_that_is_used_too_fast_is_429_with_the_time_to_wait_and_no_other_key_is()
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:Access", "keys"));
        var (slow, other) = (new TestKey("slow", limit: new RateLimit(0.01, 3)), new TestKey("other"));
        stage.Registry.Key(slow.Key);
        stage.Registry.Key(other.Key);
        await stage.CaughtUpAsync();
        using var counts = new Counts(stage.Gateway);

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(200, await stage.Http.StatusAsync("POST", Infer, i % 2 == 0 ? slow.Bearer : $"Bearer {slow.Secondary}"));
        }

        using var refused = await stage.Http.SendAsync("POST", Infer, slow.Bearer);
        Assert.Contains("rate limit", await Answers.AreErrorAsync(refused, System.Net.HttpStatusCode.TooManyRequests, "client"), StringComparison.Ordinal);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 100);
        using var scoring = await stage.Http.SendAsync("POST", "/models/wine/invocations", slow.Bearer);
        Assert.Contains("REQUEST_LIMIT_EXCEEDED", await scoring.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);

        Assert.Equal(200, await stage.Http.StatusAsync("GET", "/v2/models/wine", slow.Bearer)); // metadata is no inference
        Assert.Equal(200, await stage.Http.StatusAsync("POST", Infer, other.Bearer));
        Assert.Equal(4, stage.Predictor().Seen.Count);
        Assert.Equal(2, counts.Of(MetricNames.GatewayRefused, ("model", "wine"), ("reason", "rate")));

        stage.Registry.Key(slow.Key with { RateLimit = null });
        await stage.CaughtUpAsync();
        Assert.Equal(200, await stage.Http.StatusAsync("POST", Infer, slow.Bearer));
    }

    [Fact]
    public async Task Of_two_gateways_each_grants_half()
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:Access", "keys"));
        var key = new TestKey("acme", limit: new RateLimit(0.01, 6));
        stage.Registry.Gateway("one");
        stage.Registry.Gateway("two");
        stage.Registry.Key(key.Key);
        await stage.CaughtUpAsync();

        var let = 0;
        for (var i = 0; i < 8; i++)
        {
            let += await stage.Http.StatusAsync("POST", Infer, key.Bearer) == 200 ? 1 : 0;
        }

        Assert.Equal(3, let);
    }

    [Fact]
    public async Task More_requests_at_once_than_the_gateway_takes_are_503_and_the_version_is_not_blamed()
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:MaxInFlight", "2"));
        using var counts = new Counts(stage.Gateway);
        var answer = new TaskCompletionSource();
        stage.Predictor().Answer = _ => answer.Task;
        Task<HttpResponseMessage>[] working = [stage.Gateway.InferAsync("wine"), stage.Gateway.InferAsync("wine")];
        await Eventually.BecomesTrueAsync(() => stage.Predictor().InProgress == 2);

        using (var refused = await stage.Gateway.InferAsync("wine"))
        {
            Assert.Contains("Gateway:MaxInFlight", await Answers.AreErrorAsync(refused, System.Net.HttpStatusCode.ServiceUnavailable, "capacity"), StringComparison.Ordinal);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        answer.SetResult();
        foreach (var request in working)
        {
            using var done = await request;
            Assert.True(done.IsSuccessStatusCode);
        }

        await Eventually.BecomesTrueAsync(async () =>
        {
            using var next = await stage.Gateway.InferAsync("wine");
            return next.IsSuccessStatusCode;
        });
        Assert.Equal(0, counts.Of(MetricNames.GatewayRequests, ("outcome", "capacity")));
        Assert.True(counts.Of(MetricNames.GatewayRefused, ("reason", "overload")) >= 1);
    }

    private static int Taken(RateBucket bucket, int tries) => Enumerable.Range(0, tries).Count(_ => bucket.TryTake(out var _));
}
