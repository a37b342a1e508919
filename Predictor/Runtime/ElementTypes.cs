using Microsoft.ML.OnnxRuntime.Tensors;
using Sluice.Contracts;

namespace Sluice.Predictor.Runtime;

/// <summary>The datatypes of the protocol and those of ONNX Runtime, in one table.</summary>
internal static class ElementTypes
{
    private static readonly (string Datatype, TensorElementType Element, int Bytes)[] Table =
    [
        (Datatype.Bool, TensorElementType.Bool, 1),
        (Datatype.UInt8, TensorElementType.UInt8, 1),
        (Datatype.UInt16, TensorElementType.UInt16, 2),
        (Datatype.UInt32, TensorElementType.UInt32, 4),
        (Datatype.UInt64, TensorElementType.UInt64, 8),
        (Datatype.Int8, TensorElementType.Int8, 1),
        (Datatype.Int16, TensorElementType.Int16, 2),
        (Datatype.Int32, TensorElementType.Int32, 4),
        (Datatype.Int64, TensorElementType.Int64, 8),
        (Datatype.Fp16, TensorElementType.Float16, 2),
        (Datatype.Bf16, TensorElementType.BFloat16, 2),
        (Datatype.Fp32, TensorElementType.Float, 4),
        (Datatype.Fp64, TensorElementType.Double, 8),
        (Datatype.Bytes, TensorElementType.String, 0),
    ];

    /// <summary>The runtime's element type of a datatype.</summary>
    public static TensorElementType ElementOf(string datatype) => Find(datatype).Element;

    /// <summary>Bytes of one element; 0 for strings, which have no fixed size.</summary>
    public static int SizeOf(string datatype) => Find(datatype).Bytes;

    /// <summary>The datatype of a runtime's element type; null for one that the protocol has no name for.</summary>
    public static string? DatatypeOf(TensorElementType element) => Array.Find(Table, row => row.Element == element).Datatype;

    private static (string Datatype, TensorElementType Element, int Bytes) Find(string datatype)
    {
        var row = Array.Find(Table, row => row.Datatype == datatype);
        return row.Datatype is null ? throw new ArgumentOutOfRangeException(nameof(datatype), datatype, "Not a datatype of the protocol.") : row;
    }
}
