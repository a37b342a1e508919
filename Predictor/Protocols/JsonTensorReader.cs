using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>Reads JSON arrays into the memory of tensors, element by element, with nothing in between.</summary>
internal static class JsonTensorReader
{
    /// <summary>Bytes that one element takes in JSON at least, comma included.</summary>
    private const int BytesPerElement = 2;

    /// <summary>Makes the tensor of a shape and fills it from the array that the reader stands on; the caller disposes it.</summary>
    /// <param name="reader">Stands on the array's start, afterwards on its end.</param>
    /// <param name="spec">The input as the model declares it.</param>
    /// <param name="shape">The shape the request has.</param>
    /// <param name="nesting">The shape that nested lists have: the same, or the same without a first dimension of 1.</param>
    /// <param name="remaining">Bytes of the body from here on: no shape is believed that they cannot fill.</param>
    /// <exception cref="InferenceException">The array does not fill the shape, or an element is not of the datatype.</exception>
    /// <exception cref="JsonException">Not JSON.</exception>
    public static InputTensor Read(ref Utf8JsonReader reader, TensorSpec spec, long[] shape, long[] nesting, int remaining)
    {
        var count = ShapeText.TryCount(shape);
        if (count is null || count > (remaining / BytesPerElement) + 1)
        {
            var taken = count?.ToString(CultureInfo.InvariantCulture) ?? "far more";
            throw InferenceException.Client($"The input {spec.Name}: the shape {ShapeText.Of(shape)} takes {taken} elements, data holds fewer.");
        }

        if (spec.Datatype == Datatype.Bytes)
        {
            return JsonStringReader.Read(ref reader, spec, shape, nesting, (int)count);
        }

        var tensor = InputTensor.OfElements(spec.Name, spec.Datatype, shape, (int)count);
        try
        {
            Fill(ref reader, tensor, nesting);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Refuses an element beyond the last one.</summary>
    internal static void RequireRoom(string name, long[] shape, int index, int elements)
    {
        if (index == elements)
        {
            throw InferenceException.Client($"The input {name}: data holds more than the {elements} elements of the shape {ShapeText.Of(shape)}.");
        }
    }

    /// <summary>Refuses a list that ended too early.</summary>
    internal static void RequireAll(string name, long[] shape, int filled, int expected)
    {
        if (filled != expected)
        {
            throw InferenceException.Client($"The input {name}: data holds {filled} elements, the shape {ShapeText.Of(shape)} takes {expected}.");
        }
    }

    /// <summary>The refusal of an element that is not of the datatype.</summary>
    internal static InferenceException Unfit(ref Utf8JsonReader reader, string name, string datatype, int index, string expected) =>
        InferenceException.Client($"The input {name}: element {index} of data is {Describe(ref reader)}, expected is {expected} ({datatype}).");

    private static void Fill(ref Utf8JsonReader reader, InputTensor tensor, long[] nesting)
    {
        switch (tensor.Datatype)
        {
            case Datatype.Bool: Fill<byte, BoolJson>(ref reader, tensor, nesting); break;
            case Datatype.UInt8: Fill<byte, WholeJson<byte>>(ref reader, tensor, nesting); break;
            case Datatype.UInt16: Fill<ushort, WholeJson<ushort>>(ref reader, tensor, nesting); break;
            case Datatype.UInt32: Fill<uint, WholeJson<uint>>(ref reader, tensor, nesting); break;
            case Datatype.UInt64: Fill<ulong, WholeJson<ulong>>(ref reader, tensor, nesting); break;
            case Datatype.Int8: Fill<sbyte, WholeJson<sbyte>>(ref reader, tensor, nesting); break;
            case Datatype.Int16: Fill<short, WholeJson<short>>(ref reader, tensor, nesting); break;
            case Datatype.Int32: Fill<int, WholeJson<int>>(ref reader, tensor, nesting); break;
            case Datatype.Int64: Fill<long, WholeJson<long>>(ref reader, tensor, nesting); break;
            case Datatype.Fp16: Fill<Half, Fp16Json>(ref reader, tensor, nesting); break;
            case Datatype.Bf16: Fill<ushort, Bf16Json>(ref reader, tensor, nesting); break;
            case Datatype.Fp32: Fill<float, Fp32Json>(ref reader, tensor, nesting); break;
            case Datatype.Fp64: Fill<double, Fp64Json>(ref reader, tensor, nesting); break;
            default: throw new UnreachableException($"{tensor.Datatype} is not read from JSON.");
        }
    }

    private static void Fill<T, TJson>(ref Utf8JsonReader reader, InputTensor tensor, long[] shape)
        where T : unmanaged
        where TJson : IJsonElement<T>
    {
        var elements = tensor.Elements<T>();
        var nesting = new DataNesting(tensor.Name, shape, stackalloc long[shape.Length + 1]);
        var filled = 0;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray:
                    nesting.Open();
                    break;
                case JsonTokenType.EndArray:
                    if (nesting.Close())
                    {
                        RequireAll(tensor.Name, tensor.Shape, filled, elements.Length);
                        return;
                    }

                    break;
                default:
                    nesting.Element();
                    RequireRoom(tensor.Name, tensor.Shape, filled, elements.Length);
                    if (!TJson.TryRead(ref reader, out elements[filled]))
                    {
                        throw Unfit(ref reader, tensor.Name, tensor.Datatype, filled, TJson.Expected);
                    }

                    filled++;
                    break;
            }
        }
    }

    private static string Describe(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Number => Words.Raw(reader.ValueSpan),
        JsonTokenType.String => $"the string \"{Words.Raw(reader.ValueSpan)}\"",
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.Null => "null",
        _ => "an object",
    };
}
