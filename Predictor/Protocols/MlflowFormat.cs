using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>MLflow's scoring protocol with <c>inputs</c>: a list for a model with one input, else an object of lists by the inputs' names.</summary>
/// <remarks>Answers <c>{"predictions": …}</c>: nested lists of the one output, or an object of them by the outputs' names where there are several.</remarks>
internal sealed class MlflowFormat : IInferenceFormat
{
    private static readonly string[] OtherForms = ["dataframe_split", "dataframe_records", "instances"];

    public InferenceProtocol Protocol => InferenceProtocol.MlflowScoring;

    public void CheckHeaders(HttpRequest request)
    {
        var type = JsonBody.CheckHeaders(request);
        var otherParameters = type?.Parameters.Any(parameter => !parameter.Name.Equals("charset", StringComparison.OrdinalIgnoreCase)) ?? false;
        if (!string.IsNullOrEmpty(request.ContentType)
            && (type is null || otherParameters || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)))
        {
            throw JsonBody.Unsupported($"The content type {Words.Quoted(request.ContentType)} is not supported: send application/json.");
        }
    }

    public InferenceRequest Read(ReadOnlySpan<byte> body, SessionSignature signature) => JsonBody.Read(
        body, (ref Utf8JsonReader reader, int length, InferenceRequest request) => ReadRequest(ref reader, length, request, signature));

    public void Write(PooledBuffer target, ModelVersion version, InferenceRequest request, OutputTensors outputs)
    {
        using var writer = new Utf8JsonWriter(target, JsonAnswer.Options);
        writer.WriteStartObject();
        writer.WritePropertyName("predictions"u8);
        if (outputs.Count == 1)
        {
            JsonTensorWriter.WriteNested(writer, outputs[0]);
        }
        else
        {
            writer.WriteStartObject();
            for (var i = 0; i < outputs.Count; i++)
            {
                writer.WritePropertyName(outputs[i].Name);
                JsonTensorWriter.WriteNested(writer, outputs[i]);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void ReadRequest(ref Utf8JsonReader reader, int length, InferenceRequest request, SessionSignature signature)
    {
        var inputs = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("inputs"u8))
            {
                JsonBody.Once(ref inputs, "inputs");
                reader.Read();
                ReadInputs(ref reader, length, request, signature);
            }
            else
            {
                RefuseOtherForms(ref reader);
                reader.Skip();
            }
        }

        if (!inputs)
        {
            throw InferenceException.Client("inputs is missing: a list, or an object of lists by the inputs' names.");
        }

        request.Complete(signature);
    }

    private static void RefuseOtherForms(ref Utf8JsonReader reader)
    {
        foreach (var form in OtherForms)
        {
            if (reader.ValueTextEquals(form))
            {
                throw InferenceException.Client($"{form} is not supported yet: send the tensors as inputs.");
            }
        }
    }

    private static void ReadInputs(ref Utf8JsonReader reader, int length, InferenceRequest request, SessionSignature signature)
    {
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            var only = signature.Inputs.Count == 1
                ? signature.Inputs[0].Spec
                : throw InferenceException.Client($"inputs must be an object of lists with the keys {Words.List(signature.InputNames)}: the model has several inputs.");
            request.Add(ReadTensor(ref reader, length, only));
            return;
        }

        JsonBody.RequireObject(ref reader, "inputs must be a list, or it");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var spec = FindInput(ref reader, signature);
            if (request.Inputs.Any(other => other.Name == spec.Name))
            {
                throw InferenceException.Client($"inputs: the input {spec.Name} is there twice.");
            }

            reader.Read();
            JsonBody.RequireArray(ref reader, $"inputs.{spec.Name}");
            request.Add(ReadTensor(ref reader, length, spec));
        }
    }

    private static TensorSpec FindInput(ref Utf8JsonReader reader, SessionSignature signature)
    {
        foreach (var input in signature.Inputs)
        {
            if (reader.ValueTextEquals(input.Spec.Name))
            {
                return input.Spec;
            }
        }

        throw InferenceException.Client(
            $"inputs: the model has no input \"{Words.Raw(reader.ValueSpan)}\", it has {Words.List(signature.InputNames)}.");
    }

    private static InputTensor ReadTensor(ref Utf8JsonReader reader, int length, TensorSpec spec)
    {
        SupportedDatatypes.Check("input", spec);
        var (shape, nesting) = NestedShape.Of(reader, spec);
        return JsonTensorReader.Read(ref reader, spec, shape, nesting, length - (int)reader.BytesConsumed);
    }
}
