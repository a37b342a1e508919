using Sluice.Contracts;
using Sluice.Registry.Onnx;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Onnx;

/// <summary>What is read of an ONNX file, and what is said of one that is none.</summary>
public sealed class OnnxReaderTests
{
    [Theory]
    [InlineData(Datatype.Bool)]
    [InlineData(Datatype.UInt8)]
    [InlineData(Datatype.UInt16)]
    [InlineData(Datatype.UInt32)]
    [InlineData(Datatype.UInt64)]
    [InlineData(Datatype.Int8)]
    [InlineData(Datatype.Int16)]
    [InlineData(Datatype.Int32)]
    [InlineData(Datatype.Int64)]
    [InlineData(Datatype.Fp16)]
    [InlineData(Datatype.Bf16)]
    [InlineData(Datatype.Fp32)]
    [InlineData(Datatype.Fp64)]
    [InlineData(Datatype.Bytes)]
    public void Every_datatype_of_the_protocol_is_known(string datatype)
    {
        var signature = Read(OnnxModels.Identity(datatype, -1, 3)).Signature;

        AssertTensor(signature.Inputs.Single(), "x", datatype, -1, 3);
        AssertTensor(signature.Outputs.Single(), "y", datatype, -1, 3);
    }

    [Fact]
    public void Inputs_outputs_shapes_and_opset_are_read_in_the_graphs_order()
    {
        var model = Read(OnnxModels.Classifier(features: 4, classes: 3));

        AssertTensor(model.Signature.Inputs.Single(), "features", Datatype.Fp32, -1, 4);
        AssertTensor(model.Signature.Outputs[0], "label", Datatype.Int64, -1);
        AssertTensor(model.Signature.Outputs[1], "probabilities", Datatype.Fp32, -1, 3);
        Assert.Equal((8, 17), (model.IrVersion, model.Opset));
        Assert.Empty(model.ExternalFiles);
    }

    [Fact]
    public void The_model_that_another_tool_exported_is_read()
    {
        using var file = File.OpenRead(Repository.PathOf("samples", "wine", "1", "model.onnx"));

        var model = OnnxReader.Read(file);

        AssertTensor(model.Signature.Inputs.Single(), "features", Datatype.Fp32, -1, 13);
        Assert.Equal(["label", "probabilities"], model.Signature.Outputs.Select(output => output.Name));
        Assert.True(model.Opset > 0);
    }

    [Fact]
    public void A_scalar_has_no_dimensions_and_a_fixed_size_stays()
    {
        AssertTensor(Read(OnnxModels.Identity(Datatype.Fp32)).Signature.Inputs.Single(), "x", Datatype.Fp32);
        AssertTensor(Read(OnnxModels.Identity(Datatype.Fp32, 0, 7)).Signature.Inputs.Single(), "x", Datatype.Fp32, 0, 7);
    }

    [Fact]
    public void An_input_that_has_an_initial_value_is_no_input()
    {
        var model = new OnnxGraph()
            .Input("w", Datatype.Fp32, 1)
            .Input("x", Datatype.Fp32, 1)
            .Output("y", Datatype.Fp32, 1)
            .Constant("w", Datatype.Fp32, [1], 1f)
            .Node("Add", ["x", "w"], ["y"])
            .ToModel();

        Assert.Equal(["x"], Read(model).Signature.Inputs.Select(input => input.Name));
    }

    [Fact]
    public void An_operator_set_of_another_domain_is_not_the_opset()
    {
        var model = Hostile.Model(OnnxModels.Identity(Datatype.Fp32, -1), extra => extra.Message(8, import => import.String(1, "ai.onnx.ml").Int(2, 3)));

        Assert.Equal(17, Read(model).Opset);
    }

    [Fact]
    public void Files_that_hold_tensors_are_found_wherever_the_tensor_is()
    {
        Assert.Equal([new ExternalFile("weights.bin", 0)], Read(OnnxModels.ExternalData("weights.bin", 1, 2).Model).ExternalFiles);
        foreach (var (place, model) in Hostile.ExternalTensors("w.bin"))
        {
            Assert.True(Read(model).ExternalFiles is [{ Location: "w.bin", Size: 30 }], place);
        }
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("this is a text and no model", "no ONNX model")]
    [InlineData("{\"json\": true}", "no ONNX model")]
    [InlineData("PK\u0003\u0004 a zip archive begins like this", "ONNX model")]
    public void A_file_that_is_something_else_is_refused(string content, string reason) =>
        Assert.Contains(reason, Refusal(System.Text.Encoding.UTF8.GetBytes(content)), StringComparison.Ordinal);

    [Fact]
    public void A_model_cut_anywhere_is_refused_or_is_a_whole_model_without_its_last_fields()
    {
        var model = OnnxModels.Classifier();
        var refused = Enumerable.Range(0, model.Length).Count(length => FindRefusal(model[..length]) is not null);

        // Between two top-level fields a cut leaves a valid file; behind the graph there is one such place.
        Assert.InRange(refused, model.Length - 2, model.Length);
    }

    [Fact]
    public void A_model_without_a_graph_inputs_or_outputs_is_refused()
    {
        Assert.Contains("no graph", Refusal(Hostile.Bytes(model => model.Int(1, 8))), StringComparison.Ordinal);
        Assert.Contains("no inputs", Refusal(OnnxModels.NoInputs()), StringComparison.Ordinal);
        Assert.Contains("no outputs", Refusal(new OnnxGraph().Input("x", Datatype.Fp32, 1).ToModel()), StringComparison.Ordinal);
        Assert.Contains("ir_version", Refusal(Hostile.Bytes(model => model.Message(7, graph => graph.String(2, "g")))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(14, "COMPLEX64")]
    [InlineData(17, "FLOAT8E4M3FN")]
    [InlineData(22, "INT4")]
    [InlineData(0, "UNDEFINED")]
    [InlineData(99, "number 99")]
    public void A_datatype_that_cannot_be_served_is_named(int elementType, string name)
    {
        var refusal = Refusal(Hostile.Graph(graph => graph.Message(11, Hostile.Tensor("odd", elementType, 1))));

        Assert.Contains(name, refusal, StringComparison.Ordinal);
        Assert.Contains("'odd'", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_tensor_is_refused_by_name()
    {
        foreach (var (field, kind) in new[] { (4, "sequence"), (5, "map"), (8, "sparse tensor"), (9, "optional") })
        {
            var refusal = Refusal(Hostile.Graph(graph => graph.Message(12, value => value.String(1, "p").Message(2, type => type.Message(field, _ => { })))));
            Assert.Contains($"output 'p' is a {kind}", refusal, StringComparison.Ordinal);
        }

        Assert.Contains("without a type", Refusal(Hostile.Graph(graph => graph.Message(12, value => value.String(1, "p")))), StringComparison.Ordinal);
        Assert.Contains("without a name", Refusal(Hostile.Graph(graph => graph.Message(12, Hostile.Tensor("", 1, 1)))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_shape_that_is_missing_or_negative_is_refused()
    {
        var shapeless = Hostile.Graph(graph => graph.Message(12, value => value.String(1, "p").Message(2, type => type.Message(1, tensor => tensor.Int(1, 1)))));
        Assert.Contains("'p' has no shape", Refusal(shapeless), StringComparison.Ordinal);
        Assert.Contains("size -7", Refusal(Hostile.Graph(graph => graph.Message(12, Hostile.Tensor("p", 1, -7)))), StringComparison.Ordinal);
        AssertTensor(Read(Hostile.Model(OnnxModels.Identity(Datatype.Fp32, 1), extra => extra.Message(7, graph => graph.Message(12, Hostile.Tensor("p", 1, -1)))))
            .Signature.Outputs[1], "p", Datatype.Fp32, -1);
    }

    [Fact]
    public void Two_tensors_of_one_name_are_refused()
    {
        var model = new OnnxGraph().Input("x", Datatype.Fp32, 1).Output("y", Datatype.Fp32, 1).Output("y", Datatype.Fp32, 1).Node("Identity", ["x"], ["y"]).ToModel();

        Assert.Contains("two outputs named 'y'", Refusal(model), StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_names_and_lists_have_limits()
    {
        Assert.Contains("nests deeper", Refusal(Hostile.DeepGraphs(depth: 500)), StringComparison.Ordinal);
        Assert.Contains("5000 bytes", Refusal(new OnnxGraph().Input(new string('x', 5000), Datatype.Fp32).ToModel()), StringComparison.Ordinal);
        Assert.Contains("32 MiB", Refusal(Hostile.Graph(graph => Times(10_000, _ => graph.Message(5, tensor => tensor.String(8, new string('n', 4000)))))), StringComparison.Ordinal);
        Assert.Contains("dimensions", Refusal(Hostile.Graph(graph => graph.Message(11, Hostile.Tensor("x", 1, new long[65])))), StringComparison.Ordinal);
        Assert.Contains("at most 1000", Refusal(Hostile.Graph(graph => Times(1001, i => graph.Message(11, Hostile.Tensor($"x{i}", 1, 1))))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_is_not_UTF_8_is_refused() =>
        Assert.Contains("UTF-8", Refusal(Hostile.Graph(graph => graph.Message(11, value => value.Bytes(1, [0xFF, 0xFE])))), StringComparison.Ordinal);

    [Fact]
    public void A_model_of_many_gigabytes_is_read_without_its_weights()
    {
        const long Weights = 40L << 30;
        using var file = new HollowModel(OnnxModels.Scale(2, -1, 4), Weights);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var model = OnnxReader.Read(file);

        AssertTensor(model.Signature.Inputs.Single(), "x", Datatype.Fp32, -1, 4);
        Assert.True(file.Length > Weights);
        Assert.True(file.BytesRead < 100_000, $"{file.BytesRead} bytes were read");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    private static OnnxModel Read(byte[] model) => OnnxReader.Read(new MemoryStream(model));

    private static string Refusal(byte[] model) => Assert.Throws<OnnxFormatException>(() => Read(model)).Message;

    private static string? FindRefusal(byte[] model)
    {
        try
        {
            Read(model);
            return null;
        }
        catch (OnnxFormatException exception)
        {
            return exception.Message;
        }
    }

    private static void AssertTensor(TensorSpec tensor, string name, string datatype, params long[] shape)
    {
        Assert.Equal((name, datatype), (tensor.Name, tensor.Datatype));
        Assert.Equal(shape, tensor.Shape);
    }

    private static void Times(int count, Action<int> action)
    {
        for (var i = 0; i < count; i++)
        {
            action(i);
        }
    }
}
