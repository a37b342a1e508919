using System.Globalization;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>The Open Inference Protocol v2 as REST with JSON tensors.</summary>
/// <remarks>The content type is not insisted on: curl says a form is coming unless told otherwise, and other servers of the protocol do not ask.</remarks>
internal sealed class V2Format : IInferenceFormat
{
    private const string BinaryHeader = "Inference-Header-Content-Length";

    public InferenceProtocol Protocol => InferenceProtocol.V2;

    public void CheckHeaders(HttpRequest request)
    {
        JsonBody.CheckHeaders(request);
        if (request.Headers.ContainsKey(BinaryHeader))
        {
            throw InferenceException.Client($"{BinaryHeader}: binary tensors are not supported yet, send JSON.");
        }
    }

    public InferenceRequest Read(ReadOnlySpan<byte> body, SessionSignature signature) => V2RequestReader.Read(body, signature);

    public void Write(PooledBuffer target, ModelVersion version, InferenceRequest request, OutputTensors outputs)
    {
        using var writer = new Utf8JsonWriter(target, JsonAnswer.Options);
        writer.WriteStartObject();
        writer.WriteString("model_name"u8, version.Model);
        writer.WriteString("model_version"u8, version.Version.ToString(CultureInfo.InvariantCulture));
        if (request.Id is not null)
        {
            writer.WriteString("id"u8, request.Id);
        }

        writer.WriteStartArray("outputs"u8);
        for (var i = 0; i < outputs.Count; i++)
        {
            WriteOutput(writer, outputs[i]);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteOutput(Utf8JsonWriter writer, in OutputTensor output)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, output.Name);
        writer.WriteString("datatype"u8, output.Datatype);
        writer.WriteStartArray("shape"u8);
        foreach (var size in output.Shape)
        {
            writer.WriteNumberValue(size);
        }

        writer.WriteEndArray();
        writer.WritePropertyName("data"u8);
        JsonTensorWriter.WriteFlat(writer, output);
        writer.WriteEndObject();
    }
}
