using Sluice.Contracts;
using Sluice.Gateway.Mirror;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Mirror;

/// <summary>What is too much for the mirror, and what goes wrong around it, costs no user anything.</summary>
public sealed class MirrorOverloadTests
{
    private static readonly (string, string)[] Narrow =
        [("Gateway:MirrorQueue", "4"), ("Gateway:MirrorConcurrency", "2"), ("Gateway:MirrorTimeout", "01:00:00")];

    [Fact]
    public async Task A_canary_that_hangs_fills_the_queue_and_the_rest_is_dropped()
    {
        await using var mirror = await MirrorStage.SetAsync(settings: Narrow);
        var answer = mirror.Canary.Answer;
        var goOn = new TaskCompletionSource();
        mirror.Canary.Answer = async context =>
        {
            await goOn.Task;
            await answer(context);
        };
        await mirror.InferAsync(2);
        await Eventually.BecomesTrueAsync(() => mirror.Canary.InProgress == 2);

        await mirror.InferAsync(200);

        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Dropped) == 196);
        Assert.Equal((2, 196.0), (mirror.Canary.Seen.Count, mirror.Ended));
        Assert.InRange(mirror.Budget.Taken, 1, 6 * 64 * 1024);

        goOn.SetResult();
        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Agree) == 6);
        Assert.Equal(202, mirror.Ended);
        await Eventually.BecomesTrueAsync(() => mirror.Budget.Taken == 0);
    }

    [Fact]
    public async Task Copies_take_a_quarter_of_the_held_bytes_at_most_and_users_the_rest()
    {
        await using var mirror = await MirrorStage.SetAsync(settings:
            [("Gateway:HeldBytes", $"{1024 * 1024}"), ("Gateway:MirrorConcurrency", "1"), ("Gateway:MirrorTimeout", "01:00:00")]);
        mirror.Canary.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);

        await mirror.InferAsync(50, body: new string(' ', 60 * 1024));

        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Dropped) >= 46);
        await Eventually.BecomesTrueAsync(() => mirror.Budget.Taken <= 300 * 1024);
        Assert.True(mirror.Of(MirrorResult.Dropped) < 50);
        Assert.Equal(0, mirror.Counts.Of(MetricNames.GatewayUnheld));
    }

    [Fact]
    public async Task What_has_waited_too_long_is_dropped_without_being_sent()
    {
        await using var mirror = await MirrorStage.SetAsync(settings: [("Gateway:MirrorConcurrency", "1"), ("Gateway:MirrorTimeout", "00:00:00.500")]);
        mirror.Canary.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => mirror.InferAsync()));

        await Eventually.BecomesTrueAsync(() => mirror.Ended == 20, TimeSpan.FromSeconds(60));
        Assert.Equal(20, mirror.Of(MirrorResult.Error) + mirror.Of(MirrorResult.Dropped));
        Assert.Equal(mirror.Of(MirrorResult.Error), mirror.Canary.Seen.Count);
        Assert.True(mirror.Of(MirrorResult.Dropped) > 0);
        await Eventually.BecomesTrueAsync(() => mirror.Budget.Taken == 0);
    }

    [Fact]
    public async Task A_canary_that_is_killed_and_then_gone_harms_nobody()
    {
        await using var mirror = await MirrorStage.SetAsync();
        await mirror.InferAsync(5);
        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Agree) == 5);

        await mirror.Canary.StopAsync();
        await mirror.InferAsync(20);
        await Eventually.BecomesTrueAsync(() => mirror.Ended == 25);
        Assert.Equal(20, mirror.Of(MirrorResult.Error) + mirror.Of(MirrorResult.Dropped));
        Assert.True(mirror.Of(MirrorResult.Error) > 0);

        mirror.Stage.Registry.Serve(MirrorStage.Serving(0, canary: null, generation: 3));
        mirror.Stage.Registry.Expire(mirror.Canary.Id);
        await mirror.Stage.CaughtUpAsync();
        await mirror.InferAsync(5);
        Assert.Equal(25, mirror.Ended);
        await Eventually.BecomesTrueAsync(() => mirror.Budget.Taken == 0);
    }

    [Fact]
    public async Task A_rollout_that_ends_leaves_its_waiting_copies_unsent()
    {
        await using var mirror = await MirrorStage.SetAsync(settings: Narrow);
        var goOn = new TaskCompletionSource();
        mirror.Canary.Answer = context => goOn.Task;
        await mirror.InferAsync(2);
        await Eventually.BecomesTrueAsync(() => mirror.Canary.InProgress == 2);
        await mirror.InferAsync(4);

        mirror.Stage.Registry.Serve(MirrorStage.Serving(0, canary: null, generation: 3));
        await mirror.Stage.CaughtUpAsync();
        goOn.SetResult();

        await Eventually.BecomesTrueAsync(() => mirror.Of(MirrorResult.Dropped) == 4);
        await Eventually.BecomesTrueAsync(() => mirror.Ended == 6);
        Assert.Equal(2, mirror.Canary.Seen.Count);
    }

    [Fact]
    public async Task The_end_of_the_process_drops_the_queue_and_waits_for_no_canary()
    {
        var mirror = await MirrorStage.SetAsync(settings: Narrow);
        await using var stage = mirror.Stage;
        mirror.Canary.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        await mirror.InferAsync(2);
        await Eventually.BecomesTrueAsync(() => mirror.Canary.InProgress == 2);
        await mirror.InferAsync(4);
        var budget = mirror.Budget;
        Assert.True(budget.Taken > 0);

        await mirror.Stage.Gateway.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.Equal(0, budget.Taken);
    }
}
