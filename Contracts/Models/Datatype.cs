namespace Sluice.Contracts;

/// <summary>Datatypes of tensors, by their names in the Open Inference Protocol v2.</summary>
public static class Datatype
{
    /// <summary>One byte, 0 or 1.</summary>
    public const string Bool = "BOOL";

    /// <summary>Unsigned, 1 byte.</summary>
    public const string UInt8 = "UINT8";

    /// <summary>Unsigned, 2 bytes.</summary>
    public const string UInt16 = "UINT16";

    /// <summary>Unsigned, 4 bytes.</summary>
    public const string UInt32 = "UINT32";

    /// <summary>Unsigned, 8 bytes.</summary>
    public const string UInt64 = "UINT64";

    /// <summary>Signed, 1 byte.</summary>
    public const string Int8 = "INT8";

    /// <summary>Signed, 2 bytes.</summary>
    public const string Int16 = "INT16";

    /// <summary>Signed, 4 bytes.</summary>
    public const string Int32 = "INT32";

    /// <summary>Signed, 8 bytes.</summary>
    public const string Int64 = "INT64";

    /// <summary>IEEE 754 half, 2 bytes.</summary>
    public const string Fp16 = "FP16";

    /// <summary>bfloat16, 2 bytes.</summary>
    public const string Bf16 = "BF16";

    /// <summary>IEEE 754 single, 4 bytes.</summary>
    public const string Fp32 = "FP32";

    /// <summary>IEEE 754 double, 8 bytes.</summary>
    public const string Fp64 = "FP64";

    /// <summary>Strings of bytes, of any length.</summary>
    public const string Bytes = "BYTES";
}
