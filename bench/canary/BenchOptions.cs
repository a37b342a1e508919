using System.Globalization;

namespace Sluice.CanaryBench;

/// <summary>What to simulate.</summary>
/// <param name="Runs">Of each scenario and rule.</param>
/// <param name="Seed">Of all luck.</param>
/// <param name="Scenarios">Files with scenarios.</param>
/// <param name="Only">Names of the scenarios to run; empty for all.</param>
/// <param name="Rules">Names of the rules to run; empty for all.</param>
internal sealed record BenchOptions(int Runs, ulong Seed, IReadOnlyList<string> Scenarios, IReadOnlyList<string> Only, IReadOnlyList<string> Rules)
{
    public const string Usage = """
        usage: CanaryBench [--runs N] [--seed N] [--scenarios FILE] [--only NAME,NAME] [--rules NAME,NAME]
          --runs N          runs of each scenario and rule (1000)
          --seed N          another luck (1)
          --scenarios FILE  scenarios to add: a JSON array, as scenarios.json
          --only NAMES      these scenarios only
          --rules NAMES     of sequential, checks, flagger, argo, kayenta
        """;

    /// <summary>Null when the arguments are not as they should be.</summary>
    public static BenchOptions? Parse(string[] args)
    {
        var options = new BenchOptions(1000, 1, [Path.Combine(AppContext.BaseDirectory, "scenarios.json")], [], []);
        for (var i = 0; i + 1 < args.Length; i += 2)
        {
            var value = args[i + 1];
            switch (args[i])
            {
                case "--runs" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var runs) && runs > 0:
                    options = options with { Runs = runs };
                    break;
                case "--seed" when ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seed):
                    options = options with { Seed = seed };
                    break;
                case "--scenarios" when File.Exists(value):
                    options = options with { Scenarios = [.. options.Scenarios, value] };
                    break;
                case "--only":
                    options = options with { Only = value.Split(',') };
                    break;
                case "--rules" when value.Split(',').All(Simulation.RuleNames.Contains):
                    options = options with { Rules = value.Split(',') };
                    break;
                default:
                    return null;
            }
        }

        return args.Length % 2 == 0 ? options : null;
    }
}
