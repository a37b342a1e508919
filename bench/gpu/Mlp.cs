using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.GpuBench;

/// <summary>The model that is measured: x FP32 [-1, 784] → y FP32 [-1, 10], through two layers of 1,024.</summary>
internal static class Mlp
{
    public const int Inputs = 784;
    public const int Outputs = 10;

    private static readonly int[] Widths = [Inputs, 1024, 1024, Outputs];

    /// <summary>The file. Its weights are random, and of a size that keeps the numbers near 1.</summary>
    public static byte[] ToModel()
    {
        var random = new Random(1);
        var graph = new OnnxGraph().Input("x", Datatype.Fp32, -1, Inputs).Output("y", Datatype.Fp32, -1, Outputs);
        var last = "x";
        for (var i = 1; i < Widths.Length; i++)
        {
            var (rows, columns) = (Widths[i - 1], Widths[i]);
            var end = i == Widths.Length - 1;
            graph
                .Constant($"w{i}", Datatype.Fp32, [rows, columns], Numbers(random, rows * columns, MathF.Sqrt(6f / rows)))
                .Constant($"b{i}", Datatype.Fp32, [columns], Numbers(random, columns, 0.1f))
                .Node("Gemm", [last, $"w{i}", $"b{i}"], [end ? "y" : $"z{i}"]);
            if (!end)
            {
                graph.Node("Relu", [$"z{i}"], [$"a{i}"]);
            }

            last = $"a{i}";
        }

        return graph.ToModel();
    }

    /// <summary>Rows to ask about, the same ones each time.</summary>
    public static float[] Rows(int count) => Numbers(new Random(2), count * Inputs, 1);

    private static float[] Numbers(Random random, int count, float limit) =>
        [.. Enumerable.Range(0, count).Select(_ => ((random.NextSingle() * 2) - 1) * limit)];
}
