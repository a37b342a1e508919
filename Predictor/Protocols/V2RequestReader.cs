using System.Text.Json;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>Reads the inference request of the Open Inference Protocol v2, in one pass where shape and datatype come before the data.</summary>
/// <remarks>Fields it does not know are passed over; those it knows may come in any order, once.</remarks>
/// <param name="request">Takes over what is read.</param>
/// <param name="length">Bytes of the JSON.</param>
/// <param name="binary">Bytes that may stand behind it; null where the headers announce none.</param>
/// <param name="signature">What the model takes and gives.</param>
internal sealed class V2RequestReader(V2Request request, int length, long? binary, SessionSignature signature)
{
    private readonly V2InputReader _inputs = new(length, binary, signature);

    /// <summary>Reads the JSON; the caller disposes the request. Its binary inputs are not yet filled.</summary>
    public static V2Request Read(ReadOnlyMemory<byte> json, long? binary, SessionSignature signature)
    {
        json = JsonBody.WithoutMark(json);
        var request = new V2Request();
        try
        {
            JsonBody.Read(json.Span, new V2RequestReader(request, json.Length, binary, signature).ReadRequest);
            return request;
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    private void ReadRequest(ref Utf8JsonReader reader)
    {
        bool id = false, inputs = false, outputs = false, parameters = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("inputs"u8))
            {
                JsonBody.Once(ref inputs, "inputs");
                reader.Read();
                ReadInputs(ref reader);
            }
            else if (reader.ValueTextEquals("outputs"u8))
            {
                JsonBody.Once(ref outputs, "outputs");
                reader.Read();
                ReadOutputs(ref reader);
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                JsonBody.Once(ref id, "id");
                reader.Read();
                request.Id = JsonBody.ReadString(ref reader, "id");
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                JsonBody.Once(ref parameters, "parameters");
                reader.Read();
                var read = V2Parameters.Read(ref reader, "parameters", V2Scope.Request);
                (request.BinaryOutputs, request.Timeout) = (read.BinaryDataOutput ?? false, read.Timeout);
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
        CheckOutputs();
    }

    private void ReadInputs(ref Utf8JsonReader reader)
    {
        JsonBody.RequireArray(ref reader, "inputs");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var what = $"inputs[{request.Inputs.Count}]";
            JsonBody.RequireObject(ref reader, what);
            var (tensor, isBinary) = _inputs.Read(ref reader, what);
            var twice = request.FindInput(tensor.Name) is not null;
            request.Add(tensor);
            if (twice)
            {
                throw InferenceException.Client($"{what}.name: the input {tensor.Name} is there twice.");
            }

            if (isBinary)
            {
                request.BinaryInputs.Add(tensor);
            }
        }
    }

    private void ReadOutputs(ref Utf8JsonReader reader)
    {
        JsonBody.RequireArray(ref reader, "outputs");
        var names = new List<string>();
        var binary = new List<bool?>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var what = $"outputs[{names.Count}]";
            JsonBody.RequireObject(ref reader, what);
            var (name, isBinary) = ReadOutput(ref reader, what);
            if (signature.FindOutput(name) is null)
            {
                throw InferenceException.Client($"{what}.name: the model has no output {Words.Quoted(name)}, it has {Words.List(signature.OutputNames)}.");
            }

            if (names.Contains(name))
            {
                throw InferenceException.Client($"{what}.name: the output {name} is there twice.");
            }

            names.Add(name);
            binary.Add(isBinary);
        }

        (request.Outputs, request.BinaryOutput) = (names, binary);
    }

    private static (string Name, bool? IsBinary) ReadOutput(ref Utf8JsonReader reader, string what)
    {
        string? name = null;
        bool? binary = null;
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
                binary = V2Parameters.Read(ref reader, $"{what}.parameters", V2Scope.Output).BinaryData;
            }
            else
            {
                reader.Skip();
            }
        }

        return (name ?? throw InferenceException.Client($"{what}.name is missing."), binary);
    }

    private void CheckOutputs()
    {
        for (var i = 0; i < request.Outputs.Count; i++)
        {
            if (!request.IsBinary(i))
            {
                JsonDatatypes.CheckOutput(signature.FindOutput(request.Outputs[i])!);
            }
        }
    }
}
