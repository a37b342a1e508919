using Sluice.GatewayBench.Load;
using Sluice.GatewayBench.Servers;
using Sluice.Measuring;

namespace Sluice.GatewayBench.Parts;

/// <summary>Memory at rest and under mixed load.</summary>
internal static class LongRun
{
    private const double MostAtRest = 150; // MiB
    private const int Connections = 16;

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        await using var stand = await Stand.StartAsync();
        await stand.StartRolloutAsync("m0", 500);
        var gateway = await stand.AddGatewayAsync();
        report.AtMost("memory at rest", gateway.Memory, " MiB", MostAtRest);

        int[] sizes = [Requests.Small, Requests.Large, 1024 * 1024];
        await MemoryWatch.RunAsync(
            gateway,
            options.LongRun,
            () => Task.WhenAll(sizes.Select(bytes => Wrk.RunAsync(gateway.Address, Requests.Of(stand, "m0", bytes), Connections, options.LongRun))),
            report);
    }
}
