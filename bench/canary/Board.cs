using System.Globalization;
using System.Text;

namespace Sluice.CanaryBench;

/// <summary>All runs, as tables.</summary>
internal sealed class Board(IReadOnlyList<Scenario> scenarios, IReadOnlyList<string> rules, IReadOnlyDictionary<(string Scenario, string Rule), Run[]> runs)
{
    /// <summary>Prints the tables.</summary>
    public void Print(TextWriter to)
    {
        Table(to, "False rollback %, good canaries (95 % interval) [undecided %]", Label.Good, all => Rate(all, Ending.RolledBack));
        Table(to, "False promotion %, bad canaries (95 % interval) [undecided %]", Label.Bad, all => Rate(all, Ending.Promoted));
        Table(to, "Promoted / rolled back / undecided %, grey canaries", Label.Grey, all =>
            Text($"{Percent(all, Ending.Promoted):0.0} / {Percent(all, Ending.RolledBack):0.0} / {Percent(all, Ending.Undecided):0.0}"));
        Table(to, "Minutes to 80 %: median, 95 %; to completion: median, of good canaries that were promoted", Label.Good, all =>
        {
            var promoted = all.Where(run => run.Ending == Ending.Promoted).ToArray();
            return promoted.Length == 0 ? "–" : Text($"{Quantile(promoted, run => run.MostAt, 0.5)}, {Quantile(promoted, run => run.MostAt, 0.95)}; {Quantile(promoted, run => run.EndedAt, 0.5)}");
        });
        Table(to, "Minutes to rollback (median) / bad requests before it (mean), of bad canaries that were rolled back", Label.Bad, all =>
        {
            var back = all.Where(run => run.Ending == Ending.RolledBack).ToArray();
            return back.Length == 0 ? "– / –" : Text($"{Quantile(back, run => run.EndedAt, 0.5)} / {back.Average(run => run.BadBefore):0}");
        });
        Table(to, "Bad requests of the canary in 60 minutes, all runs: mean (± 95 %)", Label.Bad, all => Text($"{all.Average(run => run.Bad):0} (± {1.96 * Error(all):0.0})"));
    }

    /// <summary>Holds the rule <c>sequential</c> against what it aims at, over the scenarios of the protocol.</summary>
    /// <returns>How many aims were missed.</returns>
    public int PrintAims(TextWriter to)
    {
        var protocol = scenarios.Where(scenario => scenario.Name[0] == 'S').ToArray();
        var (good, bad) = (protocol.Where(scenario => scenario.Label == Label.Good).ToArray(), protocol.Where(scenario => scenario.Label == Label.Bad).ToArray());
        if (good.Length == 0 || bad.Length == 0)
        {
            return 0;
        }

        to.WriteLine("\n| mean over the scenarios of the protocol | " + string.Join(" | ", rules) + " |\n| --- |" + string.Concat(rules.Select(_ => " --: |")));
        Row(to, "false rollback %", rule => good.Average(scenario => Percent(Of(scenario, rule), Ending.RolledBack)), "0.00");
        Row(to, "false promotion %", rule => bad.Average(scenario => Percent(Of(scenario, rule), Ending.Promoted)), "0.00");
        Row(to, "undecided %, good", rule => good.Average(scenario => Percent(Of(scenario, rule), Ending.Undecided)), "0.0");
        Row(to, "bad requests in 60 minutes, bad", rule => MeanBad(bad, rule), "0");
        if (!rules.Contains("sequential"))
        {
            return 0;
        }

        to.WriteLine("\n| aim of sequential | measured | aim | |\n| --- | --: | --: | --- |");
        var worstRollback = good.MaxBy(scenario => Percent(Of(scenario, "sequential"), Ending.RolledBack))!;
        var worstPromotion = bad.MaxBy(scenario => Percent(Of(scenario, "sequential"), Ending.Promoted))!;
        var missed = Aim(to, $"false rollback %, worst scenario ({worstRollback.Name})", Percent(Of(worstRollback, "sequential"), Ending.RolledBack), 0.5)
            + Aim(to, $"false promotion %, worst scenario ({worstPromotion.Name})", Percent(Of(worstPromotion, "sequential"), Ending.Promoted), 1.5);
        if (good.FirstOrDefault(scenario => scenario.Name == "S1") is { } clean)
        {
            missed += Aim(to, "minutes to 80 % in S1, median", double.Parse(Quantile(Of(clean, "sequential"), run => run.MostAt, 0.5), CultureInfo.InvariantCulture), 11);
        }

        var others = rules.Where(rule => rule != "sequential").Select(rule => MeanBad(bad, rule)).DefaultIfEmpty(double.NaN).Min();
        return missed + (double.IsNaN(others) ? 0 : Aim(to, "bad requests, mean over the bad scenarios; the aim is the best of the other rules", MeanBad(bad, "sequential"), others));
    }

    private static int Aim(TextWriter to, string what, double value, double limit)
    {
        to.WriteLine(Text($"| {what} | {value:0.##} | ≤ {limit:0.##} | {(value <= limit ? "ok" : "MISSED")} |"));
        return value <= limit ? 0 : 1;
    }

    private double MeanBad(Scenario[] bad, string rule) => bad.Average(scenario => Of(scenario, rule).Average(run => run.Bad));

    private Run[] Of(Scenario scenario, string rule) => runs[(scenario.Name, rule)];

    private void Row(TextWriter to, string what, Func<string, double> value, string format) =>
        to.WriteLine($"| {what} | " + string.Join(" | ", rules.Select(rule => value(rule).ToString(format, CultureInfo.InvariantCulture))) + " |");

    private void Table(TextWriter to, string title, Label label, Func<Run[], string> cell)
    {
        var rows = scenarios.Where(scenario => scenario.Label == label).ToArray();
        if (rows.Length == 0)
        {
            return;
        }

        var text = new StringBuilder($"\n**{title}**\n\n| | {string.Join(" | ", rules)} |\n| --- |{string.Concat(rules.Select(_ => " --: |"))}\n");
        foreach (var scenario in rows)
        {
            text.Append($"| {scenario.Name} {scenario.Title} | {string.Join(" | ", rules.Select(rule => cell(Of(scenario, rule))))} |\n");
        }

        to.Write(text);
    }

    private static string Rate(Run[] all, Ending ending)
    {
        var (low, high) = Wilson(all.Count(run => run.Ending == ending), all.Length);
        var undecided = Percent(all, Ending.Undecided);
        return Text($"{Percent(all, ending):0.00} ({100 * low:0.00}–{100 * high:0.00}){(undecided > 0 ? Text($" [{undecided:0.0}]") : "")}");
    }

    private static double Percent(Run[] all, Ending ending) => 100.0 * all.Count(run => run.Ending == ending) / all.Length;

    private static (double Low, double High) Wilson(int hits, int n)
    {
        const double Z = 1.96;
        double share = (double)hits / n, square = Z * Z / n;
        var middle = (share + (square / 2)) / (1 + square);
        var half = Z * Math.Sqrt((share * (1 - share) / n) + (square / (4 * n))) / (1 + square);
        return (Math.Max(0, middle - half), Math.Min(1, middle + half));
    }

    private static double Error(Run[] all)
    {
        var mean = all.Average(run => run.Bad);
        return Math.Sqrt(all.Sum(run => (run.Bad - mean) * (run.Bad - mean)) / Math.Max(1, all.Length - 1) / all.Length);
    }

    private static string Quantile(Run[] all, Func<Run, double> of, double quantile)
    {
        var values = all.Select(of).Where(double.IsFinite).Order().ToArray();
        return values.Length == 0 ? "–" : values[(int)(quantile * (values.Length - 1))].ToString("0.0#", CultureInfo.InvariantCulture);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
