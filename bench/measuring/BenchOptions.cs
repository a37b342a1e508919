using System.Globalization;

namespace Sluice.Measuring;

/// <summary>What a benchmark under load measures, and for how long.</summary>
/// <param name="Parts">The parts, in order.</param>
/// <param name="Duration">Of one measurement.</param>
/// <param name="Rounds">How often each side of a comparison is measured; the median counts.</param>
/// <param name="LongRun">Of the part that watches the memory.</param>
/// <param name="Models">Models of the part with many of them.</param>
public sealed record BenchOptions(IReadOnlyList<string> Parts, TimeSpan Duration, int Rounds, TimeSpan LongRun, int Models) : Times(Duration, Rounds)
{
    /// <summary>Null when the arguments are none.</summary>
    public static BenchOptions? Parse(string[] args, IReadOnlyList<string> allParts, int models)
    {
        var numbers = new Dictionary<string, int> { ["--seconds"] = 3, ["--rounds"] = 5, ["--memory-seconds"] = 60, ["--models"] = models };
        var parts = allParts;
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length)
            {
                return null;
            }

            if (args[i] == "--parts")
            {
                parts = args[i + 1].Split(',');
            }
            else if (numbers.ContainsKey(args[i]) && int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0)
            {
                numbers[args[i]] = value;
            }
            else
            {
                return null;
            }
        }

        return parts.Except(allParts).Any()
            ? null
            : new(parts, TimeSpan.FromSeconds(numbers["--seconds"]), numbers["--rounds"], TimeSpan.FromSeconds(numbers["--memory-seconds"]), numbers["--models"]);
    }
}
