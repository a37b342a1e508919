// Scores the judge's rules, and models of others', on generated traffic.
using System.Diagnostics;
using System.Globalization;
using Sluice.CanaryBench;

var options = BenchOptions.Parse(args);
if (options is null)
{
    Console.Error.WriteLine(BenchOptions.Usage);
    return 2;
}

var scenarios = options.Scenarios.SelectMany(Scenario.Read).Where(scenario => options.Only.Count == 0 || options.Only.Contains(scenario.Name)).ToArray();
var rules = options.Rules.Count > 0 ? options.Rules : Simulation.RuleNames;
var watch = Stopwatch.StartNew();
var runs = new Dictionary<(string, string), Run[]>();
foreach (var scenario in scenarios)
{
    foreach (var rule in rules)
    {
        runs[(scenario.Name, rule)] = Simulation.Play(scenario, rule, options);
    }

    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{scenario.Name} after {watch.Elapsed.TotalSeconds:0} s"));
}

var board = new Board(scenarios, rules, runs);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{options.Runs:N0} runs of each of {scenarios.Length} scenarios, seed {options.Seed}, {Environment.ProcessorCount} cores, {watch.Elapsed.TotalSeconds:0} s"));
board.Print(Console.Out);
return board.PrintAims(Console.Out) == 0 ? 0 : 1;
