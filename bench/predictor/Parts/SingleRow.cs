using Sluice.Measuring;
using Sluice.PredictorBench.Servers;

namespace Sluice.PredictorBench.Parts;

/// <summary>What a lone caller waits for beyond the run itself.</summary>
internal static class SingleRow
{
    private const double Most = 0.3; // ms over the session, JSON

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        var model = BenchModels.Perceptron();
        using var session = new InProcess(model, BenchModels.PerceptronWidth);
        await using var bench = await Bench.StartAsync(("mlp", model), ("small", BenchModels.Small(1)));
        var predictor = await bench.PredictAsync();
        var sides = await Side.AlternateAsync(
            options.Rounds,
            () => session.MeasureAsync(1, 1, options),
            () => Wrk.MeasureAsync(predictor, RequestBody.Json("mlp", 1, BenchModels.PerceptronWidth), 1, options),
            () => Wrk.MeasureAsync(predictor, RequestBody.Binary("mlp", 1, BenchModels.PerceptronWidth), 1, options),
            () => Wrk.MeasureAsync(predictor, RequestBody.Json("small", 1, 4), 1, options));
        Tell(report, "MLP, 1 row: session in-process", sides[0]);
        Tell(report, "MLP, 1 row, 1 client: Predictor, JSON", sides[1]);
        Tell(report, "MLP, 1 row, 1 client: Predictor, binary", sides[2]);
        Tell(report, "small model, 1 row, 1 client: Predictor, JSON", sides[3]);
        report.AtMost("MLP, 1 row, 1 client, JSON: median over the session's", sides[1].Median - sides[0].Median, " ms", Most);
    }

    private static void Tell(Report report, string what, Side side) => report.Tell(
        what, $"median {side.Median:0.000} ms, p99 {side.P99:0.000} ms, {side.Cpu:0} µs of processor ({side.Spread}/s)");
}
