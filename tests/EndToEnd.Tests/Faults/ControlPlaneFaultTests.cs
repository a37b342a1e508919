namespace Sluice.EndToEnd.Tests.Faults;

/// <summary>The Registry goes and comes, under load with a split: the traffic goes on as it was.</summary>
[Collection(nameof(SharedFleet))]
public sealed class ControlPlaneFaultTests(Fleet fleet)
{
    [Fact]
    public Task The_Registry_is_killed_and_started_again() => NobodyNoticesAsync("registry-killed", async traffic =>
    {
        await fleet.Registry.KillAsync();
        await traffic.MoreAsync(500);
        fleet.Registry.Start();
        await fleet.Registry.ReadyAsync();
        await traffic.MoreAsync(500);
    });

    [Fact]
    public Task The_Registry_hangs_and_goes_on() => NobodyNoticesAsync("registry-stopped", async traffic =>
    {
        fleet.Registry.Pause();
        try
        {
            await traffic.MoreAsync(1000);
        }
        finally
        {
            fleet.Registry.Resume();
        }

        await traffic.MoreAsync(500);
    });

    [Fact]
    public Task A_replica_is_replaced_while_the_Registry_is_down() => NobodyNoticesAsync("registry-away", async traffic =>
    {
        await fleet.Registry.KillAsync();
        await fleet.Stables[0].KillAsync();
        fleet.Stables[0].Start(); // from its cache and its last known good state, at the address that the gateways know
        await traffic.MoreAsync(500);
        fleet.Registry.Start();
        await fleet.Registry.ReadyAsync();
        await fleet.Stables[0].ReadyAsync();
        await traffic.MoreAsync(500);
    });

    private async Task NobodyNoticesAsync(string model, Func<Traffic, Task> fault)
    {
        var known = await fleet.ServeAsync(model, canaryShare: 5000, 1, 2);
        var traffic = Traffic.Start(fleet.Users, model, known);
        await traffic.MoreAsync(200);

        await fault(traffic);

        var received = await traffic.EndAsync();
        Assert.Empty(received.Where(answer => answer.Problem is not null).Select(answer => answer.Problem));
        var share = received.Count(answer => answer.Version == "2") / (double)received.Count;
        Assert.InRange(share, 0.35, 0.65); // half, plus or minus much more than chance
        await fleet.ReadyOnAsync(model, 1, 2);
        await fleet.RollBackAsync(model);
    }
}
