using System.Globalization;

namespace Sluice.Measuring;

/// <summary>Prints figures as rows of a Markdown table.</summary>
public sealed class Report
{
    private bool _headed;

    /// <summary>How many bars were missed.</summary>
    public int Missed { get; private set; }

    /// <summary>What it runs on, and how busy that is.</summary>
    public static void Machine()
    {
        var load = File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "?";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{Environment.ProcessorCount} cores, load {load}, .NET {Environment.Version}, {DateTime.UtcNow:u}"));
    }

    /// <summary>A figure that is only told.</summary>
    public void Tell(string what, FormattableString figure) => Row(what, FormattableString.Invariant(figure), "", "");

    /// <summary>A figure that may not exceed a bar.</summary>
    public void AtMost(string what, double value, string unit, double bar) =>
        Judge(what, $"{value:0.###}{unit}", $"≤ {bar:0.###}{unit}", value <= bar);

    /// <summary>A figure that must reach a bar.</summary>
    public void AtLeast(string what, double value, string unit, double bar) =>
        Judge(what, $"{value:0.##}{unit}", $"≥ {bar:0.##}{unit}", value >= bar);

    /// <summary>A part that cannot be measured here.</summary>
    public void Skip(string what, string reason) => Row(what, "skipped: " + reason, "", "");

    private void Judge(string what, FormattableString value, FormattableString bar, bool holds)
    {
        Missed += holds ? 0 : 1;
        Row(what, FormattableString.Invariant(value), FormattableString.Invariant(bar), holds ? "PASS" : "MISS");
    }

    private void Row(string what, string value, string bar, string result)
    {
        if (!_headed)
        {
            Console.WriteLine("\n| what | measured | bar | |\n| --- | --- | --- | --- |");
            _headed = true;
        }

        Console.WriteLine($"| {what} | {value} | {bar} | {result} |");
    }
}
