using Sluice.Measuring;
using Sluice.PredictorBench.Servers;

namespace Sluice.PredictorBench.Parts;

/// <summary>What joining requests gains, next to what the session gains by the same number of rows a run.</summary>
internal static class BatchingGain
{
    private const double Least = 0.7; // of the session's gain
    private const string Rows = "sluice_predictor_batch_size";

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        var model = BenchModels.Perceptron();
        await using var bench = await Bench.StartAsync(("mlp", model));
        var on = await bench.PredictAsync();
        var off = await bench.PredictAsync(("Predictor__Batching__Enabled", "false"));
        var request = RequestBody.Binary("mlp", 1, BenchModels.PerceptronWidth);
        var sides = await Side.AlternateAsync(
            options.Rounds,
            () => Wrk.MeasureAsync(on, request, Wrk.Many, options),
            () => Wrk.MeasureAsync(off, request, Wrk.Many, options));
        var mean = await on.ReadMetricAsync(Rows + "_sum") / await on.ReadMetricAsync(Rows + "_count");

        using var session = new InProcess(model, BenchModels.PerceptronWidth);
        var size = Math.Max(1, (int)Math.Round(mean));
        var bare = await Side.AlternateAsync(
            options.Rounds,
            () => session.MeasureAsync(size, Environment.ProcessorCount, options),
            () => session.MeasureAsync(1, Environment.ProcessorCount, options));

        Tell(report, "batching on", sides[0]);
        Tell(report, "batching off", sides[1]);
        var gain = sides[0].PerSecond / sides[1].PerSecond;
        var bareGain = bare[0].PerSecond * size / bare[1].PerSecond;
        report.Tell("batching: rows of a run, mean", $"{mean:0.0}");
        report.Tell($"batching: gain of the session in-process, {size} rows a run", $"{bareGain:0.00} × ({bare[1].PerSecond:0} → {bare[0].PerSecond * size:0} rows/s)");
        report.Tell("batching: gain of the Predictor, in requests/s and in processor time", $"{gain:0.00} ×, {sides[1].Cpu / sides[0].Cpu:0.00} ×");
        report.AtLeast("batching: gain of the Predictor to that of the session", gain / bareGain, " ×", Least);
    }

    private static void Tell(Report report, string what, Side side) => report.Tell(
        $"MLP, {Wrk.Many} clients, 1 row each, binary: {what}",
        $"{side.PerSecond:0} requests/s ({side.Spread}), {side.Cpu:0} µs of processor, median {side.Median:0.00} ms, p99 {side.P99:0.00} ms");
}
