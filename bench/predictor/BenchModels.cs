using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.PredictorBench;

/// <summary>The models that are served.</summary>
internal static class BenchModels
{
    /// <summary>Columns of the input of <see cref="Perceptron"/>.</summary>
    public const int PerceptronWidth = 784;

    /// <summary>Columns of the input of <see cref="Sum"/>: 1 MiB of FP32.</summary>
    public const int SumWidth = 1 << 18;

    /// <summary>The medium model: x FP32 [-1, 784] → 1024 → 1024 → y FP32 [-1, 10], rectified between; 7.4 MB of made up weights.</summary>
    public static byte[] Perceptron() => Layers([PerceptronWidth, 1024, 1024, 10], seed: 1);

    /// <summary>A small model of its own weights: x FP32 [-1, 4] → 8 → y FP32 [-1, 3].</summary>
    public static byte[] Small(int seed) => Layers([4, 8, 3], seed);

    /// <summary>y = Σ x by row, of a large x FP32 [-1, 262144]: next to nothing to compute, so that the way there and back is what is measured.</summary>
    public static byte[] Sum() => new OnnxGraph()
        .Input("x", Datatype.Fp32, -2, SumWidth)
        .Output("y", Datatype.Fp32, -2, 1)
        .Constant("columns", Datatype.Int64, [1], 1L)
        .Node("ReduceSum", ["x", "columns"], ["y"])
        .ToModel();

    private static byte[] Layers(int[] widths, int seed)
    {
        var random = new Random(seed);
        var last = widths.Length - 1;
        var graph = new OnnxGraph().Input("x", Datatype.Fp32, -2, widths[0]).Output("y", Datatype.Fp32, -2, widths[last]);
        for (var i = 1; i <= last; i++)
        {
            graph.Constant($"w{i}", Datatype.Fp32, [widths[i - 1], widths[i]], Weights(random, widths[i - 1] * widths[i], widths[i - 1]))
                .Constant($"b{i}", Datatype.Fp32, [widths[i]], Weights(random, widths[i], 1))
                .Node("Gemm", [i == 1 ? "x" : $"a{i - 1}", $"w{i}", $"b{i}"], [i == last ? "y" : $"z{i}"]);
            if (i < last)
            {
                graph.Node("Relu", [$"z{i}"], [$"a{i}"]);
            }
        }

        return graph.ToModel();
    }

    // Scaled so that sums neither vanish nor grow from layer to layer.
    private static float[] Weights(Random random, int count, int inputs) =>
        [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * 3 / MathF.Sqrt(inputs))];
}
