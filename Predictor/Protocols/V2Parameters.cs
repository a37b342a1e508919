using System.Text.Json;
using Sluice.Predictor.Inference;

namespace Sluice.Predictor.Protocols;

/// <summary>The <c>parameters</c> objects of the v2 protocol: accepted and passed over, except those that would change the form of the bodies.</summary>
internal static class V2Parameters
{
    public static void Read(ref Utf8JsonReader reader, string what)
    {
        JsonBody.RequireObject(ref reader, what);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var binarySize = reader.ValueTextEquals("binary_data_size"u8);
            var binaryAnswer = reader.ValueTextEquals("binary_data"u8) || reader.ValueTextEquals("binary_data_output"u8);
            reader.Read();
            if (binarySize || (binaryAnswer && reader.TokenType == JsonTokenType.True))
            {
                throw InferenceException.Client($"{what}: binary tensors are not supported yet, send and ask for JSON.");
            }

            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                throw InferenceException.Client($"{what}: a parameter is a string, a number or a boolean.");
            }
        }
    }
}
