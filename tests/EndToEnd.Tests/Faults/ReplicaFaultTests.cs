using Sluice.Testing;

namespace Sluice.EndToEnd.Tests.Faults;

/// <summary>One of two stable replicas fails in every way that a process can, under load: nobody notices.</summary>
[Collection(nameof(SharedFleet))]
public sealed class ReplicaFaultTests(Fleet fleet)
{
    [Fact]
    public Task Killed_with_SIGKILL_and_started_again() => NobodyNoticesAsync("killed", async traffic =>
    {
        await fleet.Stables[0].KillAsync();
        await traffic.MoreAsync(500);
        fleet.Stables[0].Start();
        await fleet.Stables[0].ReadyAsync();
        await traffic.MoreAsync(200);
    });

    [Fact]
    public Task Ended_with_SIGTERM_and_started_again() => NobodyNoticesAsync("ended", async traffic =>
    {
        await fleet.Stables[0].TerminateAsync();
        await traffic.MoreAsync(500);
        fleet.Stables[0].Start();
        await fleet.Stables[0].ReadyAsync();
        await traffic.MoreAsync(200);
    });

    [Fact]
    public Task Stopped_so_that_it_hangs_and_goes_on() => NobodyNoticesAsync("stopped", async traffic =>
    {
        fleet.Stables[0].Pause();
        try
        {
            // Some users wait on it, until the probes of their gateway give it up.
            await Eventually.BecomesTrueAsync(
                () => fleet.Gateways.All(gateway => gateway.Output.Contains($"{fleet.StableRelays[0].Address} missed three probes", StringComparison.Ordinal)),
                TimeSpan.FromSeconds(60));
            await traffic.MoreAsync(300);
        }
        finally
        {
            fleet.Stables[0].Resume();
        }

        await traffic.MoreAsync(200);
    });

    [Fact]
    public Task Slow() => NobodyNoticesAsync("slow", traffic => WhileAsync(Mischief.Slow, traffic, 300));

    [Fact]
    public Task Cut_in_the_middle_of_answers() => NobodyNoticesAsync("cut", traffic => WhileAsync(Mischief.CutAnswer, traffic, 500));

    [Fact]
    public Task Answering_what_no_replica_says() => NobodyNoticesAsync("garbage", traffic => WhileAsync(Mischief.Garbage, traffic, 500));

    private async Task WhileAsync(Mischief mischief, Traffic traffic, int requests)
    {
        var relay = fleet.StableRelays[0];
        var before = relay.Inferences;
        relay.Mischief = mischief;
        try
        {
            // A gateway that had trouble with the replica a moment ago passes it over for some seconds.
            await Eventually.BecomesTrueAsync(() => relay.Inferences > before, TimeSpan.FromSeconds(30));
            await traffic.MoreAsync(requests);
        }
        finally
        {
            relay.Mischief = Mischief.None;
        }
    }

    private async Task NobodyNoticesAsync(string story, Func<Traffic, Task> fault)
    {
        var model = "replica-" + story;
        var known = await fleet.ServeAsync(model, canaryShare: 0, 1);
        var traffic = Traffic.Start(fleet.Users, model, known);
        await traffic.MoreAsync(200);

        await fault(traffic);

        var received = await traffic.EndAsync();
        Assert.Empty(received.Where(answer => answer.Problem is not null).Select(answer => answer.Problem));
        await fleet.ReadyOnAsync(model, 1, 2); // whole again, for the next story
    }
}
