using System.Buffers.Text;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>Reads JSON arrays of strings into tensors of BYTES: the UTF-8 of each text, or what <c>{"b64": "…"}</c> stands for.</summary>
/// <remarks>The b64 form is V1's, for bytes that are no text. It is read wherever BYTES come as JSON: an object can mean nothing else there.</remarks>
internal static class JsonStringReader
{
    private const int BytesPerElement = 16; // a guess: the buffer grows

    /// <summary>As <see cref="JsonTensorReader.Read"/>.</summary>
    public static InputTensor Read(ref Utf8JsonReader reader, TensorSpec spec, long[] shape, long[] nesting, int count)
    {
        using var content = new PooledBuffer(Math.Min(count, 4096) * BytesPerElement);
        var lists = new DataNesting(spec.Name, nesting, stackalloc long[nesting.Length + 1]);
        var filled = 0;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray:
                    lists.Open();
                    break;
                case JsonTokenType.EndArray:
                    if (lists.Close())
                    {
                        JsonTensorReader.RequireAll(spec.Name, shape, filled, count);
                        return InputTensor.OfBytes(spec.Name, spec.Datatype, shape, content.WrittenSpan);
                    }

                    break;
                default:
                    lists.Element();
                    JsonTensorReader.RequireRoom(spec.Name, shape, filled, count);
                    ReadElement(ref reader, spec, content, filled++);
                    break;
            }
        }

        throw new JsonException("The list does not end."); // the reader throws before
    }

    private static void ReadElement(ref Utf8JsonReader reader, TensorSpec spec, PooledBuffer content, int index)
    {
        var encoded = reader.TokenType == JsonTokenType.StartObject && TryEnterBase64(ref reader);
        if (reader.TokenType != JsonTokenType.String)
        {
            throw JsonTensorReader.Unfit(ref reader, spec.Name, spec.Datatype, index, "a string");
        }

        var target = content.GetSpan(RawStrings.PrefixLength + reader.ValueSpan.Length);
        var length = reader.CopyString(target[RawStrings.PrefixLength..]);
        var element = target.Slice(RawStrings.PrefixLength, length);
        if (encoded)
        {
            var whole = Base64.DecodeFromUtf8InPlace(element, out length) == System.Buffers.OperationStatus.Done;
            if (!whole || !reader.Read() || reader.TokenType != JsonTokenType.EndObject)
            {
                throw InferenceException.Client($"The input {spec.Name}: element {index} of data must be an object with b64, its bytes in base64, and nothing else.");
            }
        }

        content.Advance(RawStrings.Write(target, target.Slice(RawStrings.PrefixLength, length)));
    }

    private static bool TryEnterBase64(ref Utf8JsonReader reader)
    {
        var ahead = reader;
        if (ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName && ahead.ValueTextEquals("b64"u8) && ahead.Read() && ahead.TokenType == JsonTokenType.String)
        {
            reader = ahead;
            return true;
        }

        return false;
    }
}
