using System.Diagnostics;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Protocols;

/// <summary>Requests that take long: the bounds on how many compute and wait, deadlines, callers that leave.</summary>
public sealed class LoadTests
{
    /// <summary>Rounds of the slow model that no test waits out: minutes.</summary>
    private const long Forever = 1_000_000_000;

    [Fact]
    public async Task Beyond_the_places_and_the_queue_the_answer_is_503_at_once()
    {
        await using var stage = await SlowAsync(("Predictor:MaxConcurrency", "1"), ("Predictor:Batching:MaxQueueSize", "1"));
        using var leave = new CancellationTokenSource();
        var first = stage.Predictor.SendAsync(Request(Forever), leave.Token);
        var second = stage.Predictor.SendAsync(Request(Forever), leave.Token);
        await Eventually.BecomesTrueAsync(() => stage.Registry.Reports.Last().Report.InFlight == 2);

        var third = await stage.Predictor.SendAsync(Request(1), TestContext.Current.CancellationToken);

        Assert.Equal(503, third.Status);
        Assert.Equal("capacity", third.Header(SluiceHeaders.Fault));
        Assert.NotNull(third.Message.Headers.RetryAfter);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);

        // Callers that left give their places back: the run is ended, not waited out.
        await Eventually.BecomesTrueAsync(async () => (await stage.Predictor.SendAsync(Request(1))).Status == 200);
        await Eventually.BecomesTrueAsync(() => stage.Registry.Reports.Last().Report.InFlight == 0);
    }

    [Fact]
    public async Task Deadline_ends_a_run_and_a_wait_with_504()
    {
        await using var stage = await SlowAsync(("Predictor:MaxConcurrency", "1"));
        var watch = Stopwatch.StartNew();

        var running = stage.Predictor.SendAsync(Request(Forever, "300"), TestContext.Current.CancellationToken);
        var waiting = stage.Predictor.SendAsync(Request(Forever, "200"), TestContext.Current.CancellationToken);

        foreach (var answer in new[] { await running, await waiting })
        {
            Assert.Equal(504, answer.Status);
            Assert.Equal("deadline", answer.Header(SluiceHeaders.Fault));
            Assert.Contains("Not answered within", answer.Text, StringComparison.Ordinal);
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
        Assert.Equal(200, (await stage.Predictor.SendAsync(Request(1), TestContext.Current.CancellationToken)).Status);
    }

    [Fact]
    public async Task Without_a_deadline_the_setting_holds()
    {
        await using var stage = await SlowAsync(("Predictor:RequestTimeout", "00:00:00.300"));

        Assert.Equal(504, (await stage.Predictor.SendAsync(Request(Forever), TestContext.Current.CancellationToken)).Status);
    }

    [Theory]
    [InlineData("0", 504)]
    [InlineData("-5", 504)]
    [InlineData("soon", 400)]
    [InlineData("", 400)]
    public async Task Deadline_that_is_over_or_no_number_is_not_computed(string milliseconds, int status)
    {
        await using var stage = await SlowAsync();

        Assert.Equal(status, (await stage.Predictor.SendAsync(Request(1, milliseconds), TestContext.Current.CancellationToken)).Status);
    }

    [Fact]
    public async Task Runs_that_hold_their_threads_leave_others_to_answer()
    {
        await using var stage = await SlowAsync(("Predictor:MaxConcurrency", "16"));
        using var leave = new CancellationTokenSource();
        var busy = Enumerable.Range(0, 16).Select(_ => stage.Predictor.SendAsync(Request(Forever), leave.Token)).ToArray();
        await Eventually.BecomesTrueAsync(() => stage.Registry.Reports.Last().Report.InFlight == 16);

        // Sixteen threads compute; a starved pool would make one more every half second.
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(200, (await stage.Predictor.GetAsync("/v2/health/live")).Status);
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
        await leave.CancelAsync();
        await Task.WhenAll(busy).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private static HttpRequestMessage Request(long rounds, string? milliseconds = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/slow/infer")
        {
            Content = RunningPredictor.Json($$"""{"inputs":[{"name":"x","shape":[1],"datatype":"INT64","data":[{{rounds}}]}]}"""),
        };
        if (milliseconds is not null)
        {
            request.Headers.TryAddWithoutValidation(SluiceHeaders.TimeoutMilliseconds, milliseconds);
        }

        return request;
    }

    private static async Task<Stage> SlowAsync(params (string Key, string Value)[] settings)
    {
        var stage = await Stage.SetAsync(settings);
        stage.Registry.Serve("slow", OnnxModels.Slow());
        await stage.ReadyAsync("slow");
        return stage;
    }
}
