using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sluice.Contracts;

/// <summary>The protocols that clients speak: they differ in their paths, and some in the form of an error.</summary>
public enum InferenceProtocol
{
    /// <summary>Open Inference Protocol v2: <c>{"error": "text"}</c>.</summary>
    V2,

    /// <summary>MLflow scoring: <c>{"error_code": "BAD_REQUEST", "message": "text"}</c>.</summary>
    MlflowScoring,

    /// <summary>The V1 protocol (<c>:predict</c>); errors as in v2.</summary>
    V1,

    /// <summary>The plain form (<c>/predict</c>); errors as in v2.</summary>
    Plain,

    /// <summary>Open Inference Protocol v2 over gRPC: an error is a status in the trailers, and has no body.</summary>
    Grpc,
}

/// <summary>Error bodies of the inference protocols. Gateway and Predictor answer with the same ones.</summary>
public static class InferenceError
{
    // Bodies are JSON and are sent as such: quotes need no escape for the sake of HTML.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The UTF-8 JSON body of an error in the protocol's own form.</summary>
    /// <param name="protocol">The protocol the client spoke.</param>
    /// <param name="status">The HTTP status sent with it.</param>
    /// <param name="message">What was wrong and what was expected; never a stack trace.</param>
    public static byte[] Body(InferenceProtocol protocol, int status, string message)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            writer.WriteStartObject();
            if (protocol == InferenceProtocol.MlflowScoring)
            {
                writer.WriteString("error_code", MlflowCode(status));
                writer.WriteString("message", message);
            }
            else
            {
                writer.WriteString("error", message);
            }

            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static string MlflowCode(int status) => status switch
    {
        404 => "RESOURCE_DOES_NOT_EXIST",
        429 => "REQUEST_LIMIT_EXCEEDED",
        >= 400 and < 500 => "BAD_REQUEST",
        503 => "TEMPORARILY_UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        _ => "INTERNAL_ERROR",
    };
}
