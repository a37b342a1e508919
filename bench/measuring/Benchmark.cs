namespace Sluice.Measuring;

/// <summary>A benchmark under load: a program of several parts, each of which puts its figures next to their bars.</summary>
public static class Benchmark
{
    /// <summary>Runs the parts that the arguments name, or all.</summary>
    /// <param name="args">The program's arguments.</param>
    /// <param name="models">How many models the part with many of them has by default.</param>
    /// <param name="parts">The parts by name, in order.</param>
    /// <returns>The exit code: 1 when a bar was missed, 2 when nothing could be measured.</returns>
    public static async Task<int> RunAsync(string[] args, int models, params (string Name, Func<BenchOptions, Report, Task> Run)[] parts)
    {
        var names = Array.ConvertAll(parts, part => part.Name);
        if (BenchOptions.Parse(args, names, models) is not { } options)
        {
            Console.Error.WriteLine($"usage: [--parts {string.Join(',', names)}] [--seconds 3] [--rounds 5] [--memory-seconds 60] [--models {models}]");
            return 2;
        }

        if (!await Wrk.IsThereAsync())
        {
            Console.Error.WriteLine("The load generator wrk is missing: install the package wrk.");
            return 2;
        }

        var report = new Report();
        Report.Machine();
        foreach (var name in options.Parts)
        {
            await parts.First(part => part.Name == name).Run(options, report);
        }

        Report.Machine();
        return report.Missed == 0 ? 0 : 1;
    }
}
