using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Onnx;

/// <summary>ONNX files that no exporter writes.</summary>
internal static class Hostile
{
    /// <summary>A file of whatever fields.</summary>
    public static byte[] Bytes(Action<ProtobufWriter> write)
    {
        var writer = new ProtobufWriter();
        write(writer);
        return writer.ToArray();
    }

    /// <summary>A model with more fields behind it; repeated messages are merged.</summary>
    public static byte[] Model(byte[] model, Action<ProtobufWriter> extra) => [.. model, .. Bytes(extra)];

    /// <summary>A valid model with more fields in its graph.</summary>
    public static byte[] Graph(Action<ProtobufWriter> extra) => Model(OnnxModels.Identity(Datatype.Fp32, -1), model => model.Message(7, extra));

    /// <summary>An input or output.</summary>
    public static Action<ProtobufWriter> Tensor(string name, int elementType, params long[] shape) => value => value
        .String(1, name)
        .Message(2, type => type.Message(1, tensor => tensor
            .Int(1, elementType)
            .Message(2, dimensions => Array.ForEach(shape, size => dimensions.Message(1, dimension => dimension.Int(1, size))))));

    /// <summary>Valid models with one external tensor of 10 bytes at byte 20 of a file, in every place where a tensor can be.</summary>
    public static IEnumerable<(string Place, byte[] Model)> ExternalTensors(string location)
    {
        yield return ("weight", Graph(graph => graph.Message(5, External)));
        yield return ("sparse weight", Graph(graph => graph.Message(15, sparse => sparse.Message(1, External))));
        yield return ("sparse weight's indices", Graph(graph => graph.Message(15, sparse => sparse.Message(2, External))));
        foreach (var (field, name) in new[] { (5, "tensor"), (10, "tensors") })
        {
            yield return ($"attribute {name}", Attribute(attribute => attribute.Message(field, External)));
        }

        foreach (var field in new[] { 6, 11 })
        {
            yield return ($"nested graph {field}", Attribute(attribute => attribute.Message(field, graph => graph.Message(5, External))));
            yield return ($"constant in nested graph {field}", Attribute(outer => outer.Message(field, graph => graph
                .Message(1, node => node.Message(5, inner => inner.Message(5, External))))));
        }

        foreach (var field in new[] { 22, 23 })
        {
            yield return ($"sparse attribute {field}", Attribute(attribute => attribute.Message(field, sparse => sparse.Message(1, External))));
        }

        var valid = OnnxModels.Identity(Datatype.Fp32, -1);
        yield return ("function", Model(valid, model => model.Message(25, function => function
            .Message(7, node => node.Message(5, attribute => attribute.Message(5, External))))));
        yield return ("function's default", Model(valid, model => model.Message(25, function => function.Message(11, attribute => attribute.Message(5, External)))));
        yield return ("training", Model(valid, model => model.Message(20, training => training.Message(1, graph => graph.Message(5, External)))));
        yield return ("training algorithm", Model(valid, model => model.Message(20, training => training.Message(2, graph => graph.Message(5, External)))));

        byte[] Attribute(Action<ProtobufWriter> write) => Graph(graph => graph.Message(1, node => node.String(4, "Constant").Message(5, write)));

        void External(ProtobufWriter tensor) => tensor
            .Message(13, entry => entry.String(1, "location").String(2, location))
            .Message(13, entry => entry.String(1, "offset").String(2, "20"))
            .Message(13, entry => entry.String(1, "length").String(2, "10"))
            .Int(14, 1);
    }

    /// <summary>A model with one external tensor of the given entries.</summary>
    public static byte[] External(params (string Key, string Value)[] entries) => Graph(graph => graph.Message(5, tensor =>
    {
        tensor.String(8, "w").Int(14, 1);
        Array.ForEach(entries, pair => tensor.Message(13, entry => entry.String(1, pair.Key).String(2, pair.Value)));
    }));

    /// <summary>Graphs within attributes of nodes of graphs, so many times.</summary>
    public static byte[] DeepGraphs(int depth)
    {
        byte[] graph = [];
        for (var i = 0; i < depth; i++)
        {
            var inner = graph;
            graph = Bytes(outer => outer.Message(1, node => node.Message(5, attribute => attribute.Bytes(6, inner))));
        }

        return Model(OnnxModels.Identity(Datatype.Fp32, -1), model => model.Bytes(7, graph));
    }
}
