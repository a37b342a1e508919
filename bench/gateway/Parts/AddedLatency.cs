using Sluice.GatewayBench.Load;
using Sluice.GatewayBench.Servers;
using Sluice.Measuring;

namespace Sluice.GatewayBench.Parts;

/// <summary>What a caller waits longer because of the gateway, at a steady load that leaves the machine room.</summary>
internal static class AddedLatency
{
    private const int PerSecond = 1000;
    private const double MostMedian = 0.5; // ms
    private const double MostP99 = 2; // ms

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        await using var stand = await Stand.StartAsync();
        await stand.StartRolloutAsync("m0", 500);
        var gateway = await stand.AddGatewayAsync();
        var yarp = stand.Add(Proxies.StartYarp(stand));
        await yarp.AnswersAsync("/");
        var request = Requests.Of(stand, "m0", Requests.Large);
        var sides = await Side.AlternateAsync(
            options.Rounds,
            () => SteadyLoad.MeasureAsync(stand.Replica, request, PerSecond, options.Duration),
            () => SteadyLoad.MeasureAsync(gateway, request, PerSecond, options.Duration),
            () => SteadyLoad.MeasureAsync(yarp, request, PerSecond, options.Duration));
        Proxies.Tell(report, $"{PerSecond} requests/s of 16 KiB: the replica itself", sides[0]);
        Proxies.Tell(report, $"{PerSecond} requests/s of 16 KiB: through the gateway", sides[1]);
        Proxies.Tell(report, $"{PerSecond} requests/s of 16 KiB: through bare YARP", sides[2]);
        report.AtMost("the gateway adds to the median", sides[1].Median - sides[0].Median, " ms", MostMedian);
        report.AtMost("the gateway adds to the 99th percentile", sides[1].P99 - sides[0].P99, " ms", MostP99);
    }
}
