using Sluice.Measuring;
using Sluice.PredictorBench.Servers;

namespace Sluice.PredictorBench.Parts;

/// <summary>What is left of a session's speed behind HTTP: rows a second with all cores busy, and processor time a row.</summary>
/// <remarks>The load generator shares the cores, and the session in-process has them alone; the processor time is the fairer figure.</remarks>
internal static class BareSession
{
    private const double Least = 0.8; // of the session's rows a second, at 32 rows a request in binary

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        var model = BenchModels.Perceptron();
        using var session = new InProcess(model, BenchModels.PerceptronWidth);
        await using var bench = await Bench.StartAsync(("mlp", model));
        var predictor = await bench.PredictAsync();
        foreach (var rows in new[] { 1, 32 })
        {
            var json = RequestBody.Json("mlp", rows, BenchModels.PerceptronWidth);
            var binary = RequestBody.Binary("mlp", rows, BenchModels.PerceptronWidth);
            var sides = await Side.AlternateAsync(
                options.Rounds,
                () => session.MeasureAsync(rows, Environment.ProcessorCount, options),
                () => Wrk.MeasureAsync(predictor, binary, Wrk.Many, options),
                () => Wrk.MeasureAsync(predictor, json, Wrk.Many, options));
            Tell(report, $"session in-process, {Environment.ProcessorCount} runs at once", sides[0], rows);
            Tell(report, $"Predictor, {Wrk.Many} clients, binary", sides[1], rows);
            Tell(report, $"Predictor, {Wrk.Many} clients, JSON", sides[2], rows);
            Compare(report, sides, rows);
        }
    }

    private static void Tell(Report report, string who, Side side, int rows) => report.Tell(
        $"MLP, {rows} a run or request: {who}",
        $"{side.PerSecond * rows:0} rows/s ({side.Spread} runs/s), {side.Cpu / rows:0.#} µs of processor a row");

    private static void Compare(Report report, Side[] sides, int rows)
    {
        var speed = sides[1].PerSecond / sides[0].PerSecond;
        var frugality = sides[0].Cpu / sides[1].Cpu;
        if (rows > 1)
        {
            report.AtLeast($"MLP, binary, {rows} rows: rows/s, Predictor to session", speed, " ×", Least);
            report.AtLeast($"MLP, binary, {rows} rows: processor time a row, session to Predictor", frugality, " ×", Least);
            return;
        }

        // Single rows are joined into batches, so the Predictor may well be the faster one.
        report.Tell($"MLP, binary, {rows} row: rows/s, Predictor to session", $"{speed:0.00} ×");
        report.Tell($"MLP, binary, {rows} row: processor time a row, session to Predictor", $"{frugality:0.00} ×");
    }
}
