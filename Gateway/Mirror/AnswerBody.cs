using System.IO.Compression;
using System.Runtime.InteropServices;
using Microsoft.Net.Http.Headers;
using Sluice.Gateway.Forwarding;

namespace Sluice.Gateway.Mirror;

/// <summary>The body of an answer, and the headers that say how to read it.</summary>
/// <param name="Bytes">As it came.</param>
/// <param name="Encoding">Its <c>Content-Encoding</c>; null or empty for none.</param>
/// <param name="HeaderLength">Its <c>Inference-Header-Content-Length</c>: bytes of JSON before the binary tensors; null or empty when there are none.</param>
internal readonly record struct AnswerBody(ReadOnlyMemory<byte> Bytes, string? Encoding = null, string? HeaderLength = null)
{
    /// <summary>The largest answer that is looked at, in bytes after decompression.</summary>
    public const int MostBytes = 16 * 1024 * 1024;

    /// <summary>An answer of a replica.</summary>
    public static AnswerBody Of(ReadOnlyMemory<byte> bytes, IHeaderDictionary headers) =>
        new(bytes, headers[HeaderNames.ContentEncoding], headers[Exchange.BinaryHeaderLength]);

    /// <summary>The body as it was before it was compressed.</summary>
    /// <exception cref="InvalidDataException">It is not what its encoding says, the encoding is another than gzip or deflate, or it is too large.</exception>
    public ReadOnlyMemory<byte> Decode()
    {
        switch (Encoding?.Trim().ToLowerInvariant())
        {
            case null or "" or "identity":
                return Bytes.Length <= MostBytes ? Bytes : throw TooLarge();
            case "gzip":
                return Read(new GZipStream(Open(), CompressionMode.Decompress));
            case "deflate":
                return Read(new ZLibStream(Open(), CompressionMode.Decompress));
            default:
                throw new InvalidDataException("its encoding is neither gzip nor deflate");
        }
    }

    private MemoryStream Open() => MemoryMarshal.TryGetArray(Bytes, out var segment)
        ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
        : new MemoryStream(Bytes.ToArray(), writable: false);

    private static ReadOnlyMemory<byte> Read(Stream compressed)
    {
        using (compressed)
        {
            var decoded = new MemoryStream();
            var buffer = new byte[16 * 1024];
            int read;
            while ((read = compressed.Read(buffer)) > 0)
            {
                decoded.Write(buffer, 0, read);
                if (decoded.Length > MostBytes)
                {
                    throw TooLarge();
                }
            }

            return decoded.GetBuffer().AsMemory(0, (int)decoded.Length);
        }
    }

    private static InvalidDataException TooLarge() => new($"it has more than {MostBytes} bytes");
}
