using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>Reads JSON arrays into the memory of tensors, number by number, with nothing in between.</summary>
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

    private static void Fill(ref Utf8JsonReader reader, InputTensor tensor, long[] nesting)
    {
        switch (tensor.Datatype)
        {
            case Datatype.Fp32:
                Fill<float, Fp32Json>(ref reader, tensor, nesting);
                break;
            case Datatype.Fp64:
                Fill<double, Fp64Json>(ref reader, tensor, nesting);
                break;
            case Datatype.Int32:
                Fill<int, Int32Json>(ref reader, tensor, nesting);
                break;
            case Datatype.Int64:
                Fill<long, Int64Json>(ref reader, tensor, nesting);
                break;
            default:
                throw new UnreachableException($"{tensor.Datatype} is not read from JSON.");
        }
    }

    private static void Fill<T, TJson>(ref Utf8JsonReader reader, InputTensor tensor, long[] shape)
        where T : unmanaged
        where TJson : IJsonElement<T>
    {
        var elements = tensor.Elements<T>();
        var nesting = new Nesting(tensor.Name, shape, stackalloc long[shape.Length + 1]);
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
                        RequireAll(tensor, filled, elements.Length);
                        return;
                    }

                    break;
                default:
                    nesting.Element();
                    ReadElement<T, TJson>(ref reader, tensor, elements, filled++);
                    break;
            }
        }
    }

    private static void ReadElement<T, TJson>(ref Utf8JsonReader reader, InputTensor tensor, Span<T> elements, int index)
        where T : unmanaged
        where TJson : IJsonElement<T>
    {
        if (index == elements.Length)
        {
            throw InferenceException.Client(
                $"The input {tensor.Name}: data holds more than the {elements.Length} elements of the shape {ShapeText.Of(tensor.Shape)}.");
        }

        if (reader.TokenType != JsonTokenType.Number || !TJson.TryRead(ref reader, out elements[index]))
        {
            throw InferenceException.Client(
                $"The input {tensor.Name}: element {index} of data is {Describe(ref reader)}, expected is {TJson.Expected}.");
        }
    }

    private static void RequireAll(InputTensor tensor, int filled, int expected)
    {
        if (filled != expected)
        {
            throw InferenceException.Client($"The input {tensor.Name}: data holds {filled} elements, the shape {ShapeText.Of(tensor.Shape)} takes {expected}.");
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

    /// <summary>Data is flat, or nested exactly as the shape says.</summary>
    private ref struct Nesting(string name, long[] shape, Span<long> counts)
    {
        private readonly Span<long> _counts = counts;
        private int _depth = 1;
        private bool _nested;

        public void Open()
        {
            if (_depth >= shape.Length || (!_nested && _counts[1] > 0))
            {
                throw Misfit();
            }

            _nested = true;
            _counts[_depth]++;
            _counts[++_depth] = 0;
        }

        /// <summary>Returns whether the whole array ended.</summary>
        public bool Close()
        {
            if (_nested && _counts[_depth] != shape[_depth - 1])
            {
                throw Misfit();
            }

            return --_depth == 0;
        }

        public void Element()
        {
            if (_nested && _depth != shape.Length)
            {
                throw Misfit();
            }

            if (_counts.Length > 1)
            {
                _counts[_depth]++;
            }
        }

        private readonly InferenceException Misfit() => InferenceException.Client(
            $"The input {name}: data must be one flat list, or lists nested as the shape {ShapeText.Of(shape)} says.");
    }
}
