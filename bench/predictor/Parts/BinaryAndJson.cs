using Sluice.Measuring;
using Sluice.PredictorBench.Servers;

namespace Sluice.PredictorBench.Parts;

/// <summary>What it is worth to send a tensor of 1 MiB as bytes.</summary>
internal static class BinaryAndJson
{
    private const double Least = 2;
    private const int Connections = 8;

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        await using var bench = await Bench.StartAsync(("sum", BenchModels.Sum()));
        var predictor = await bench.PredictAsync();
        var sides = await Side.AlternateAsync(
            options.Rounds,
            () => Wrk.MeasureAsync(predictor, RequestBody.Binary("sum", 1, BenchModels.SumWidth), Connections, options),
            () => Wrk.MeasureAsync(predictor, RequestBody.Json("sum", 1, BenchModels.SumWidth), Connections, options));
        Tell(report, "binary", sides[0]);
        Tell(report, "JSON", sides[1]);
        report.AtLeast("1 MiB: requests/s, binary to JSON", sides[0].PerSecond / sides[1].PerSecond, " ×", Least);
        report.AtLeast("1 MiB: processor time a request, JSON to binary", sides[1].Cpu / sides[0].Cpu, " ×", Least);
    }

    private static void Tell(Report report, string what, Side side) => report.Tell(
        $"1 MiB of FP32, {Connections} clients: {what}",
        $"{side.PerSecond:0} requests/s ({side.Spread}), {side.Cpu / 1000:0.00} ms of processor, median {side.Median:0.0} ms");
}
