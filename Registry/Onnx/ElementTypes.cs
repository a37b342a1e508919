using Sluice.Contracts;

namespace Sluice.Registry.Onnx;

/// <summary>The element types of ONNX (TensorProto.DataType) as datatypes of the Open Inference Protocol.</summary>
internal static class ElementTypes
{
    /// <summary>The datatype; null when the protocol has none for it.</summary>
    public static string? ToDatatype(long elementType) => elementType switch
    {
        1 => Datatype.Fp32,
        2 => Datatype.UInt8,
        3 => Datatype.Int8,
        4 => Datatype.UInt16,
        5 => Datatype.Int16,
        6 => Datatype.Int32,
        7 => Datatype.Int64,
        8 => Datatype.Bytes,
        9 => Datatype.Bool,
        10 => Datatype.Fp16,
        11 => Datatype.Fp64,
        12 => Datatype.UInt32,
        13 => Datatype.UInt64,
        16 => Datatype.Bf16,
        _ => null,
    };

    /// <summary>The name that ONNX gives a type, for errors.</summary>
    public static string NameOf(long elementType) => elementType switch
    {
        0 => "UNDEFINED",
        14 => "COMPLEX64",
        15 => "COMPLEX128",
        17 => "FLOAT8E4M3FN",
        18 => "FLOAT8E4M3FNUZ",
        19 => "FLOAT8E5M2",
        20 => "FLOAT8E5M2FNUZ",
        21 => "UINT4",
        22 => "INT4",
        23 => "FLOAT4E2M1",
        _ => $"number {elementType}",
    };
}
