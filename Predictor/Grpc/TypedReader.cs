using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;
using Sluice.Protos;

namespace Sluice.Predictor.Grpc;

/// <summary>Tensors whose elements come one by one, in the field of their datatype.</summary>
internal static class TypedReader
{
    private static readonly InferTensorContents None = new();

    /// <summary>The field that carries a datatype; null for FP16 and BF16, which have none.</summary>
    public static string? FieldOf(string datatype) => datatype switch
    {
        Datatype.Bool => "bool_contents",
        Datatype.Int8 or Datatype.Int16 or Datatype.Int32 => "int_contents",
        Datatype.Int64 => "int64_contents",
        Datatype.UInt8 or Datatype.UInt16 or Datatype.UInt32 => "uint_contents",
        Datatype.UInt64 => "uint64_contents",
        Datatype.Fp32 => "fp32_contents",
        Datatype.Fp64 => "fp64_contents",
        Datatype.Bytes => "bytes_contents",
        _ => null,
    };

    /// <summary>Makes the tensor; the caller disposes it.</summary>
    /// <exception cref="InferenceException">The elements do not fill the shape, are out of range, or stand in another datatype's field.</exception>
    public static InputTensor Read(TensorSpec spec, long[] shape, InferTensorContents? contents)
    {
        contents ??= None;
        var count = CheckFields(spec, contents);
        if (count != ShapeText.TryCount(shape))
        {
            var taken = ShapeText.TryCount(shape)?.ToString(CultureInfo.InvariantCulture) ?? "far more";
            throw InferenceException.Client(
                $"The input {spec.Name}: {FieldOf(spec.Datatype)} has {count} elements, the shape {ShapeText.Of(shape)} takes {taken}.");
        }

        var tensor = spec.Datatype == Datatype.Bytes
            ? new InputTensor(spec.Name, spec.Datatype, shape, LengthOf(spec, contents.BytesContents))
            : InputTensor.OfElements(spec.Name, spec.Datatype, shape, count);
        try
        {
            Fill(tensor, contents);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    // The elements in the right field; any in another one were meant for something else.
    private static int CheckFields(TensorSpec spec, InferTensorContents contents)
    {
        var expected = FieldOf(spec.Datatype)
            ?? throw InferenceException.Client($"The input {spec.Name}: {spec.Datatype} has no typed contents, send all inputs in raw_input_contents.");
        var count = 0;
        foreach (var (field, length) in Lengths(contents))
        {
            if (field == expected)
            {
                count = length;
            }
            else if (length > 0)
            {
                throw InferenceException.Client($"The input {spec.Name}: {field} is not for {spec.Datatype}, expected is {expected}.");
            }
        }

        return count;
    }

    private static ReadOnlySpan<(string Field, int Length)> Lengths(InferTensorContents contents) => new (string, int)[]
    {
        ("bool_contents", contents.BoolContents.Count),
        ("int_contents", contents.IntContents.Count),
        ("int64_contents", contents.Int64Contents.Count),
        ("uint_contents", contents.UintContents.Count),
        ("uint64_contents", contents.Uint64Contents.Count),
        ("fp32_contents", contents.Fp32Contents.Count),
        ("fp64_contents", contents.Fp64Contents.Count),
        ("bytes_contents", contents.BytesContents.Count),
    };

    private static void Fill(InputTensor tensor, InferTensorContents contents)
    {
        switch (tensor.Datatype)
        {
            case Datatype.Bool:
                Copy(contents.BoolContents, tensor.Elements<bool>());
                break;
            case Datatype.Int8:
                Narrow(contents.IntContents, tensor.Elements<sbyte>(), tensor);
                break;
            case Datatype.Int16:
                Narrow(contents.IntContents, tensor.Elements<short>(), tensor);
                break;
            case Datatype.Int32:
                Copy(contents.IntContents, tensor.Elements<int>());
                break;
            case Datatype.Int64:
                Copy(contents.Int64Contents, tensor.Elements<long>());
                break;
            case Datatype.UInt8:
                Narrow(contents.UintContents, tensor.Elements<byte>(), tensor);
                break;
            case Datatype.UInt16:
                Narrow(contents.UintContents, tensor.Elements<ushort>(), tensor);
                break;
            case Datatype.UInt32:
                Copy(contents.UintContents, tensor.Elements<uint>());
                break;
            case Datatype.UInt64:
                Copy(contents.Uint64Contents, tensor.Elements<ulong>());
                break;
            case Datatype.Fp32:
                Copy(contents.Fp32Contents, tensor.Elements<float>());
                break;
            case Datatype.Fp64:
                Copy(contents.Fp64Contents, tensor.Elements<double>());
                break;
            case Datatype.Bytes:
                Copy(contents.BytesContents, tensor.Bytes);
                break;
            default:
                throw new UnreachableException($"{tensor.Datatype} has no typed contents.");
        }
    }

    private static void Copy<T>(RepeatedField<T> from, Span<T> to)
    {
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = from[i];
        }
    }

    private static void Narrow<TWide, T>(RepeatedField<TWide> from, Span<T> to, InputTensor tensor)
        where TWide : IBinaryInteger<TWide>
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = T.CreateTruncating(from[i]);
            if (TWide.CreateTruncating(to[i]) != from[i])
            {
                throw InferenceException.Client(
                    $"The input {tensor.Name}: element {i} of {FieldOf(tensor.Datatype)} is {from[i]}, {tensor.Datatype} takes {T.MinValue} to {T.MaxValue}.");
            }
        }
    }

    private static void Copy(RepeatedField<ByteString> from, Span<byte> to)
    {
        foreach (var element in from)
        {
            to = to[RawStrings.Write(to, element.Span)..];
        }
    }

    private static int LengthOf(TensorSpec spec, RepeatedField<ByteString> elements)
    {
        var length = elements.Sum(element => (long)RawStrings.PrefixLength + element.Length);
        return length <= Array.MaxLength ? (int)length : throw InferenceException.Client($"The input {spec.Name} has more than 2 GiB.");
    }
}
