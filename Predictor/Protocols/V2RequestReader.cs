using System.Text.Json;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>Reads the inference request of the Open Inference Protocol v2, in one pass where shape and datatype come before the data.</summary>
/// <remarks>Fields it does not know are passed over; those it knows may come in any order, once.</remarks>
internal static class V2RequestReader
{
    public static InferenceRequest Read(ReadOnlySpan<byte> body, SessionSignature signature) => JsonBody.Read(
        body, (ref Utf8JsonReader reader, int length, InferenceRequest request) => ReadRequest(ref reader, length, request, signature));

    private static void ReadRequest(ref Utf8JsonReader reader, int length, InferenceRequest request, SessionSignature signature)
    {
        bool id = false, inputs = false, outputs = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("inputs"u8))
            {
                JsonBody.Once(ref inputs, "inputs");
                reader.Read();
                ReadInputs(ref reader, length, request, signature);
            }
            else if (reader.ValueTextEquals("outputs"u8))
            {
                JsonBody.Once(ref outputs, "outputs");
                reader.Read();
                request.Outputs = ReadOutputs(ref reader, signature);
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                JsonBody.Once(ref id, "id");
                reader.Read();
                request.Id = JsonBody.ReadString(ref reader, "id");
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                reader.Read();
                V2Parameters.Read(ref reader, "parameters");
            }
            else
            {
                reader.Skip();
            }
        }

        if (!inputs)
        {
            throw InferenceException.Client($"inputs is missing: a list with {string.Join(", ", signature.Inputs.Select(input => Words.Of(input.Spec)))}.");
        }

        request.Complete(signature);
    }

    private static void ReadInputs(ref Utf8JsonReader reader, int length, InferenceRequest request, SessionSignature signature)
    {
        JsonBody.RequireArray(ref reader, "inputs");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var what = $"inputs[{request.Inputs.Count}]";
            JsonBody.RequireObject(ref reader, what);
            var tensor = V2InputReader.Read(ref reader, length, what, signature);
            var twice = request.Inputs.Any(other => other.Name == tensor.Name);
            request.Add(tensor);
            if (twice)
            {
                throw InferenceException.Client($"{what}.name: the input {tensor.Name} is there twice.");
            }
        }
    }

    private static List<string> ReadOutputs(ref Utf8JsonReader reader, SessionSignature signature)
    {
        JsonBody.RequireArray(ref reader, "outputs");
        var names = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var what = $"outputs[{names.Count}]";
            JsonBody.RequireObject(ref reader, what);
            var name = ReadOutput(ref reader, what);
            if (signature.FindOutput(name) is null)
            {
                throw InferenceException.Client($"{what}.name: the model has no output {Words.Quoted(name)}, it has {Words.List(signature.OutputNames)}.");
            }

            if (names.Contains(name))
            {
                throw InferenceException.Client($"{what}.name: the output {name} is there twice.");
            }

            names.Add(name);
        }

        return names;
    }

    private static string ReadOutput(ref Utf8JsonReader reader, string what)
    {
        string? name = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8))
            {
                reader.Read();
                name = JsonBody.ReadString(ref reader, $"{what}.name");
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                reader.Read();
                V2Parameters.Read(ref reader, $"{what}.parameters");
            }
            else
            {
                reader.Skip();
            }
        }

        return name ?? throw InferenceException.Client($"{what}.name is missing.");
    }
}
