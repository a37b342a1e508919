using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>The V1 protocol of KServe and TensorFlow Serving: rows (instances, predictions) or columns (inputs, outputs).</summary>
internal sealed class V1Format : IInferenceFormat
{
    private const string DefaultSignature = "serving_default";

    public InferenceProtocol Protocol => InferenceProtocol.V2; // the same form of errors

    public async ValueTask<InferenceRequest> ReadAsync(RequestBody body, AskedVersion asked, CancellationToken cancellationToken)
    {
        var type = JsonBody.CheckCharset(body.Request);
        if (type is not null && type.MediaType.StartsWith("application/cloudevents", StringComparison.OrdinalIgnoreCase))
        {
            throw JsonBody.Unsupported("Structured CloudEvents are not supported: send the data as the body, the attributes as headers.");
        }

        using var whole = await body.ReadAsync(cancellationToken);
        var text = JsonBody.WithoutMark(whole.WrittenMemory);
        var request = new V1Request();
        try
        {
            JsonBody.Read(text.Span, (ref Utf8JsonReader reader) => Read(ref reader, text, asked.Signature, request));
            request.Complete(asked.Signature);
            JsonDatatypes.CheckOutputs(request, asked.Signature);
            return request;
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    public IReadOnlyList<int>? Write(PooledBuffer target, in InferenceAnswer answer)
    {
        var isColumns = ((V1Request)answer.Request).IsColumns!.Value;
        using var writer = new Utf8JsonWriter(target, JsonAnswer.Options);
        writer.WriteStartObject();
        writer.WritePropertyName(isColumns ? "outputs"u8 : "predictions"u8);
        if (answer.Outputs.Count == 1)
        {
            JsonTensorWriter.WriteNested(writer, answer.Outputs[0], base64: true);
        }
        else if (isColumns)
        {
            JsonAnswer.WriteNamed(writer, answer.Outputs, base64: true);
        }
        else
        {
            WriteRows(writer, answer.Outputs);
        }

        writer.WriteEndObject();
        return null;
    }

    private static void Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, SessionSignature signature, V1Request request)
    {
        var inputs = new JsonInputs(body, signature, request);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = JsonBody.ReadName(ref reader, "The body");
            reader.Read();
            if (key is "instances" or "inputs" && request.IsColumns is not null)
            {
                throw InferenceException.Client("instances (rows) or inputs (columns) must be there once, and not both.");
            }

            switch (key)
            {
                case "instances":
                    request.IsColumns = false;
                    inputs.ReadRows(ref reader, key);
                    break;
                case "inputs":
                    request.IsColumns = true;
                    inputs.ReadColumns(ref reader, key, oneRow: false);
                    break;
                case "signature_name" when reader.TokenType != JsonTokenType.Null && JsonBody.ReadString(ref reader, key) is not ("" or DefaultSignature):
                    throw InferenceException.Client($"signature_name: the model has one signature, {DefaultSignature}.");
                default:
                    reader.Skip();
                    break;
            }
        }

        _ = request.IsColumns ?? throw InferenceException.Client("instances is missing: a list of rows (or inputs, by columns).");
    }

    private static void WriteRows(Utf8JsonWriter writer, OutputTensors outputs)
    {
        var parts = new JsonTensorWriter[outputs.Count];
        var rows = outputs[0].Shape.Length == 0 ? -1 : outputs[0].Shape[0];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = JsonTensorWriter.Of(outputs[i], base64: true);
            if (outputs[i].Shape.Length == 0 || outputs[i].Shape[0] != rows)
            {
                throw InferenceException.Client("The outputs have not one row for each instance: send the request as inputs (columns).");
            }
        }

        writer.WriteStartArray();
        for (var row = 0L; row < rows; row++)
        {
            writer.WriteStartObject();
            for (var i = 0; i < parts.Length; i++)
            {
                writer.WritePropertyName(outputs[i].Name);
                parts[i].Write(writer, outputs[i].Shape.AsSpan(1));
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private sealed class V1Request : InferenceRequest
    {
        /// <summary>Whether it came as columns, and is answered so; null until that is known.</summary>
        public bool? IsColumns { get; set; }
    }
}
