namespace Sluice.Predictor.Inference;

/// <summary>Reads a request's body whole.</summary>
internal static class RequestBody
{
    // What a caller announces is believed only so far: memory follows the bytes that came.
    private const int FirstCapacity = 64 * 1024;

    /// <summary>Reads the body; the caller disposes it.</summary>
    /// <exception cref="BadHttpRequestException">It is larger than the server takes, or badly framed.</exception>
    /// <exception cref="OperationCanceledException">The caller left, or the deadline passed.</exception>
    public static async ValueTask<PooledBuffer> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var body = new PooledBuffer((int)Math.Min(request.ContentLength ?? FirstCapacity, FirstCapacity));
        try
        {
            while (true)
            {
                var read = await request.BodyReader.ReadAsync(cancellationToken);
                body.Write(read.Buffer);
                request.BodyReader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return body;
                }
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }
}
