using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Sluice.Predictor.Runtime;

namespace Sluice.GpuBench;

/// <summary>ONNX Runtime with nothing around it: the session that the Predictor would make, run by one thread from bound buffers.</summary>
internal sealed class BareSession : IDisposable
{
    private const int WarmUpRuns = 20;

    private readonly InferenceSession _session;
    private readonly HostMemory _memory;
    private readonly RunOptions _runOptions = new();

    public BareSession(byte[] model, ComputeDevice device)
    {
        using var options = device.CreateSessionOptions();
        _session = new InferenceSession(model, options);
        _memory = HostMemory.For(device, _session);
    }

    /// <summary>The outputs of some rows.</summary>
    public float[] Compute(float[] rows)
    {
        using var bound = new Bound(_session, _memory, rows);
        bound.Run(_session, _runOptions);
        return bound.Outputs;
    }

    /// <summary>Runs batches of one size, one after the other; rows come from the host's memory and answers return to it in every run.</summary>
    public Figures Measure(int batch, TimeSpan duration)
    {
        using var bound = new Bound(_session, _memory, Mlp.Rows(batch));
        for (var i = 0; i < WarmUpRuns; i++)
        {
            bound.Run(_session, _runOptions);
        }

        var times = new List<double>();
        var all = Stopwatch.StartNew();
        while (all.Elapsed < duration)
        {
            var started = Stopwatch.GetTimestamp();
            bound.Run(_session, _runOptions);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return Figures.Of((long)batch * times.Count, all.Elapsed.TotalSeconds, times);
    }

    public void Dispose()
    {
        _runOptions.Dispose();
        _memory.Dispose();
        _session.Dispose();
    }

    /// <summary>Input and output of one size, bound.</summary>
    private sealed class Bound : IDisposable
    {
        private readonly TensorBuffer _input;
        private readonly TensorBuffer _output;
        private readonly OrtValue _x;
        private readonly OrtValue _y;
        private readonly OrtIoBinding _binding;

        public Bound(InferenceSession session, HostMemory memory, float[] rows)
        {
            var count = rows.Length / Mlp.Inputs;
            _input = new TensorBuffer(rows.Length * sizeof(float), memory.Pool);
            _output = new TensorBuffer(count * Mlp.Outputs * sizeof(float), memory.Pool);
            rows.CopyTo(MemoryMarshal.Cast<byte, float>(_input.Bytes));
            _x = OrtValue.CreateTensorValueWithData(memory.Info, TensorElementType.Float, [count, Mlp.Inputs], _input.Address, _input.Length);
            _y = OrtValue.CreateTensorValueWithData(memory.Info, TensorElementType.Float, [count, Mlp.Outputs], _output.Address, _output.Length);
            _binding = session.CreateIoBinding();
            _binding.BindInput("x", _x);
            _binding.BindOutput("y", _y);
        }

        public float[] Outputs => MemoryMarshal.Cast<byte, float>(_output.Bytes).ToArray();

        public void Run(InferenceSession session, RunOptions options)
        {
            session.RunWithBinding(options, _binding);
            _binding.SynchronizeBoundOutputs();
        }

        public void Dispose()
        {
            _binding.Dispose();
            _x.Dispose();
            _y.Dispose();
            _input.Dispose();
            _output.Dispose();
        }
    }
}
