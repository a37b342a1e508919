using System.Collections.Frozen;
using System.Text.Json;

namespace Sluice.Predictor.Runtime;

/// <summary>An output of a node as a run made it.</summary>
/// <param name="Rank">How many dimensions.</param>
/// <param name="Elements">The product of the dimensions.</param>
internal readonly record struct NodeOutput(int Rank, long Elements);

/// <summary>A node of a graph, as the runtime has it after its optimisations, and what it was run by.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Operator">E.g. <c>Gemm</c>, or the fused operator that took its place.</param>
/// <param name="Provider">The execution provider, e.g. <c>CPUExecutionProvider</c>.</param>
/// <param name="Outputs">What it made.</param>
internal sealed record PlacedNode(string Name, string Operator, string Provider, IReadOnlyList<NodeOutput> Outputs);

/// <summary>Which nodes of a session ran on what: the runtime puts a node on the CPU, silently, when the GPU's provider has no kernel for it.</summary>
/// <remarks>
/// Read from the profile of a run. The C API's <c>Session_GetEpGraphAssignmentInfo</c> tells the same without a run, but the C# API does not show it,
/// and it has no sizes, which tell the arithmetic on shapes from that on data.
/// </remarks>
internal sealed class NodePlacement(IReadOnlyList<PlacedNode> nodes)
{
    /// <summary>A shape has one number a dimension; what has more elements, or more dimensions, is data.</summary>
    private const int MostShapeElements = 64;

    private const int MostNamed = 8;

    // What exporters make of "as many rows as the input has": it ends in the shape of a Reshape, Expand, Slice or Resize, which the runtime wants in
    // the processor's memory. To compute that on the GPU would cost two copies and a wait for each, so the runtime rightly does not.
    private static readonly FrozenSet<string> ShapeOperators = FrozenSet.Create(
        "Shape", "Size", "Constant", "ConstantOfShape", "Identity", "Range", "Gather", "Slice", "Concat", "Split", "Squeeze", "Unsqueeze", "Reshape", "Flatten", "Expand",
        "Tile", "Transpose", "Cast", "Add", "Sub", "Mul", "Div", "Mod", "Neg", "Abs", "Min", "Max", "Floor", "Ceil", "Sqrt", "Pow", "ReduceProd", "ReduceSum", "ReduceMax",
        "ReduceMin", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not", "And", "Or", "Where", "ScatterND", "ScatterElements", "NonZero");

    /// <summary>The nodes that ran, each once.</summary>
    public IReadOnlyList<PlacedNode> Nodes => nodes;

    /// <summary>Nodes by execution provider.</summary>
    public IReadOnlyDictionary<string, int> Counts { get; } = nodes.CountBy(node => node.Provider).ToDictionary();

    /// <summary>Reads the profile that a session wrote (<c>EndProfiling</c> gives its path) and deletes it.</summary>
    /// <exception cref="IOException">There is no such file.</exception>
    /// <exception cref="JsonException">It is not a profile.</exception>
    public static NodePlacement TakeProfile(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var events = JsonDocument.Parse(file);
            return new NodePlacement([.. events.RootElement.EnumerateArray().Where(IsNode).Select(Read).DistinctBy(node => (node.Name, node.Operator))]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Why a session is not what was asked for: on a GPU, nodes that work on data and ran elsewhere.</summary>
    /// <param name="placement">Of a run of the session.</param>
    /// <param name="device">What the session was made for.</param>
    /// <param name="allowCpuNodes">Whether the model may have such nodes.</param>
    /// <returns>One sentence or two that name the operators; null when all is well.</returns>
    public static string? FindProblem(NodePlacement placement, ComputeDevice device, bool allowCpuNodes)
    {
        if (device.CudaId is null || allowCpuNodes)
        {
            return null;
        }

        if (placement.Nodes.Count == 0)
        {
            return $"No node was seen to run, so it is not known whether they run on {device.Name}.";
        }

        var elsewhere = placement.Nodes.Where(node => node.Provider != CudaDevice.ProviderName && !ComputesShape(node)).ToArray();
        return elsewhere.Length == 0
            ? null
            : $"{elsewhere.Length} of {placement.Nodes.Count} nodes do not run on {device.Name} but on the CPU: {Name(elsewhere)}. "
                + "CUDA has no kernel for these operators with these datatypes: export the model with others, or allow CPU nodes for it.";
    }

    /// <summary>Whether it computes a shape, which belongs on the CPU: an operator that exporters use for it, and no more than a vector of a few numbers.</summary>
    internal static bool ComputesShape(PlacedNode node) => ShapeOperators.Contains(node.Operator)
        && node.Outputs.All(output => output is { Rank: <= 1, Elements: <= MostShapeElements });

    private static string Name(PlacedNode[] nodes)
    {
        var operators = nodes.CountBy(node => node.Operator).OrderByDescending(each => each.Value).ThenBy(each => each.Key, StringComparer.Ordinal).ToArray();
        var named = operators.Take(MostNamed).Select(each => each.Value == 1 ? each.Key : $"{each.Key} ({each.Value} times)");
        return string.Join(", ", named) + (operators.Length > MostNamed ? $" and {operators.Length - MostNamed} more operators" : "");
    }

    // {"cat": "Node", "name": "fc1_kernel_time", "args": {"op_name": "Gemm", "provider": "CPUExecutionProvider", "output_type_shape": [{"float": [1, 10]}], …}}
    private static bool IsNode(JsonElement each) => each.GetProperty("cat").ValueEquals("Node")
        && each.TryGetProperty("args", out var args) && args.TryGetProperty("provider", out _) && args.TryGetProperty("op_name", out _);

    private static PlacedNode Read(JsonElement node)
    {
        var args = node.GetProperty("args");
        return new PlacedNode(
            node.GetProperty("name").GetString()!,
            args.GetProperty("op_name").GetString()!,
            args.GetProperty("provider").GetString()!,
            args.TryGetProperty("output_type_shape", out var outputs) ? [.. outputs.EnumerateArray().SelectMany(Shapes).Select(Measure)] : []);
    }

    private static IEnumerable<JsonElement> Shapes(JsonElement output) => output.EnumerateObject().Select(typed => typed.Value);

    private static NodeOutput Measure(JsonElement shape) =>
        new(shape.GetArrayLength(), shape.EnumerateArray().Aggregate(1L, (product, size) => product * size.GetInt64()));
}
