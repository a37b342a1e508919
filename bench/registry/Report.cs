using System.Globalization;

namespace Sluice.RegistryBench;

/// <summary>Prints figures as rows of a Markdown table.</summary>
internal sealed class Report
{
    private bool _headed;

    /// <summary>How many limits were missed.</summary>
    public int Missed { get; private set; }

    /// <summary>What it runs on, and how busy that is.</summary>
    public static void Machine()
    {
        var load = File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "?";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores, load {load}, .NET {Environment.Version}, {DateTime.UtcNow:u}"));
    }

    /// <summary>A figure that may not exceed a limit; null for one that is only told.</summary>
    public void Row(string what, double value, string unit, double? limit = null)
    {
        if (!_headed)
        {
            Console.WriteLine("\n| what | measured | limit | |\n| --- | --- | --- | --- |");
            _headed = true;
        }

        var missed = value > limit;
        Missed += missed ? 1 : 0;
        var limitText = limit is { } bar ? string.Create(CultureInfo.InvariantCulture, $"≤ {bar:0.#} {unit}") : "";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {value:0.##} {unit} | {limitText} | {(limit is null ? "" : missed ? "MISSED" : "ok")} |"));
    }

    /// <summary>Median and 99th percentile of times; the limit is the latter's.</summary>
    public void Times(string what, List<double> milliseconds, double? limit = null)
    {
        milliseconds.Sort();
        Row($"{what}, median", milliseconds[milliseconds.Count / 2], "ms");
        Row($"{what}, 99th percentile", milliseconds[(int)Math.Ceiling(milliseconds.Count * 0.99) - 1], "ms", limit);
    }
}
