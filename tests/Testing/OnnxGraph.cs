using System.Runtime.InteropServices;
using Sluice.Contracts;

namespace Sluice.Testing;

/// <summary>An ONNX graph in the making, field by field of the public <c>onnx.proto</c>; <see cref="ToModel"/> is the file.</summary>
/// <remarks>
/// A dimension of -1 gets a name of its own: it is any size, and equal to no other one. One of -2 or less gets the same name wherever it stands.
/// </remarks>
public sealed class OnnxGraph
{
    private readonly ProtobufWriter _graph = new();
    private int _named;

    /// <summary>The number that ONNX gives a datatype.</summary>
    public static int ElementType(string datatype) => datatype switch
    {
        Datatype.Fp32 => 1,
        Datatype.UInt8 => 2,
        Datatype.Int8 => 3,
        Datatype.UInt16 => 4,
        Datatype.Int16 => 5,
        Datatype.Int32 => 6,
        Datatype.Int64 => 7,
        Datatype.Bytes => 8,
        Datatype.Bool => 9,
        Datatype.Fp16 => 10,
        Datatype.Fp64 => 11,
        Datatype.UInt32 => 12,
        Datatype.UInt64 => 13,
        Datatype.Bf16 => 16,
        _ => throw new ArgumentOutOfRangeException(nameof(datatype), datatype, null),
    };

    /// <summary>Adds an input.</summary>
    public OnnxGraph Input(string name, string datatype, params long[] shape) => Value(11, name, datatype, shape);

    /// <summary>Adds an output.</summary>
    public OnnxGraph Output(string name, string datatype, params long[] shape) => Value(12, name, datatype, shape);

    /// <summary>Adds a constant.</summary>
    public OnnxGraph Constant<T>(string name, string datatype, long[] shape, params T[] values)
        where T : unmanaged =>
        Tensor(name, datatype, shape, tensor => tensor.Bytes(9, MemoryMarshal.AsBytes(values.AsSpan())));

    /// <summary>Adds a constant whose bytes lie in a file next to the model.</summary>
    public OnnxGraph ExternalConstant(string name, string datatype, long[] shape, string location) =>
        Tensor(name, datatype, shape, tensor => tensor
            .Message(13, entry => entry.String(1, "location").String(2, location))
            .Int(14, 1));

    /// <summary>Adds a node.</summary>
    public OnnxGraph Node(string operation, string[] inputs, string[] outputs, params OnnxAttribute[] attributes)
    {
        _graph.Message(1, node =>
        {
            Array.ForEach(inputs, input => node.String(1, input));
            Array.ForEach(outputs, output => node.String(2, output));
            node.String(3, outputs[0]).String(4, operation);
            Array.ForEach(attributes, attribute => node.Message(5, attribute.Write));
        });
        return this;
    }

    /// <summary>The file: the graph as a model of an operator set (17 unless told).</summary>
    public byte[] ToModel(long opset = 17) => new ProtobufWriter()
        .Int(1, 8)
        .String(2, "sluice-tests")
        .Bytes(7, ToGraph())
        .Message(8, import => import.String(1, "").Int(2, opset))
        .ToArray();

    internal byte[] ToGraph() => new ProtobufWriter().String(2, "g").ToArray().Concat(_graph.ToArray()).ToArray();

    private OnnxGraph Value(int field, string name, string datatype, long[] shape)
    {
        _graph.Message(field, value => value.String(1, name).Message(2, type => type.Message(1, tensor => tensor
            .Int(1, ElementType(datatype))
            .Message(2, dimensions =>
            {
                foreach (var size in shape)
                {
                    dimensions.Message(1, dimension => _ = size switch
                    {
                        -1 => dimension.String(2, $"n{_named++}"),
                        < -1 => dimension.String(2, $"same{-size}"),
                        _ => dimension.Int(1, size),
                    });
                }
            }))));
        return this;
    }

    private OnnxGraph Tensor(string name, string datatype, long[] shape, Action<ProtobufWriter> write)
    {
        _graph.Message(5, tensor =>
        {
            Array.ForEach(shape, size => tensor.Int(1, size));
            tensor.Int(2, ElementType(datatype)).String(8, name);
            write(tensor);
        });
        return this;
    }
}

/// <summary>An attribute of a node.</summary>
public sealed class OnnxAttribute
{
    private OnnxAttribute(Action<ProtobufWriter> write) => Write = write;

    internal Action<ProtobufWriter> Write { get; }

    /// <summary>A whole number.</summary>
    public static OnnxAttribute Int(string name, long value) => new(writer => writer.String(1, name).Int(3, value).Int(20, 2));

    /// <summary>A number.</summary>
    public static OnnxAttribute Float(string name, float value) => new(writer => writer.String(1, name).Float(2, value).Int(20, 1));

    /// <summary>A graph: the body of a loop or a branch.</summary>
    public static OnnxAttribute Graph(string name, OnnxGraph value) => new(writer => writer.String(1, name).Bytes(6, value.ToGraph()).Int(20, 5));
}
