using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Sluice.Contracts;
using Sluice.Protos;
using InferInputTensor = Sluice.Protos.ModelInferRequest.Types.InferInputTensor;

namespace Sluice.Predictor.Tests.Grpc;

/// <summary>Requests and tensors in both forms, made here and not by the code under test.</summary>
internal static class Tensors
{
    public static readonly string[] Typed =
    [
        Datatype.Bool, Datatype.UInt8, Datatype.UInt16, Datatype.UInt32, Datatype.UInt64, Datatype.Int8, Datatype.Int16, Datatype.Int32, Datatype.Int64,
        Datatype.Fp32, Datatype.Fp64, Datatype.Bytes,
    ];

    public static readonly string[] Datatypes = [.. Typed, Datatype.Fp16, Datatype.Bf16];

    /// <summary>Four elements of a datatype, the extremes among them, typed.</summary>
    public static InferTensorContents Contents(string datatype) => datatype switch
    {
        Datatype.Bool => new() { BoolContents = { true, false, false, true } },
        Datatype.UInt8 => new() { UintContents = { 0, 255, 1, 128 } },
        Datatype.UInt16 => new() { UintContents = { 0, 65535, 1, 256 } },
        Datatype.UInt32 => new() { UintContents = { 0, uint.MaxValue, 1, 65536 } },
        Datatype.UInt64 => new() { Uint64Contents = { 0, ulong.MaxValue, 1, 1UL << 53 | 1 } },
        Datatype.Int8 => new() { IntContents = { -128, 127, -1, 0 } },
        Datatype.Int16 => new() { IntContents = { -32768, 32767, -1, 0 } },
        Datatype.Int32 => new() { IntContents = { int.MinValue, int.MaxValue, -1, 0 } },
        Datatype.Int64 => new() { Int64Contents = { long.MinValue, long.MaxValue, -1, (1L << 53) + 1 } },
        Datatype.Fp32 => new() { Fp32Contents = { float.NaN, float.NegativeInfinity, -0f, float.Epsilon } },
        Datatype.Fp64 => new() { Fp64Contents = { double.NaN, double.PositiveInfinity, -0.0, 0.1 } },
        Datatype.Bytes => new() { BytesContents = { ByteString.Empty, ByteString.CopyFromUtf8("ä"), ByteString.CopyFrom(0, 255, 0), ByteString.CopyFromUtf8("plain") } },
        _ => throw new ArgumentOutOfRangeException(nameof(datatype), datatype, null),
    };

    /// <summary>The same four elements as bytes.</summary>
    public static byte[] Raw(string datatype) => datatype switch
    {
        Datatype.Bool => [1, 0, 0, 1],
        Datatype.UInt8 => [0, 255, 1, 128],
        Datatype.UInt16 => Bytes<ushort>(0, 65535, 1, 256),
        Datatype.UInt32 => Bytes<uint>(0, uint.MaxValue, 1, 65536),
        Datatype.UInt64 => Bytes<ulong>(0, ulong.MaxValue, 1, 1UL << 53 | 1),
        Datatype.Int8 => Bytes<sbyte>(-128, 127, -1, 0),
        Datatype.Int16 => Bytes<short>(-32768, 32767, -1, 0),
        Datatype.Int32 => Bytes(int.MinValue, int.MaxValue, -1, 0),
        Datatype.Int64 => Bytes(long.MinValue, long.MaxValue, -1, (1L << 53) + 1),
        Datatype.Fp32 => Bytes(float.NaN, float.NegativeInfinity, -0f, float.Epsilon),
        Datatype.Fp64 => Bytes(double.NaN, double.PositiveInfinity, -0.0, 0.1),
        Datatype.Bytes => Strings([], "ä"u8.ToArray(), [0, 255, 0], "plain"u8.ToArray()),
        Datatype.Fp16 => Bytes((Half)1.5, Half.NaN, Half.MinValue, Half.Epsilon),
        Datatype.Bf16 => Bytes<ushort>(0x3FC0, 0x7FC0, 0xFF7F, 0x0001),
        _ => throw new ArgumentOutOfRangeException(nameof(datatype), datatype, null),
    };

    public static byte[] Bytes<T>(params T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    /// <summary>Elements of BYTES in the raw form.</summary>
    public static byte[] Strings(params byte[][] elements) => [.. elements.SelectMany(element =>
    {
        var prefix = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(prefix, (uint)element.Length);
        return prefix.Concat(element);
    })];

    public static InferInputTensor Input(string name, string datatype, params long[] shape) => new() { Name = name, Datatype = datatype, Shape = { shape } };

    /// <summary>A request of one input, without its elements.</summary>
    public static ModelInferRequest Request(string model, string datatype, params long[] shape) => new() { ModelName = model, Inputs = { Input("x", datatype, shape) } };

    public static ModelInferRequest TypedRequest(string model, string datatype, InferTensorContents contents, params long[] shape)
    {
        var request = Request(model, datatype, shape);
        request.Inputs[0].Contents = contents;
        return request;
    }

    public static ModelInferRequest RawRequest(string model, string datatype, byte[] content, params long[] shape)
    {
        var request = Request(model, datatype, shape);
        request.RawInputContents.Add(ByteString.CopyFrom(content));
        return request;
    }

    /// <summary>A request to y = x of FP32 [-1] that is right.</summary>
    public static ModelInferRequest Line(params float[] values) => TypedRequest("line", Datatype.Fp32, new() { Fp32Contents = { values } }, values.Length);
}
