using System.Globalization;
using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.Net.Http.Headers;
using Sluice.Predictor.Protocols;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Inference;

/// <summary>Sends answers: JSON, compressed where that pays, or JSON with binary tensors behind it, never compressed: floats hardly get smaller.</summary>
internal static class HttpAnswer
{
    /// <summary>Bytes given to the connection before it is waited for: bounds what an answer takes beside its tensors.</summary>
    private const int Chunk = 64 * 1024;

    /// <summary>Sends an answer that is only JSON.</summary>
    public static async ValueTask SendJsonAsync(HttpContext context, PooledBuffer json, int? compressedFrom, CancellationToken cancellationToken)
    {
        var response = context.Response;
        response.ContentType = "application/json";
        if (json.WrittenCount >= compressedFrom)
        {
            response.Headers.Vary = HeaderNames.AcceptEncoding;
            if (AcceptedEncoding.Of(context.Request) is { } encoding)
            {
                response.Headers.ContentEncoding = encoding;
                await using var stream = Compress(encoding, response.Body);
                await stream.WriteAsync(json.WrittenMemory, cancellationToken);
                return;
            }
        }

        response.ContentLength = json.WrittenCount;
        await response.Body.WriteAsync(json.WrittenMemory, cancellationToken);
    }

    /// <summary>Sends an answer with binary tensors, straight from the memory of the run.</summary>
    public static async ValueTask SendBinaryAsync(
        HttpResponse response, PooledBuffer json, OutputTensors outputs, IReadOnlyList<int> binary, CancellationToken cancellationToken)
    {
        var length = (long)json.WrittenCount;
        for (var i = 0; i < binary.Count; i++)
        {
            length += outputs[binary[i]].Bytes.Length;
        }

        response.ContentType = "application/octet-stream";
        response.ContentLength = length;
        response.Headers[V2Format.BinaryHeader] = json.WrittenCount.ToString(CultureInfo.InvariantCulture);
        Write(response.BodyWriter, json.WrittenSpan);
        for (var i = 0; i < binary.Count; i++)
        {
            for (var from = 0; from < outputs[binary[i]].Bytes.Length; from += Chunk)
            {
                Write(response.BodyWriter, outputs[binary[i]].Bytes[from..Math.Min(from + Chunk, outputs[binary[i]].Bytes.Length)]);
                await response.BodyWriter.FlushAsync(cancellationToken);
            }
        }

        await response.BodyWriter.FlushAsync(cancellationToken);
    }

    private static void Write(PipeWriter writer, ReadOnlySpan<byte> bytes) => System.Buffers.BuffersExtensions.Write(writer, bytes);

    private static Stream Compress(string encoding, Stream target) => encoding == AcceptedEncoding.Gzip
        ? new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true)
        : new ZLibStream(target, CompressionLevel.Fastest, leaveOpen: true);
}
