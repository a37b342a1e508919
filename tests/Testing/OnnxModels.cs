using System.Runtime.InteropServices;
using Sluice.Contracts;

namespace Sluice.Testing;

/// <summary>Small valid ONNX files made in memory. Inputs are named x (or a, b), outputs y, unless told otherwise.</summary>
public static class OnnxModels
{
    private const int MatrixSize = 48;

    /// <summary>x → y by an operator that no runtime knows: a sound file, whose loading fails.</summary>
    public static byte[] Unloadable() => new OnnxGraph()
        .Input("x", Datatype.Fp32, -1, 13)
        .Output("y", Datatype.Fp32, -1, 13)
        .Node("NoSuchOperator", ["x"], ["y"])
        .ToModel();

    /// <summary>y = x, of any datatype and shape (-1 = any size).</summary>
    public static byte[] Identity(string datatype, params long[] shape) => new OnnxGraph()
        .Input("x", datatype, shape)
        .Output("y", datatype, shape)
        .Node("Identity", ["x"], ["y"])
        .ToModel();

    /// <summary>y = x · factor, FP32.</summary>
    public static byte[] Scale(float factor, params long[] shape) => new OnnxGraph()
        .Input("x", Datatype.Fp32, shape)
        .Output("y", Datatype.Fp32, shape)
        .Constant("factor", Datatype.Fp32, [], factor)
        .Node("Mul", ["x", "factor"], ["y"])
        .ToModel();

    /// <summary>y = x + term, FP32.</summary>
    public static byte[] Add(float term, params long[] shape) => new OnnxGraph()
        .Input("x", Datatype.Fp32, shape)
        .Output("y", Datatype.Fp32, shape)
        .Constant("term", Datatype.Fp32, [], term)
        .Node("Add", ["x", "term"], ["y"])
        .ToModel();

    /// <summary>Inputs a, b; outputs sum, difference; all FP32 [-1, columns], with as many rows everywhere.</summary>
    public static byte[] SumAndDifference(long columns = 2) => new OnnxGraph()
        .Input("a", Datatype.Fp32, -2, columns)
        .Input("b", Datatype.Fp32, -2, columns)
        .Output("sum", Datatype.Fp32, -2, columns)
        .Output("difference", Datatype.Fp32, -2, columns)
        .Node("Add", ["a", "b"], ["sum"])
        .Node("Sub", ["a", "b"], ["difference"])
        .ToModel();

    /// <summary>y = table[x] with x INT64 [-1] and y FP32 [-1]; the table is 10, 20, 30. Fails at run time when an x is outside -3 to 2.</summary>
    public static byte[] Lookup() => new OnnxGraph()
        .Input("x", Datatype.Int64, -1)
        .Output("y", Datatype.Fp32, -1)
        .Constant("table", Datatype.Fp32, [3], 10f, 20f, 30f)
        .Node("Gather", ["table", "x"], ["y"])
        .ToModel();

    /// <summary>Like <see cref="Lookup"/>, but of x + 3: fails at run time on a zero input, and on any x but -6 to -1.</summary>
    public static byte[] FailsOnZero() => new OnnxGraph()
        .Input("x", Datatype.Int64, -1)
        .Output("y", Datatype.Fp32, -1)
        .Constant("three", Datatype.Int64, [], 3L)
        .Constant("table", Datatype.Fp32, [3], 10f, 20f, 30f)
        .Node("Add", ["x", "three"], ["index"])
        .Node("Gather", ["table", "index"], ["y"])
        .ToModel();

    /// <summary>y = √x, FP32 [-1]: not a number where x is negative.</summary>
    public static byte[] SquareRoot() => new OnnxGraph()
        .Input("x", Datatype.Fp32, -1)
        .Output("y", Datatype.Fp32, -1)
        .Node("Sqrt", ["x"], ["y"])
        .ToModel();

    /// <summary>
    /// Multiplies a matrix x times, x INT64 [1]: a request that takes as long as it asks for (about 1 ms for 100 rounds), and none for zero.
    /// y FP32 [1] is the first element of the product.
    /// </summary>
    public static byte[] Slow() => Multiplied(new OnnxGraph()
        .Input("x", Datatype.Int64, 1)
        .Output("y", Datatype.Fp32, 1)
        .Constant("scalar", Datatype.Int64, [0], Array.Empty<long>())
        .Constant("zero", Datatype.Int64, [1], 0L)
        .Constant("row", Datatype.Int64, [1], (long)MatrixSize * MatrixSize)
        .Node("Reshape", ["x", "scalar"], ["rounds"]))
        .Node("Reshape", ["product", "row"], ["flat"])
        .Node("Gather", ["flat", "zero"], ["y"])
        .ToModel();

    /// <summary>
    /// y = x, INT64 [-1], row by row, but with as many rounds of <see cref="Slow"/> as the largest x of the run asks for: a joined run lasts as long as
    /// its slowest row.
    /// </summary>
    public static byte[] SlowRows() => Multiplied(new OnnxGraph()
        .Input("x", Datatype.Int64, -2)
        .Output("y", Datatype.Int64, -2)
        .Constant("corner", Datatype.Int64, [2], 0L, 0L)
        .Node("ReduceMax", ["x"], ["rounds"], OnnxAttribute.Int("keepdims", 0)))
        .Node("GatherND", ["product", "corner"], ["one"])
        .Node("Cast", ["one"], ["factor"], OnnxAttribute.Int("to", OnnxGraph.ElementType(Datatype.Int64)))
        .Node("Mul", ["x", "factor"], ["y"])
        .ToModel();

    /// <summary>
    /// y = table[x], x INT64 [-1, -1] and y FP32 of the same shape; the table is 0, 10, …, 990. Fails at run time on any x outside -100 to 99,
    /// and with it the whole run.
    /// </summary>
    public static byte[] Table() => new OnnxGraph()
        .Input("x", Datatype.Int64, -2, -3)
        .Output("y", Datatype.Fp32, -2, -3)
        .Constant<float>("table", Datatype.Fp32, [100], [.. Enumerable.Range(0, 100).Select(index => index * 10f)])
        .Node("Gather", ["table", "x"], ["y"])
        .ToModel();

    /// <summary>y = x less the mean of all numbers of the run, FP32 [-1, 2]: rows touch each other, which nothing declares.</summary>
    public static byte[] LessMean() => new OnnxGraph()
        .Input("x", Datatype.Fp32, -2, 2)
        .Output("y", Datatype.Fp32, -2, 2)
        .Node("ReduceMean", ["x"], ["mean"], OnnxAttribute.Int("keepdims", 1))
        .Node("Sub", ["x", "mean"], ["y"])
        .ToModel();

    /// <summary>
    /// A classifier: features FP32 [-1, features] → label INT64 [-1], probabilities FP32 [-1, classes], through a hidden layer. Its weights are
    /// made from the seed.
    /// </summary>
    public static byte[] Classifier(int features = 4, int classes = 3, int hidden = 8, int seed = 1)
    {
        var random = new Random(seed);
        return new OnnxGraph()
            .Input("features", Datatype.Fp32, -1, features)
            .Output("label", Datatype.Int64, -1)
            .Output("probabilities", Datatype.Fp32, -1, classes)
            .Constant("w1", Datatype.Fp32, [features, hidden], Weights(random, features * hidden))
            .Constant("b1", Datatype.Fp32, [hidden], Weights(random, hidden))
            .Constant("w2", Datatype.Fp32, [hidden, classes], Weights(random, hidden * classes))
            .Constant("b2", Datatype.Fp32, [classes], Weights(random, classes))
            .Node("Gemm", ["features", "w1", "b1"], ["z1"])
            .Node("Relu", ["z1"], ["a1"])
            .Node("Gemm", ["a1", "w2", "b2"], ["z2"])
            .Node("Softmax", ["z2"], ["probabilities"], OnnxAttribute.Int("axis", -1))
            .Node("ArgMax", ["probabilities"], ["label"], OnnxAttribute.Int("axis", -1), OnnxAttribute.Int("keepdims", 0))
            .ToModel();
    }

    /// <summary>A graph without inputs: y is always 1. A server has nothing to ask it.</summary>
    public static byte[] NoInputs() => new OnnxGraph()
        .Output("y", Datatype.Fp32, 1)
        .Constant("one", Datatype.Fp32, [1], 1f)
        .Node("Identity", ["one"], ["y"])
        .ToModel();

    /// <summary>y = x + weights, FP32 [-1, n], with the weights in a file of their own next to the model.</summary>
    /// <param name="location">Path of the file as the model names it.</param>
    /// <param name="weights">Its n values.</param>
    public static (byte[] Model, byte[] Data) ExternalData(string location, params float[] weights)
    {
        var model = new OnnxGraph()
            .Input("x", Datatype.Fp32, -1, weights.Length)
            .Output("y", Datatype.Fp32, -1, weights.Length)
            .ExternalConstant("weights", Datatype.Fp32, [weights.Length], location)
            .Node("Add", ["x", "weights"], ["y"])
            .ToModel();
        return (model, MemoryMarshal.AsBytes(weights.AsSpan()).ToArray());
    }

    /// <summary>A model of about the given size: y = x, and a constant nobody uses.</summary>
    public static byte[] OfSize(int bytes, int seed = 1)
    {
        var ballast = new byte[bytes];
        new Random(seed).NextBytes(ballast);
        return new OnnxGraph()
            .Input("x", Datatype.Fp32, -1)
            .Output("y", Datatype.Fp32, -1)
            .Constant("ballast", Datatype.UInt8, [bytes], ballast)
            .Node("Identity", ["x"], ["y"])
            .ToModel();
    }

    // Adds product, a unit matrix multiplied by itself as often as the scalar rounds says.
    private static OnnxGraph Multiplied(OnnxGraph graph)
    {
        var unit = new float[MatrixSize * MatrixSize];
        for (var i = 0; i < MatrixSize; i++)
        {
            unit[(i * MatrixSize) + i] = 1;
        }

        var body = new OnnxGraph()
            .Input("round", Datatype.Int64)
            .Input("goesOn", Datatype.Bool)
            .Input("before", Datatype.Fp32, MatrixSize, MatrixSize)
            .Output("goesOnStill", Datatype.Bool)
            .Output("after", Datatype.Fp32, MatrixSize, MatrixSize)
            .Node("Identity", ["goesOn"], ["goesOnStill"])
            .Node("MatMul", ["before", "matrix"], ["after"]);
        return graph
            .Constant("matrix", Datatype.Fp32, [MatrixSize, MatrixSize], unit)
            .Constant("yes", Datatype.Bool, [], true)
            .Node("Loop", ["rounds", "yes", "matrix"], ["product"], OnnxAttribute.Graph("body", body));
    }

    private static float[] Weights(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
}
