using System.Diagnostics;
using System.Globalization;

namespace Sluice.Measuring;

/// <summary>Whether the memory of a server grows under load.</summary>
public static class MemoryWatch
{
    private const double MostGrowth = 1.05; // the last quarter of the run to the second one: the first one warms up
    private const int Looks = 60;

    /// <summary>Looks at even intervals while the load runs.</summary>
    /// <param name="server">What is watched.</param>
    /// <param name="duration">How long the load runs.</param>
    /// <param name="startLoad">Starts the load; done when the load is.</param>
    /// <param name="report">Takes the figures.</param>
    public static async Task RunAsync(ServerProcess server, TimeSpan duration, Func<Task> startLoad, Report report)
    {
        var load = startLoad();
        var clock = Stopwatch.StartNew();
        var memory = new List<double>();
        while (memory.Count < Looks)
        {
            memory.Add(server.Memory);
            var next = (duration / Looks * memory.Count) - clock.Elapsed;
            await Task.Delay(next > TimeSpan.Zero ? next : TimeSpan.Zero);
        }

        await load;
        var told = Enumerable.Range(0, 7).Select(i => memory[i * (memory.Count - 1) / 6].ToString("0", CultureInfo.InvariantCulture));
        report.Tell($"mixed load for {duration.TotalSeconds:0} s: memory", $"{string.Join(" → ", told)} MiB");
        report.AtMost("memory, last quarter of the run to the second", MeanOfQuarter(memory, 3) / MeanOfQuarter(memory, 1), " ×", MostGrowth);
    }

    private static double MeanOfQuarter(List<double> figures, int quarter) => figures.Skip(figures.Count * quarter / 4).Take(figures.Count / 4).Average();
}
