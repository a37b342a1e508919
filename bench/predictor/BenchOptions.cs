using System.Globalization;
using Sluice.Measuring;

namespace Sluice.PredictorBench;

/// <summary>What is measured, and for how long.</summary>
/// <param name="Parts">The parts, in order.</param>
/// <param name="Duration">Of one measurement.</param>
/// <param name="Rounds">How often each side of a comparison is measured; the median counts.</param>
/// <param name="LongRun">Of the part memory.</param>
/// <param name="Models">Models of the part models.</param>
internal sealed record BenchOptions(IReadOnlyList<string> Parts, TimeSpan Duration, int Rounds, TimeSpan LongRun, int Models) : Times(Duration, Rounds)
{
    public const string Usage =
        "usage: [--parts bare,latency,binary,batching,python,models,memory] [--seconds 3] [--rounds 5] [--memory-seconds 60] [--models 200]";

    private static readonly string[] AllParts = ["bare", "latency", "binary", "batching", "python", "models", "memory"];

    /// <summary>Null when the arguments are none.</summary>
    public static BenchOptions? Parse(string[] args)
    {
        var numbers = new Dictionary<string, int> { ["--seconds"] = 3, ["--rounds"] = 5, ["--memory-seconds"] = 60, ["--models"] = 200 };
        var parts = AllParts;
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

        return parts.Except(AllParts).Any()
            ? null
            : new(parts, TimeSpan.FromSeconds(numbers["--seconds"]), numbers["--rounds"], TimeSpan.FromSeconds(numbers["--memory-seconds"]), numbers["--models"]);
    }
}
