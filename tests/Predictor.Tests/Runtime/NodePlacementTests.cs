using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Sluice.Contracts;
using Sluice.Predictor.Runtime;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Runtime;

public sealed class NodePlacementTests
{
    private const string CpuProvider = "CPUExecutionProvider";

    private static readonly ComputeDevice Gpu = ComputeDevice.Choose(new PredictorOptions { Provider = "cuda" }, _ => null, hasDevice: true);
    private static readonly ComputeDevice Processor = ComputeDevice.Choose(new PredictorOptions { Provider = "cpu" });

    [Fact]
    public void The_profile_of_a_run_tells_each_node_once_with_its_provider_and_goes()
    {
        using var folder = new TemporaryFolder();
        var placement = Profile(FlattenAndRoot(), folder, runs: 3);

        Assert.Equal(["Concat", "Gather", "Reshape", "Shape", "Sqrt"], placement.Nodes.Select(node => node.Operator).Order());
        Assert.Equal(5, Assert.Single(placement.Counts, each => each.Key == CpuProvider).Value);
        Assert.Empty(Directory.EnumerateFiles(folder.Path));
    }

    [Fact]
    public void Shapes_are_told_from_data_by_what_really_ran()
    {
        using var folder = new TemporaryFolder();
        var placement = Profile(FlattenAndRoot(), folder);

        Assert.Equal(["Concat", "Gather", "Shape"], placement.Nodes.Where(NodePlacement.ComputesShape).Select(node => node.Operator).Order());
        var problem = NodePlacement.FindProblem(placement, Gpu, allowCpuNodes: false);
        Assert.StartsWith("2 of 5 nodes do not run on cuda:0 but on the CPU: Reshape, Sqrt.", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Nodes_of_a_loop_are_told_too()
    {
        using var folder = new TemporaryFolder();
        using var options = Processor.CreateSessionOptions(profilePath: folder.PathOf("profile"));
        using var session = new InferenceSession(OnnxModels.Slow(), options);
        Run(session, OrtValue.CreateTensorValueFromMemory([50L], [1]));

        var placement = NodePlacement.TakeProfile(session.EndProfiling());
        Assert.Single(placement.Nodes, node => node.Operator == "MatMul");
        Assert.Contains(placement.Nodes, node => node.Operator == "Loop");
    }

    [Fact]
    public void Session_that_is_not_profiled_writes_nothing()
    {
        using var folder = new TemporaryFolder();
        using var options = Processor.CreateSessionOptions();
        Assert.False(options.EnableProfiling);
    }

    [Fact]
    public void File_that_is_no_profile_is_an_error_and_goes()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.PathOf("profile.json"), "[{]");
        Assert.ThrowsAny<JsonException>(() => NodePlacement.TakeProfile(folder.PathOf("profile.json")));
        Assert.Empty(Directory.EnumerateFiles(folder.Path));
    }

    [Fact]
    public void Everything_on_the_gpu_but_shapes_is_well()
    {
        var placement = Placement(OnGpu("Gemm"), OnCpu("Shape", rank: 1, elements: 2), OnCpu("Gather", rank: 0, elements: 1), OnGpu("MemcpyToHost"));
        Assert.Null(NodePlacement.FindProblem(placement, Gpu, allowCpuNodes: false));
    }

    [Theory]
    [InlineData("TreeEnsembleClassifier", 1, 1)]
    [InlineData("Gemm", 1, 3)]
    [InlineData("Gather", 2, 4)]
    [InlineData("Concat", 1, 65)]
    public void Data_on_the_processor_is_a_problem_that_names_the_operator(string name, int rank, long elements)
    {
        var problem = NodePlacement.FindProblem(Placement(OnGpu("Relu"), OnCpu(name, rank, elements)), Gpu, allowCpuNodes: false);
        Assert.StartsWith($"1 of 2 nodes do not run on cuda:0 but on the CPU: {name}.", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_of_which_one_output_is_data_works_on_data()
    {
        var split = new PlacedNode("split", "Split", CpuProvider, [new NodeOutput(1, 2), new NodeOutput(2, 8)]);
        Assert.NotNull(NodePlacement.FindProblem(Placement(split), Gpu, allowCpuNodes: false));
    }

    [Fact]
    public void A_long_list_of_operators_is_cut_and_counted()
    {
        var nodes = Enumerable.Range(0, 10).Select(i => OnCpu($"Op{i}", 2, 4)).Append(OnCpu("Op9", 2, 4)).ToArray();
        var problem = NodePlacement.FindProblem(Placement(nodes), Gpu, allowCpuNodes: false);
        Assert.Contains(": Op9 (2 times), Op0, Op1, Op2, Op3, Op4, Op5, Op6 and 2 more operators.", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_seen_is_no_proof() => Assert.NotNull(NodePlacement.FindProblem(Placement(), Gpu, allowCpuNodes: false));

    [Fact]
    public void What_is_allowed_or_asked_for_is_no_problem()
    {
        var placement = Placement(OnCpu("Gemm", 2, 4));
        Assert.Null(NodePlacement.FindProblem(placement, Gpu, allowCpuNodes: true));
        Assert.Null(NodePlacement.FindProblem(placement, Processor, allowCpuNodes: false));
    }

    private static NodePlacement Placement(params PlacedNode[] nodes) => new(nodes);

    private static PlacedNode OnGpu(string name) => new(name, name, "CUDAExecutionProvider", [new NodeOutput(2, 10)]);

    private static PlacedNode OnCpu(string name, int rank, long elements) => new(name, name, CpuProvider, [new NodeOutput(rank, elements)]);

    private static NodePlacement Profile(byte[] model, TemporaryFolder folder, int runs = 1)
    {
        using var options = Processor.CreateSessionOptions(profilePath: folder.PathOf("profile"));
        using var session = new InferenceSession(model, options);
        for (var i = 0; i < runs; i++)
        {
            Run(session, OrtValue.CreateTensorValueFromMemory([1f, 4f, 9f, 16f], [2, 2, 1]));
        }

        return NodePlacement.TakeProfile(session.EndProfiling());
    }

    private static void Run(InferenceSession session, OrtValue x)
    {
        using var runOptions = new RunOptions();
        using (x)
        {
            session.Run(runOptions, ["x"], [x], session.OutputNames).Dispose();
        }
    }

    // y = √x with the dimensions behind the first made one: its new shape is computed from the old one.
    private static byte[] FlattenAndRoot() => new OnnxGraph()
        .Input("x", Datatype.Fp32, -1, -1, -1)
        .Output("y", Datatype.Fp32, -1, -1)
        .Constant("zero", Datatype.Int64, [1], 0L)
        .Constant("rest", Datatype.Int64, [1], -1L)
        .Node("Shape", ["x"], ["shape"])
        .Node("Gather", ["shape", "zero"], ["rows"])
        .Node("Concat", ["rows", "rest"], ["wanted"], OnnxAttribute.Int("axis", 0))
        .Node("Reshape", ["x", "wanted"], ["flat"])
        .Node("Sqrt", ["flat"], ["y"])
        .ToModel();
}
