using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using Sluice.Predictor;
using Sluice.Predictor.Runtime;
using Sluice.Measuring;

namespace Sluice.PredictorBench;

/// <summary>The same session without a server: ONNX Runtime as fast as C# can call it, which a server can come close to and no closer.</summary>
/// <remarks>Its options are the Predictor's own, made by the same code.</remarks>
internal sealed class InProcess : IDisposable
{
    private readonly InferenceSession _session;
    private readonly int _width;

    public InProcess(byte[] model, int width)
    {
        RuntimeEnvironment.Ensure();
        using var options = ComputeDevice.Choose(new PredictorOptions { Provider = PredictorOptions.Cpu }).CreateSessionOptions();
        (_session, _width) = (new InferenceSession(model, options), width);
    }

    /// <summary>Runs on threads of their own, as the Predictor does when it has enough to do.</summary>
    /// <param name="rows">Of each run.</param>
    /// <param name="places">Runs at once.</param>
    /// <param name="options">How long.</param>
    public async Task<Sample> MeasureAsync(int rows, int places, BenchOptions options)
    {
        await RunAsync(rows, places, options.WarmUp);
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        var times = await RunAsync(rows, places, options.Duration);
        var elapsed = watch.Elapsed;
        process.Refresh();
        var used = process.TotalProcessorTime - before;
        times.Sort();
        return new Sample(times.Count / elapsed.TotalSeconds, used.TotalMicroseconds / times.Count, times[times.Count / 2], times[(int)(times.Count * 0.99)]);
    }

    public void Dispose() => _session.Dispose();

    private async Task<List<double>> RunAsync(int rows, int places, TimeSpan duration)
    {
        var runs = Enumerable.Range(0, places).Select(_ => Task.Factory.StartNew(
            () => Run(rows, duration), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        return [.. (await Task.WhenAll(runs)).SelectMany(times => times)];
    }

    // Milliseconds of each run. Input and output lie where they lay before: nothing is made or copied in the loop.
    private List<double> Run(int rows, TimeSpan duration)
    {
        var outputWidth = _session.OutputMetadata["y"].Dimensions[^1];
        using var input = OrtValue.CreateTensorValueFromMemory(RequestBody.Values(rows * _width), [rows, _width]);
        using var output = OrtValue.CreateTensorValueFromMemory(new float[rows * outputWidth], [rows, outputWidth]);
        using var options = new RunOptions();
        using var binding = _session.CreateIoBinding();
        binding.BindInput("x", input);
        binding.BindOutput("y", output);
        var times = new List<double>();
        var started = Stopwatch.GetTimestamp();
        var last = started;
        while (Stopwatch.GetElapsedTime(started) < duration)
        {
            _session.RunWithBinding(options, binding);
            var now = Stopwatch.GetTimestamp();
            times.Add(Stopwatch.GetElapsedTime(last, now).TotalMilliseconds);
            last = now;
        }

        return times;
    }
}
