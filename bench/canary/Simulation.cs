using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.CanaryBench;

/// <summary>How one run went.</summary>
/// <param name="Ending">How it ended.</param>
/// <param name="EndedAt">When; minutes, NaN for not at all.</param>
/// <param name="MostAt">When the canary first got four fifths of the traffic.</param>
/// <param name="Bad">Failed or too slow answers of the canary in the hour.</param>
/// <param name="BadBefore">Those of them before the end of the rollout.</param>
internal readonly record struct Run(Ending Ending, double EndedAt, double MostAt, double Bad, double BadBefore);

/// <summary>Plays scenarios under rules.</summary>
internal static class Simulation
{
    private const int Ticks = 240; // an hour

    private static readonly RolloutStep[] Production =
    [
        new(new Weight(500), HoldSeconds: 120, WarmUp: true), new(new Weight(500)), new(new Weight(2000)), new(new Weight(5000)), new(new Weight(8000), HoldSeconds: 900),
    ];

    private static readonly RolloutStep[] Tenth = [new(new Weight(1000), HoldSeconds: 900)];

    /// <summary>The rules.</summary>
    public static IReadOnlyList<string> RuleNames { get; } = ["sequential", "checks", "flagger", "argo", "kayenta"];

    /// <summary>Many runs, by seed.</summary>
    public static Run[] Play(Scenario scenario, string rule, BenchOptions options)
    {
        var runs = new Run[options.Runs];
        Parallel.For(0, runs.Length, i => runs[i] = PlayOne(scenario, rule, (options.Seed * 1_000_003) + ((ulong)i * 7919) + Hash(scenario.Name)));
        return runs;
    }

    private static Run PlayOne(Scenario scenario, string rule, ulong seed)
    {
        var generator = new Generator(scenario, seed);
        var contender = Make(scenario, rule, generator);
        double bad = 0, before = double.NaN;
        for (var number = 1; number <= Ticks; number++)
        {
            if (contender.Ending != Ending.Undecided)
            {
                bad += contender.Weight > 0 ? generator.ExpectedBad(number, contender.Weight) : 0;
                continue;
            }

            var tick = generator.Next(number, contender.Weight, contender.BaselineShare);
            bad += tick.Bad;
            contender.See(tick);
            before = contender.Ending == Ending.Undecided ? before : bad;
        }

        return new Run(contender.Ending, contender.EndedAt, contender.MostAt, bad, before);
    }

    private static Contender Make(Scenario scenario, string rule, Generator generator) => rule switch
    {
        "sequential" => new OwnRule(scenario, new Opening { Rule = AnalysisRule.Sequential, Steps = Production, Settings = JudgeSettings.Default, Baseline = generator.Before() }),
        "checks" => new OwnRule(scenario, new Opening { Rule = AnalysisRule.Checks, Steps = Tenth, Settings = JudgeSettings.Default }),
        "flagger" => new Flagger(),
        "argo" => new Argo(),
        _ => new Kayenta(),
    };

    private static ulong Hash(string name) => name.Aggregate(14695981039346656037UL, (hash, letter) => (hash ^ letter) * 1099511628211UL);
}
