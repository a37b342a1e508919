using System.Diagnostics;
using System.Globalization;
using Sluice.GatewayBench.Load;
using Sluice.GatewayBench.Servers;
using Sluice.Measuring;

namespace Sluice.GatewayBench.Parts;

/// <summary>Memory at rest and under mixed load.</summary>
internal static class LongRun
{
    private const double MostAtRest = 150; // MiB
    private const double MostGrowth = 1.05; // the last quarter of the run to the second one
    private const int Connections = 16;
    private const int Looks = 60;

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        await using var stand = await Stand.StartAsync();
        await stand.StartRolloutAsync("m0", 500);
        var gateway = await stand.AddGatewayAsync();
        report.AtMost("memory at rest", gateway.Memory, " MiB", MostAtRest);

        int[] sizes = [Requests.Small, Requests.Large, 1024 * 1024];
        var load = Task.WhenAll(sizes.Select(bytes => Wrk.RunAsync(gateway.Address, Requests.Of(stand, "m0", bytes), Connections, options.LongRun)));
        var clock = Stopwatch.StartNew();
        var memory = new List<double>();
        while (memory.Count < Looks)
        {
            memory.Add(gateway.Memory);
            var next = (options.LongRun / Looks * memory.Count) - clock.Elapsed;
            await Task.Delay(next > TimeSpan.Zero ? next : TimeSpan.Zero);
        }

        await load;
        var told = Enumerable.Range(0, 7).Select(i => memory[i * (memory.Count - 1) / 6].ToString("0", CultureInfo.InvariantCulture));
        report.Tell($"mixed load for {options.LongRun.TotalSeconds:0} s: memory", $"{string.Join(" → ", told)} MiB");
        report.AtMost("memory, last quarter of the run to the second", MeanOfQuarter(memory, 3) / MeanOfQuarter(memory, 1), " ×", MostGrowth);
    }

    private static double MeanOfQuarter(List<double> figures, int quarter) => figures.Skip(figures.Count * quarter / 4).Take(figures.Count / 4).Average();
}
