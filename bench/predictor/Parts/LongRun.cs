using System.Diagnostics;
using System.Globalization;
using Sluice.Measuring;
using Sluice.PredictorBench.Servers;

namespace Sluice.PredictorBench.Parts;

/// <summary>Memory under mixed load, and what a request allocates.</summary>
internal static class LongRun
{
    private const double MostGrowth = 1.05; // the last quarter of the run to the second one
    private const int Connections = 8;
    private const int Looks = 60;
    private const string Allocated = "dotnet_gc_heap_total_allocated_bytes_total";

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        await using var bench = await Bench.StartAsync(("mlp", BenchModels.Perceptron()), ("small", BenchModels.Small(1)), ("sum", BenchModels.Sum()));
        var predictor = await bench.PredictAsync();
        (string Name, RequestBody Request)[] requests =
        [
            ("small model, 1 row, JSON", RequestBody.Json("small", 1, 4)),
            ("MLP, 1 row, JSON", RequestBody.Json("mlp", 1, BenchModels.PerceptronWidth)),
            ("MLP, 1 row, binary", RequestBody.Binary("mlp", 1, BenchModels.PerceptronWidth)),
            ("MLP, 32 rows, binary", RequestBody.Binary("mlp", 32, BenchModels.PerceptronWidth)),
            ("1 MiB, binary", RequestBody.Binary("sum", 1, BenchModels.SumWidth)),
            ("1 MiB, JSON", RequestBody.Json("sum", 1, BenchModels.SumWidth)),
        ];
        foreach (var (name, request) in requests)
        {
            await TellAllocationsAsync(predictor, name, request, options, report);
        }

        var memory = await WatchAsync(predictor, Array.ConvertAll(requests, each => each.Request), options.LongRun);
        var told = Enumerable.Range(0, 7).Select(i => memory[i * (memory.Count - 1) / 6].ToString("0", CultureInfo.InvariantCulture));
        report.Tell($"mixed load for {options.LongRun.TotalSeconds:0} s: memory", $"{string.Join(" → ", told)} MiB");
        report.AtMost("memory, last quarter of the run to the second", MeanOfQuarter(memory, 3) / MeanOfQuarter(memory, 1), " ×", MostGrowth);
    }

    private static async Task TellAllocationsAsync(ServerProcess predictor, string name, RequestBody request, BenchOptions options, Report report)
    {
        await Wrk.RunAsync(predictor.Address, request, Connections, options.WarmUp);
        var before = await predictor.ReadMetricAsync(Allocated);
        var (answered, _, _, _) = await Wrk.RunAsync(predictor.Address, request, Connections, options.Duration);
        report.Tell($"managed memory that a request allocates: {name}", $"{(await predictor.ReadMetricAsync(Allocated) - before) / answered:0} bytes");
    }

    // MiB, at even intervals.
    private static async Task<List<double>> WatchAsync(ServerProcess predictor, RequestBody[] requests, TimeSpan duration)
    {
        var load = Task.WhenAll(requests.Select(request => Wrk.RunAsync(predictor.Address, request, Connections, duration)));
        var clock = Stopwatch.StartNew();
        var memory = new List<double>();
        while (memory.Count < Looks)
        {
            memory.Add(predictor.Memory);
            var next = (duration / Looks * memory.Count) - clock.Elapsed;
            await Task.Delay(next > TimeSpan.Zero ? next : TimeSpan.Zero);
        }

        await load;
        return memory;
    }

    private static double MeanOfQuarter(List<double> figures, int quarter) => figures.Skip(figures.Count * quarter / 4).Take(figures.Count / 4).Average();
}
