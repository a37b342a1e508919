using System.Diagnostics;
using System.Text.Json;
using System.Text.Unicode;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>Writes the elements of a tensor as JSON, one part after the other; floats in the fewest digits that read back as the same number.</summary>
/// <remarks>
/// JSON has no NaN and no infinity. An answer that holds one is refused as the model's fault, with the place named: null or a string in a list of
/// numbers would break the caller later and further away, and a model that computes nonsense must count as failing. Binary tensors carry them.
/// </remarks>
internal abstract class JsonTensorWriter
{
    /// <summary>Begins with a tensor.</summary>
    /// <param name="tensor">Valid as long as this is used.</param>
    /// <param name="base64">Whether bytes that are no text are written as <c>{"b64": "…"}</c>; else they are refused.</param>
    public static JsonTensorWriter Of(in OutputTensor tensor, bool base64 = false) => tensor.Datatype switch
    {
        Datatype.Bool => new Numbers<byte, BoolJson>(tensor),
        Datatype.UInt8 => new Numbers<byte, WholeJson<byte>>(tensor),
        Datatype.UInt16 => new Numbers<ushort, WholeJson<ushort>>(tensor),
        Datatype.UInt32 => new Numbers<uint, WholeJson<uint>>(tensor),
        Datatype.UInt64 => new Numbers<ulong, WholeJson<ulong>>(tensor),
        Datatype.Int8 => new Numbers<sbyte, WholeJson<sbyte>>(tensor),
        Datatype.Int16 => new Numbers<short, WholeJson<short>>(tensor),
        Datatype.Int32 => new Numbers<int, WholeJson<int>>(tensor),
        Datatype.Int64 => new Numbers<long, WholeJson<long>>(tensor),
        Datatype.Fp32 => new Numbers<float, Fp32Json>(tensor),
        Datatype.Fp64 => new Numbers<double, Fp64Json>(tensor),
        Datatype.Bytes => new Texts(tensor, base64),
        _ => throw new UnreachableException($"{tensor.Datatype} is not written as JSON."),
    };

    /// <summary>Writes all elements as one flat list.</summary>
    public static void WriteFlat(Utf8JsonWriter writer, in OutputTensor tensor) => Of(tensor).Write(writer, [ShapeText.TryCount(tensor.Shape)!.Value]);

    /// <summary>Writes lists nested as the shape says; a single value for a scalar.</summary>
    public static void WriteNested(Utf8JsonWriter writer, in OutputTensor tensor, bool base64 = false) => Of(tensor, base64).Write(writer, tensor.Shape);

    /// <summary>Writes the next elements as lists nested as a shape says; one element for a shape without dimensions.</summary>
    /// <exception cref="InferenceException">JSON has no form for an element.</exception>
    public void Write(Utf8JsonWriter writer, ReadOnlySpan<long> shape)
    {
        if (shape.Length == 0)
        {
            WriteElements(writer, 1);
            return;
        }

        writer.WriteStartArray();
        if (shape.Length == 1)
        {
            WriteElements(writer, (int)shape[0]);
        }
        else
        {
            for (var row = 0L; row < shape[0]; row++)
            {
                Write(writer, shape[1..]);
            }
        }

        writer.WriteEndArray();
    }

    protected abstract void WriteElements(Utf8JsonWriter writer, int count);

    private sealed class Numbers<T, TJson>(OutputTensor tensor) : JsonTensorWriter
        where T : unmanaged
        where TJson : IJsonElement<T>
    {
        private int _next;

        protected override void WriteElements(Utf8JsonWriter writer, int count)
        {
            foreach (var element in tensor.Elements<T>().Slice(_next, count))
            {
                if (!TJson.TryWrite(writer, element))
                {
                    throw InferenceException.Model($"The model computed {element} as element {_next} of the output {tensor.Name}, which JSON cannot carry.");
                }

                _next++;
            }
        }
    }

    private sealed class Texts(OutputTensor tensor, bool base64) : JsonTensorWriter
    {
        private int _next;
        private int _offset;

        protected override void WriteElements(Utf8JsonWriter writer, int count)
        {
            var rest = tensor.Bytes[_offset..];
            for (; count > 0 && RawStrings.TryTake(ref rest, out var element); count--)
            {
                WriteElement(writer, element);
                _next++;
            }

            _offset = tensor.Bytes.Length - rest.Length;
        }

        private void WriteElement(Utf8JsonWriter writer, ReadOnlySpan<byte> element)
        {
            if (Utf8.IsValid(element))
            {
                writer.WriteStringValue(element);
            }
            else if (base64)
            {
                writer.WriteStartObject();
                writer.WriteBase64String("b64"u8, element);
                writer.WriteEndObject();
            }
            else
            {
                throw InferenceException.Client(
                    $"Element {_next} of the output {tensor.Name} is no text, so JSON cannot carry it: ask for that output as binary_data over /v2.");
            }
        }
    }
}
