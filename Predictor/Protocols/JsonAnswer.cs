using System.Text.Encodings.Web;
using System.Text.Json;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>How answers are written.</summary>
internal static class JsonAnswer
{
    /// <summary>Without checks of our own order, and without escapes that only HTML needs: answers are application/json.</summary>
    public static readonly JsonWriterOptions Options = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes an object of nested lists by the outputs' names.</summary>
    public static void WriteNamed(Utf8JsonWriter writer, OutputTensors outputs, bool base64 = false)
    {
        writer.WriteStartObject();
        for (var i = 0; i < outputs.Count; i++)
        {
            writer.WritePropertyName(outputs[i].Name);
            JsonTensorWriter.WriteNested(writer, outputs[i], base64);
        }

        writer.WriteEndObject();
    }
}
