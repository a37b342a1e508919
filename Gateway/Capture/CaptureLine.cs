using System.Buffers;
using System.Text.Json;
using Sluice.Contracts;

namespace Sluice.Gateway.Capture;

/// <summary>Writes a captured request as one line of JSON. Pure.</summary>
internal sealed class CaptureLine(CaptureBodies bodies, Redaction redaction)
{
    /// <summary>Writes it, with the end of the line.</summary>
    public void Write(IBufferWriter<byte> target, CapturedRequest request)
    {
        using (var writer = new Utf8JsonWriter(target))
        {
            writer.WriteStartObject();
            writer.WriteString("time", request.At);
            writer.WriteString("id", request.Id);
            WriteIf(writer, "trace", request.Trace);
            writer.WriteString("model", request.Version.Model);
            writer.WriteNumber("version", request.Version.Version);
            WriteIf(writer, "replica", request.Replica);
            writer.WriteString("protocol", NameOf(request.Protocol));
            writer.WriteString("path", request.Path);
            writer.WriteNumber("status", request.Status);
            writer.WriteString("fault", request.Fault.Label());
            writer.WriteNumber("durationMs", Math.Round(request.Duration.TotalMilliseconds, 3));
            var signature = request.Version.Definition.Signature;
            Write(writer, "request", request.Request, request.Protocol, signature.Inputs);
            Write(writer, "answer", request.Answer, request.Protocol, signature.Outputs);
            writer.WriteEndObject();
        }

        target.Write("\n"u8);
    }

    private void Write(Utf8JsonWriter writer, string name, CapturedBody body, InferenceProtocol protocol, IReadOnlyList<TensorSpec> tensors)
    {
        writer.WriteStartObject(name);
        WriteIf(writer, "contentType", body.ContentType);
        WriteIf(writer, "contentEncoding", body.Encoding);
        WriteIf(writer, "headerLength", body.HeaderLength);
        if (bodies != CaptureBodies.None && body.Bytes is { } bytes)
        {
            writer.WriteNumber("bytes", bytes);
        }

        if (bodies == CaptureBodies.Whole)
        {
            WriteBody(writer, body, protocol, tensors);
        }

        writer.WriteEndObject();
    }

    private void WriteBody(Utf8JsonWriter writer, CapturedBody body, InferenceProtocol protocol, IReadOnlyList<TensorSpec> tensors)
    {
        if (body.Held is not { } held)
        {
            writer.WriteString("leftOut", "size");
            return;
        }

        using var json = string.IsNullOrEmpty(body.Encoding) && string.IsNullOrEmpty(body.HeaderLength) ? TryParse(held.Memory) : null;
        if (json is null && !redaction.IsOn)
        {
            writer.WriteBase64String("base64", held.Memory.Span);
        }
        else if (json is null || !redaction.Covers(json.RootElement, protocol, tensors))
        {
            writer.WriteString("leftOut", "redacted"); // nobody could tell which part of it is not to be kept
        }
        else
        {
            writer.WritePropertyName("body");
            redaction.Write(writer, json.RootElement);
        }
    }

    private static JsonDocument? TryParse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return JsonDocument.Parse(bytes);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string NameOf(InferenceProtocol protocol) => protocol switch
    {
        InferenceProtocol.V2 => "v2",
        InferenceProtocol.V1 => "v1",
        InferenceProtocol.MlflowScoring => "mlflow",
        _ => "plain",
    };

    private static void WriteIf(Utf8JsonWriter writer, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            writer.WriteString(name, value);
        }
    }
}
