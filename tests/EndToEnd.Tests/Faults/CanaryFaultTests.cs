using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests.Faults;

/// <summary>A canary fails in every way under load: no user notices, and each of its failures is counted, once.</summary>
[Collection(nameof(SharedFleet))]
public sealed class CanaryFaultTests(Fleet fleet)
{
    private const int Share = 2500;

    [Fact]
    public async Task Failing_some_requests_by_itself()
    {
        // Version 4 of the sample fails at run time on a part of its inputs.
        var seen = await WatchAsync("canary-some", version: 4, Mischief.None);

        Assert.True(seen is { Succeeded: > 0, Failed: > 0 }, $"{seen}");
        Assert.Equal(seen.Asked, seen.Succeeded + seen.Failed);
        Assert.Equal(seen.Succeeded, seen.Counted(FaultClass.Ok));
        Assert.Equal(seen.Failed, seen.Counted(FaultClass.Model));
    }

    [Theory]
    [InlineData("canary-cut", Mischief.CutAnswer)]
    [InlineData("canary-garbage", Mischief.Garbage)]
    public async Task Failing_every_request_on_the_wire(string model, Mischief mischief)
    {
        var seen = await WatchAsync(model, version: 2, mischief);

        Assert.Equal(seen.Asked, seen.Counted(FaultClass.Gateway));
    }

    [Fact]
    public async Task Never_answering()
    {
        var seen = await WatchAsync("canary-silent", version: 2, Mischief.Swallow, deadline: TimeSpan.FromSeconds(3));

        Assert.Equal(seen.Asked, seen.Counted(FaultClass.Deadline));
    }

    [Fact]
    public async Task Stopped_so_that_it_hangs()
    {
        var seen = await WatchAsync("canary-stopped", version: 2, Mischief.None, before: fleet.Canary.Pause, after: fleet.Canary.Resume);

        // Some wait for it until the probes give it up; from then on it is not even connected to. Each counts, once.
        Assert.InRange(seen.Asked, 1, seen.Shielded);
        Assert.Equal(seen.Shielded, seen.Counted(FaultClass.Gateway));
    }

    private async Task<Seen> WatchAsync(
        string model, int version, Mischief mischief, TimeSpan? deadline = null, Action? before = null, Action? after = null)
    {
        var known = await fleet.ServeAsync(model, Share, 1, version);
        var relay = fleet.CanaryRelay;
        var (asked, succeeded, failed) = (relay.Inferences, relay.Answers(200), relay.Answers(500));
        var (counted, shielded) = (await CountedAsync(model), await ShieldedAsync(model));
        relay.Mischief = mischief;
        before?.Invoke();
        try
        {
            var traffic = Traffic.Start(fleet.Users, model, known, deadline);
            var received = await traffic.EndAsync();
            Assert.Empty(received.Where(answer => answer.Problem is not null).Select(answer => answer.Problem));

            // Those for which nobody waits any more are judged a little later.
            Dictionary<FaultClass, double> now = [];
            await Eventually.BecomesTrueAsync(
                async () => (now = await CountedAsync(model)).Values.Sum() - counted.Values.Sum() >= Math.Max(relay.Inferences - asked, await ShieldedAsync(model) - shielded),
                TimeSpan.FromSeconds(60));
            Assert.True(relay.Inferences > asked, "the canary was not asked, so nothing was shown");
            return new Seen(
                relay.Inferences - asked,
                relay.Answers(200) - succeeded,
                relay.Answers(500) - failed,
                (int)(await ShieldedAsync(model) - shielded),
                outcome => now[outcome] - counted[outcome]);
        }
        finally
        {
            relay.Mischief = Mischief.None;
            after?.Invoke();
            await fleet.RollBackAsync(model);
        }
    }

    private async Task<Dictionary<FaultClass, double>> CountedAsync(string model)
    {
        var counted = new Dictionary<FaultClass, double>();
        foreach (var outcome in Enum.GetValues<FaultClass>())
        {
            counted[outcome] = await fleet.CountedAsync("sluice_gateway_requests_total", ("model", model), ("version", "2"), ("outcome", outcome.Label()));
        }

        return counted;
    }

    // Those that stable answered after the canary was tried; while the breaker is open it is not.
    private async Task<double> ShieldedAsync(string model) =>
        await fleet.CountedAsync("sluice_gateway_shielded_total", ("model", model), ("version", "2"))
        - await fleet.CountedAsync("sluice_gateway_shielded_total", ("model", model), ("version", "2"), ("reason", "breaker"));

    /// <summary>What came by on the way to the canary, and what the gateways counted.</summary>
    private sealed record Seen(int Asked, int Succeeded, int Failed, int Shielded, Func<FaultClass, double> Counted);
}
