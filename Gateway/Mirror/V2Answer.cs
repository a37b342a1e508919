using System.Buffers.Binary;
using System.Text.Json;
using Sluice.Contracts;

namespace Sluice.Gateway.Mirror;

/// <summary>Reads the outputs of an answer of v2, in JSON or as binary.</summary>
internal static class V2Answer
{
    /// <summary>Reads them.</summary>
    /// <param name="root">The JSON part.</param>
    /// <param name="binary">What comes after it: the binary outputs, in the order of the JSON part.</param>
    /// <param name="add">Takes each.</param>
    /// <exception cref="InvalidDataException">It is no such answer.</exception>
    public static void Read(JsonElement root, ReadOnlyMemory<byte> binary, Action<AnswerTensor> add)
    {
        foreach (var output in Get(root, "outputs", JsonValueKind.Array).EnumerateArray())
        {
            var name = Get(output, "name", JsonValueKind.String).GetString()!;
            var datatype = Get(output, "datatype", JsonValueKind.String).GetString()!;
            var shape = ShapeOf(output);
            var tensor = new AnswerTensor(name, datatype, shape);
            if (SizeOf(output) is not { } size)
            {
                add(FromJson(tensor, Get(output, "data", JsonValueKind.Array)));
                continue;
            }

            if (size > binary.Length)
            {
                throw new InvalidDataException("it has less binary data than it says");
            }

            add(FromBinary(tensor, binary[..size]));
            binary = binary[size..];
        }
    }

    /// <summary>Bytes of an element of a floating datatype; 0 for the others.</summary>
    public static int FloatSize(string? datatype) => datatype switch
    {
        Datatype.Fp16 or Datatype.Bf16 => 2,
        Datatype.Fp32 => 4,
        Datatype.Fp64 => 8,
        _ => 0,
    };

    private static AnswerTensor FromJson(AnswerTensor tensor, JsonElement data)
    {
        if (FloatSize(tensor.Datatype) == 0)
        {
            return tensor with { Json = data };
        }

        var numbers = new List<double>();
        Collect(data, numbers);
        return WithNumbers(tensor, [.. numbers]);
    }

    private static AnswerTensor FromBinary(AnswerTensor tensor, ReadOnlyMemory<byte> bytes)
    {
        var size = FloatSize(tensor.Datatype);
        if (size == 0)
        {
            return tensor with { Raw = bytes };
        }

        var numbers = bytes.Length % size == 0 ? new double[bytes.Length / size] : throw new InvalidDataException("a binary output ends within an element");
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = ReadFloat(bytes.Span[(i * size)..], tensor.Datatype!);
        }

        return WithNumbers(tensor, numbers);
    }

    private static double ReadFloat(ReadOnlySpan<byte> bytes, string datatype) => datatype switch
    {
        Datatype.Fp16 => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        Datatype.Bf16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16), // the upper half of a single
        Datatype.Fp32 => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        _ => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
    };

    private static AnswerTensor WithNumbers(AnswerTensor tensor, double[] numbers)
    {
        var expected = 1L;
        foreach (var dimension in tensor.Shape)
        {
            expected = dimension is >= 0 and <= AnswerBody.MostBytes ? Math.Min(expected * dimension, AnswerBody.MostBytes) : -1;
            if (expected < 0)
            {
                throw new InvalidDataException("an output has a dimension that is none");
            }
        }

        return numbers.Length == expected ? tensor with { Numbers = numbers } : throw new InvalidDataException("an output has not as many values as its shape says");
    }

    private static void Collect(JsonElement data, List<double> numbers)
    {
        foreach (var element in data.EnumerateArray())
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Array:
                    Collect(element, numbers);
                    break;
                case JsonValueKind.Number when element.TryGetDouble(out var number):
                    numbers.Add(number);
                    break;
                default:
                    throw new InvalidDataException("a floating output has a value that is no number");
            }
        }
    }

    private static long[] ShapeOf(JsonElement output)
    {
        var shape = Get(output, "shape", JsonValueKind.Array);
        var dimensions = new long[shape.GetArrayLength()];
        for (var i = 0; i < dimensions.Length; i++)
        {
            if (shape[i].ValueKind != JsonValueKind.Number || !shape[i].TryGetInt64(out dimensions[i]))
            {
                throw new InvalidDataException("an output has a dimension that is none");
            }
        }

        return dimensions;
    }

    private static int? SizeOf(JsonElement output)
    {
        if (!output.TryGetProperty("parameters", out var parameters) || parameters.ValueKind != JsonValueKind.Object
            || !parameters.TryGetProperty("binary_data_size", out var size))
        {
            return null;
        }

        return size.ValueKind == JsonValueKind.Number && size.TryGetInt32(out var bytes) && bytes >= 0
            ? bytes
            : throw new InvalidDataException("a binary output has no size");
    }

    private static JsonElement Get(JsonElement from, string name, JsonValueKind kind) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.ValueKind == kind
            ? value
            : throw new InvalidDataException($"it lacks '{name}'");
}
