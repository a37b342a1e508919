using System.Globalization;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>The Open Inference Protocol v2 as REST, with tensors in JSON or as binary behind it.</summary>
/// <remarks>The content type is not insisted on: curl says a form is coming unless told otherwise, and other servers of the protocol do not ask.</remarks>
internal sealed class V2Format : IInferenceFormat
{
    /// <summary>Says how many bytes of a body are JSON; what follows are binary tensors.</summary>
    public const string BinaryHeader = "Inference-Header-Content-Length";

    public InferenceProtocol Protocol => InferenceProtocol.V2;

    public async ValueTask<InferenceRequest> ReadAsync(RequestBody body, AskedVersion asked, CancellationToken cancellationToken)
    {
        JsonBody.CheckCharset(body.Request);
        switch (ReadHeader(body))
        {
            case null:
                using (var whole = await body.ReadAsync(cancellationToken))
                {
                    return V2RequestReader.Read(whole.WrittenMemory, null, asked.Signature);
                }

            case 0:
                return await V2RawRequest.ReadAsync(body, asked.Signature, cancellationToken);
            case var head:
                return await ReadBinaryAsync(body, head.Value, asked.Signature, cancellationToken);
        }
    }

    public IReadOnlyList<int>? Write(PooledBuffer target, in InferenceAnswer answer)
    {
        using var writer = new Utf8JsonWriter(target, JsonAnswer.Options);
        writer.WriteStartObject();
        writer.WriteString("model_name"u8, answer.Version.Model);
        writer.WriteString("model_version"u8, answer.Version.Version.ToString(CultureInfo.InvariantCulture));
        if (answer.Request.Id is not null)
        {
            writer.WriteString("id"u8, answer.Request.Id);
        }

        writer.WriteStartArray("outputs"u8);
        List<int>? binary = null;
        for (var i = 0; i < answer.Outputs.Count; i++)
        {
            var isBinary = ((V2Request)answer.Request).IsBinary(i);
            WriteOutput(writer, answer.Outputs[i], isBinary);
            if (isBinary)
            {
                (binary ??= []).Add(i);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        return binary;
    }

    private static void WriteOutput(Utf8JsonWriter writer, in OutputTensor output, bool isBinary)
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
        if (isBinary)
        {
            writer.WriteStartObject("parameters"u8);
            writer.WriteNumber("binary_data_size"u8, output.Bytes.Length);
            writer.WriteEndObject();
        }
        else
        {
            writer.WritePropertyName("data"u8);
            JsonTensorWriter.WriteFlat(writer, output);
        }

        writer.WriteEndObject();
    }

    private static async ValueTask<InferenceRequest> ReadBinaryAsync(RequestBody body, long head, SessionSignature signature, CancellationToken cancellationToken)
    {
        using var json = await body.ReadAsync(head, cancellationToken);
        if (json.WrittenCount < head)
        {
            throw BeyondBody(head, json.WrittenCount);
        }

        var request = V2RequestReader.Read(json.WrittenMemory, body.Limit - head, signature);
        try
        {
            await V2Binary.FillAsync(body, request, cancellationToken);
            return request;
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    private static long? ReadHeader(RequestBody body)
    {
        if (!body.Request.Headers.TryGetValue(BinaryHeader, out var text))
        {
            return null;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var head))
        {
            throw InferenceException.Client($"The header {BinaryHeader} is {Words.Quoted(text.ToString())}, it must be a whole number, zero or more: the bytes of the JSON.");
        }

        return head <= body.Limit ? head : throw BeyondBody(head, body.Limit);
    }

    private static InferenceException BeyondBody(long head, long body) =>
        InferenceException.Client($"The header {BinaryHeader} is {head}, the body has {body} bytes.");
}
