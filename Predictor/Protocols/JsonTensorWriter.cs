using System.Diagnostics;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>Writes tensors as JSON arrays; floats in the fewest digits that read back as the same number.</summary>
/// <remarks>
/// JSON has no NaN and no infinity. An answer that holds one is refused as the model's fault, with the place named: null or a string in a list of
/// numbers would break the caller later and further away, and a model that computes nonsense must count as failing. Binary tensors carry them.
/// </remarks>
internal static class JsonTensorWriter
{
    /// <summary>Writes all elements as one flat list.</summary>
    public static void WriteFlat(Utf8JsonWriter writer, in OutputTensor tensor) => Write(writer, tensor, nested: false);

    /// <summary>Writes lists nested as the shape says; a single number for a scalar.</summary>
    public static void WriteNested(Utf8JsonWriter writer, in OutputTensor tensor) => Write(writer, tensor, nested: true);

    private static void Write(Utf8JsonWriter writer, in OutputTensor tensor, bool nested)
    {
        switch (tensor.Datatype)
        {
            case Datatype.Fp32:
                Write<float, Fp32Json>(writer, tensor, nested);
                break;
            case Datatype.Fp64:
                Write<double, Fp64Json>(writer, tensor, nested);
                break;
            case Datatype.Int32:
                Write<int, Int32Json>(writer, tensor, nested);
                break;
            case Datatype.Int64:
                Write<long, Int64Json>(writer, tensor, nested);
                break;
            default:
                throw new UnreachableException($"{tensor.Datatype} is not written as JSON.");
        }
    }

    private static void Write<T, TJson>(Utf8JsonWriter writer, in OutputTensor tensor, bool nested)
        where T : unmanaged
        where TJson : IJsonElement<T>
    {
        var elements = tensor.Elements<T>();
        if (nested)
        {
            WriteLevel<T, TJson>(writer, tensor, elements, 0, 0);
        }
        else
        {
            WriteList<T, TJson>(writer, tensor.Name, elements, 0);
        }
    }

    private static void WriteLevel<T, TJson>(Utf8JsonWriter writer, in OutputTensor tensor, ReadOnlySpan<T> elements, int level, int offset)
        where T : unmanaged
        where TJson : IJsonElement<T>
    {
        if (level == tensor.Shape.Length)
        {
            WriteElement<T, TJson>(writer, tensor.Name, elements[0], offset);
            return;
        }

        if (level == tensor.Shape.Length - 1)
        {
            WriteList<T, TJson>(writer, tensor.Name, elements, offset);
            return;
        }

        var rows = (int)tensor.Shape[level];
        var length = rows == 0 ? 0 : elements.Length / rows;
        writer.WriteStartArray();
        for (var row = 0; row < rows; row++)
        {
            WriteLevel<T, TJson>(writer, tensor, elements.Slice(row * length, length), level + 1, offset + (row * length));
        }

        writer.WriteEndArray();
    }

    private static void WriteList<T, TJson>(Utf8JsonWriter writer, string name, ReadOnlySpan<T> elements, int offset)
        where T : unmanaged
        where TJson : IJsonElement<T>
    {
        writer.WriteStartArray();
        for (var i = 0; i < elements.Length; i++)
        {
            WriteElement<T, TJson>(writer, name, elements[i], offset + i);
        }

        writer.WriteEndArray();
    }

    private static void WriteElement<T, TJson>(Utf8JsonWriter writer, string name, T element, int index)
        where T : unmanaged
        where TJson : IJsonElement<T>
    {
        if (!TJson.TryWrite(writer, element))
        {
            throw InferenceException.Model($"The model computed {element} as element {index} of the output {name}, which JSON cannot carry.");
        }
    }
}
