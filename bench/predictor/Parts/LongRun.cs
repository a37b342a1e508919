using Sluice.Measuring;
using Sluice.PredictorBench.Servers;

namespace Sluice.PredictorBench.Parts;

/// <summary>Memory under mixed load, and what a request allocates.</summary>
internal static class LongRun
{
    private const int Connections = 8;
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

        await MemoryWatch.RunAsync(
            predictor,
            options.LongRun,
            () => Task.WhenAll(requests.Select(each => Wrk.RunAsync(predictor.Address, each.Request, Connections, options.LongRun))),
            report);
    }

    private static async Task TellAllocationsAsync(ServerProcess predictor, string name, RequestBody request, BenchOptions options, Report report)
    {
        await Wrk.RunAsync(predictor.Address, request, Connections, options.WarmUp);
        var before = await predictor.ReadMetricAsync(Allocated);
        var (answered, _, _, _) = await Wrk.RunAsync(predictor.Address, request, Connections, options.Duration);
        report.Tell($"managed memory that a request allocates: {name}", $"{(await predictor.ReadMetricAsync(Allocated) - before) / answered:0} bytes");
    }
}
