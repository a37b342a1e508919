using System.Globalization;
using Sluice.Measuring;
using Sluice.PredictorBench.Servers;

namespace Sluice.PredictorBench.Parts;

/// <summary>What the other models of a predictor cost the one that is asked.</summary>
internal static class ManyModels
{
    private const double Most = 1.1; // times what a request takes alone

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        var models = Enumerable.Range(0, options.Models).Select(i => (string.Create(CultureInfo.InvariantCulture, $"small-{i:000}"), BenchModels.Small(i))).ToArray();
        await using var one = await Bench.StartAsync(models[0]);
        await using var many = await Bench.StartAsync(models);
        var lone = await one.PredictAsync();
        var crowded = await many.PredictAsync();
        report.Tell(
            $"memory of a small model, loaded, of {models.Length}",
            $"{(crowded.Memory - lone.Memory) / Math.Max(1, models.Length - 1):0.00} MiB ({lone.Memory:0} → {crowded.Memory:0} MiB)");

        var request = RequestBody.Json(models[0].Item1, 1, 4);
        foreach (var connections in new[] { Wrk.Many, 1 })
        {
            var sides = await Side.AlternateAsync(
                options.Rounds,
                () => Wrk.MeasureAsync(lone, request, connections, options),
                () => Wrk.MeasureAsync(crowded, request, connections, options));
            Tell(report, connections, "alone", sides[0]);
            Tell(report, connections, $"one of {models.Length}", sides[1]);
            report.AtMost($"{models.Length} models to 1, {connections} clients: processor time a request", sides[1].Cpu / sides[0].Cpu, " ×", Most);
            report.AtMost($"{models.Length} models to 1, {connections} clients: median", sides[1].Median / sides[0].Median, " ×", Most);
        }
    }

    private static void Tell(Report report, int connections, string what, Side side) => report.Tell(
        $"small model, 1 row, JSON, {connections} clients: {what}",
        $"{side.PerSecond:0} requests/s ({side.Spread}), {side.Cpu:0.#} µs of processor, median {side.Median:0.000} ms, p99 {side.P99:0.000} ms");
}
