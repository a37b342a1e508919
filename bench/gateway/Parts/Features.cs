using Sluice.GatewayBench.Load;
using Sluice.GatewayBench.Servers;
using Sluice.Measuring;

namespace Sluice.GatewayBench.Parts;

/// <summary>What each thing that the gateway does costs: the same load with and without it.</summary>
internal static class Features
{
    public static async Task RunAsync(BenchOptions options, Report report)
    {
        await using var stand = await Stand.StartAsync(models: 4);
        await stand.StartRolloutAsync("m1", 500);
        await stand.ServeAsync("m2", new { stable = 1, stickiness = new { kind = "header", name = "x-user" } });
        await stand.StartRolloutAsync("m2", 500);
        await stand.StartRolloutAsync("m3", 10_000);
        var gateway = await stand.AddGatewayAsync();
        var open = await stand.AddGatewayAsync(("Gateway__Access", "open"));
        var unheld = await stand.AddGatewayAsync(("Gateway__MaxHeldBodyBytes", "0"));
        (string What, ServerProcess Gateway, string Model)[] cases =
        [
            ("keys, no split", gateway, "m0"),
            ("no keys, no split", open, "m0"),
            ("keys, nothing held", unheld, "m0"),
            ("keys, 5 % to a canary, drawn", gateway, "m1"),
            ("keys, 5 % to a canary, by a header", gateway, "m2"),
            ("keys, all to a shielded canary", gateway, "m3"),
        ];
        var sides = await Side.AlternateAsync(
            options.Rounds,
            Array.ConvertAll(cases, one => (Func<Task<Sample>>)(() => Wrk.MeasureAsync(one.Gateway, Requests.Of(stand, one.Model, Requests.Small), Wrk.Many, options))));
        for (var i = 0; i < cases.Length; i++)
        {
            Proxies.Tell(report, $"small body, 64 clients: {cases[i].What}", sides[i]);
        }
    }
}
