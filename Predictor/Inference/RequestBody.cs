using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Inference;

/// <summary>A request's body as it comes, decompressed where it is compressed: read whole, or piece by piece straight into tensors.</summary>
internal sealed class RequestBody : IAsyncDisposable
{
    /// <summary>What <c>Accept-Encoding</c> of a refusal lists.</summary>
    public const string Encodings = "gzip, deflate";

    // What a caller announces is believed only so far: memory follows the bytes that came.
    private const int FirstCapacity = 64 * 1024;

    private readonly PipeReader _pipe;
    private readonly bool _compressed;
    private readonly long _limit;
    private long _taken;

    /// <param name="request">Its headers say how the body is encoded.</param>
    /// <param name="limit">Bytes that the body may have, decompressed.</param>
    /// <exception cref="InferenceException">In a way that is not read (415).</exception>
    public RequestBody(HttpRequest request, long limit)
    {
        Request = request;
        _limit = limit;
        var stream = Decompress(request);
        _compressed = stream is not null;
        _pipe = stream is null ? request.BodyReader : PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: FirstCapacity));
    }

    /// <summary>Whose body it is.</summary>
    public HttpRequest Request { get; }

    /// <summary>Bytes of the whole, where they are known before they came.</summary>
    public long? Length => _compressed ? null : Request.ContentLength;

    /// <summary>Bytes that the whole may have.</summary>
    public long Limit => Length ?? _limit;

    /// <summary>Reads what is left of it; the caller disposes that.</summary>
    /// <exception cref="InferenceException">It is larger than the server takes (413), or its compression is broken.</exception>
    /// <exception cref="BadHttpRequestException">It is larger than the server takes, or badly framed.</exception>
    /// <exception cref="OperationCanceledException">The caller left, or the deadline passed.</exception>
    public ValueTask<PooledBuffer> ReadAsync(CancellationToken cancellationToken) => ReadAsync(long.MaxValue, cancellationToken);

    /// <summary>Reads the next bytes of it, fewer where it ends; the caller disposes them.</summary>
    public async ValueTask<PooledBuffer> ReadAsync(long count, CancellationToken cancellationToken)
    {
        var part = new PooledBuffer((int)Math.Min(Math.Min(count, Length ?? FirstCapacity), FirstCapacity), Math.Min(count, Length ?? long.MaxValue));
        try
        {
            while (part.WrittenCount < count && await TakeAsync(cancellationToken) is { } read)
            {
                var taken = read.Slice(0, Math.Min(read.Length, count - part.WrittenCount));
                part.Write(taken);
                Taken(taken);
            }

            return part;
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next bytes of it into a tensor. Returns how many came before it ended.</summary>
    public async ValueTask<int> FillAsync(InputTensor tensor, CancellationToken cancellationToken)
    {
        var (filled, length) = (0, tensor.Bytes.Length);
        while (filled < length && await TakeAsync(cancellationToken) is { } read)
        {
            var taken = read.Slice(0, Math.Min(read.Length, length - filled));
            taken.CopyTo(tensor.Bytes[filled..]);
            filled += (int)taken.Length;
            Taken(taken);
        }

        return filled;
    }

    /// <summary>Whether nothing is left of it.</summary>
    public async ValueTask<bool> IsAtEndAsync(CancellationToken cancellationToken)
    {
        if (await TakeAsync(cancellationToken) is not { } read)
        {
            return true;
        }

        _pipe.AdvanceTo(read.Start);
        return false;
    }

    public async ValueTask DisposeAsync()
    {
        if (_compressed)
        {
            await _pipe.CompleteAsync();
        }
    }

    // What there is, at least a byte; null at the end. What is taken of it is told by Taken.
    private async ValueTask<ReadOnlySequence<byte>?> TakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var read = await _pipe.ReadAsync(cancellationToken);
                if (!read.Buffer.IsEmpty)
                {
                    return read.Buffer;
                }

                _pipe.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return null;
                }
            }
        }
        catch (InvalidDataException exception)
        {
            throw InferenceException.Client($"The body is not what its Content-Encoding says: {exception.Message}");
        }
    }

    private void Taken(ReadOnlySequence<byte> bytes)
    {
        _taken += bytes.Length;
        _pipe.AdvanceTo(bytes.End);
        if (_taken > _limit)
        {
            throw InferenceException.Client($"The body is too large: it has more than {_limit} bytes.", StatusCodes.Status413PayloadTooLarge);
        }
    }

    private static Stream? Decompress(HttpRequest request)
    {
        var encoding = request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant();
        switch (encoding)
        {
            case "" or "identity":
                return null;
            case "gzip" or "x-gzip":
                return new GZipStream(request.Body, CompressionMode.Decompress);
            case "deflate":
                return new ZLibStream(request.Body, CompressionMode.Decompress);
            default:
                request.HttpContext.Response.Headers.AcceptEncoding = Encodings;
                throw InferenceException.Client(
                    $"The content encoding {Words.Quoted(encoding)} is not supported: send the body as it is, or in one of {Encodings}.",
                    StatusCodes.Status415UnsupportedMediaType);
        }
    }
}
