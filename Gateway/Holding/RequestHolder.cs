namespace Sluice.Gateway.Holding;

/// <summary>Takes the body of a request into memory, so that it can be sent again.</summary>
internal static class RequestHolder
{
    /// <summary>Reads the body whole; null when it is too large, or the budget is spent: then the request's body still is what was sent, to be read once.</summary>
    /// <exception cref="BadHttpRequestException">It is badly framed, or larger than the server takes.</exception>
    /// <exception cref="IOException">The caller left.</exception>
    /// <exception cref="OperationCanceledException">The deadline passed, or the caller left.</exception>
    public static async ValueTask<HeldBytes?> TryHoldAsync(HttpRequest request, HeldBudget budget, int limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
        {
            return null;
        }

        var held = new HeldBytes(budget, limit);
        try
        {
            while (true)
            {
                // One byte more than there should be room for tells that the body is over, or too long.
                var room = held.Reserve((int)(request.ContentLength ?? 0) - held.Length + 1);
                if (room.IsEmpty)
                {
                    return await EndsHereAsync(request, held, cancellationToken) ? held : null;
                }

                var read = await request.Body.ReadAsync(room, cancellationToken);
                if (read == 0)
                {
                    return held;
                }

                held.Advance(read);
            }
        }
        catch
        {
            held.Release();
            throw;
        }
    }

    // No room is left. What was read goes before the rest of the body; its memory is given back with the request.
    private static async ValueTask<bool> EndsHereAsync(HttpRequest request, HeldBytes held, CancellationToken cancellationToken)
    {
        var next = new byte[1];
        var body = request.Body;
        if (await body.ReadAsync(next, cancellationToken) == 0)
        {
            return true;
        }

        request.HttpContext.Response.RegisterForDispose(new Holder(held));
        request.Body = held.OpenRead(new HeldStream(next, body));
        return false;
    }

    private sealed class Holder(HeldBytes held) : IDisposable
    {
        public void Dispose() => held.Release();
    }
}
