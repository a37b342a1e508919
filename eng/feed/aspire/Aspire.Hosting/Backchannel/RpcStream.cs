namespace Aspire.Hosting.Backchannel;

/// <summary>A stream that the caller asks for piece by piece.</summary>
internal sealed class RpcStream : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly IAsyncEnumerator<object> _values;

    public RpcStream(IAsyncEnumerable<object> values) => _values = values.GetAsyncEnumerator(_ended.Token);

    /// <summary>The next value; none when there will be no more.</summary>
    public async Task<(IReadOnlyList<object> Values, bool Finished)> NextAsync(CancellationToken cancellationToken)
    {
        var registration = cancellationToken.UnsafeRegister(static ended => ((CancellationTokenSource)ended!).Cancel(), _ended);
        await using (registration.ConfigureAwait(false))
        {
            return await _values.MoveNextAsync().ConfigureAwait(false) ? ([_values.Current], false) : ([], true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        try
        {
            await _values.DisposeAsync().ConfigureAwait(false);
        }
        catch (NotSupportedException)
        {
            // A read is under way: it ends with the cancellation.
        }

        _ended.Dispose();
    }
}
