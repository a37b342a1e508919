using Sluice.Measuring;
using Sluice.PredictorBench.Servers;
using Sluice.Testing;

namespace Sluice.PredictorBench.Parts;

/// <summary>The same model file, the same request and the same clients against the usual Python servers.</summary>
/// <remarks>They compute with numpy, since Debian has no ONNX Runtime for Python; what numpy multiplies with is told, since it decides on the MLP.</remarks>
internal static class PythonServers
{
    private const double LeastToFlask = 20;
    private const double LeastToFastApi = 5;

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        if (await PythonServer.FindProblemAsync() is { } problem)
        {
            report.Skip("Flask and FastAPI", problem);
            return;
        }

        using var folder = new TemporaryFolder();
        var perceptron = folder.PathOf("mlp.onnx");
        await File.WriteAllBytesAsync(perceptron, BenchModels.Perceptron());
        var iris = Repository.PathOf("samples", "iris", "1", "model.onnx");
        await CompareAsync("iris", iris, "features", [5.1f, 3.5f, 1.4f, 0.2f], options, report);
        await CompareAsync("mlp", perceptron, "x", RequestBody.Values(BenchModels.PerceptronWidth), options, report);
    }

    private static async Task CompareAsync(string model, string path, string input, float[] row, BenchOptions options, Report report)
    {
        await using var bench = await Bench.StartAsync((model, await File.ReadAllBytesAsync(path)));
        var predictor = await bench.PredictAsync();
        await using var flask = await PythonServer.StartAsync("flask", path, input);
        await using var fastApi = await PythonServer.StartAsync("fastapi", path, input);
        report.Tell($"{model}: what Python computes with", $"{flask.Runtime}");

        var sides = await Side.AlternateAsync(
            options.Rounds,
            () => Wrk.MeasureAsync(predictor, RequestBody.Rows($"/models/{model}/invocations", row), Wrk.Many, options),
            () => Wrk.MeasureAsync(flask.Process, RequestBody.Rows("/predict", row), Wrk.Many, options),
            () => Wrk.MeasureAsync(fastApi.Process, RequestBody.Rows("/predict", row), Wrk.Many, options));
        Tell(report, $"{model}: Predictor", sides[0]);
        Tell(report, $"{model}: Flask, app.run", sides[1]);
        Tell(report, $"{model}: FastAPI, uvicorn", sides[2]);
        Compare(report, $"{model}: Predictor to Flask", sides[0], sides[1], LeastToFlask);
        Compare(report, $"{model}: Predictor to FastAPI", sides[0], sides[2], LeastToFastApi);
    }

    private static void Compare(Report report, string what, Side predictor, Side python, double least)
    {
        report.AtLeast(what + ", requests/s", predictor.PerSecond / python.PerSecond, " ×", least);
        report.Tell(what + ", requests a second of processor", $"{python.Cpu / predictor.Cpu:0.0} ×");
    }

    private static void Tell(Report report, string who, Side side) => report.Tell(
        $"{who}, {Wrk.Many} clients, JSON, 1 row",
        $"{side.PerSecond:0} requests/s ({side.Spread}), {side.Cpu:0} µs of processor, median {side.Median:0.0} ms, p99 {side.P99:0.0} ms");
}
