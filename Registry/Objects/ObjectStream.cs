namespace Sluice.Registry.Objects;

/// <summary>
/// An object as a seekable stream. It is asked for only when it is read, from where it is read; a connection that is cut or stalls is made again from
/// the byte it came to. An object that ends before its size is an error, never a short file.
/// </summary>
/// <param name="objects">Where it is.</param>
/// <param name="info">Which, and how long.</param>
internal sealed class ObjectStream(IObjectStore objects, ObjectInfo info) : Stream
{
    /// <summary>Openings without one byte of progress, after which it gives up.</summary>
    private const int MostTries = 4;

    private static readonly TimeSpan LongestStall = TimeSpan.FromSeconds(30);

    private Stream? _connection;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => info.Size;

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= Length || buffer.IsEmpty)
        {
            return 0;
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var read = await ReadOnceAsync(buffer[..(int)Math.Min(buffer.Length, Length - _position)], cancellationToken);
                _position += read;
                return read;
            }
            // Each library's stream has its own words for a broken connection: an IOException, an error of the library's, several of them in one.
            catch (Exception exception) when (exception is not ObjectStoreException && !cancellationToken.IsCancellationRequested)
            {
                await DropAsync();
                if (attempt == MostTries)
                {
                    throw new ObjectStoreException(
                        ObjectStoreFault.Unavailable,
                        $"{objects.Name} broke off {info.Key} at byte {_position} of {Length}, {MostTries} times: check the network and its health; then try again.",
                        exception);
                }
            }
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin)
    {
        var position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => Length + offset,
        };
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        if (position != _position)
        {
            _connection?.Dispose();
            _connection = null;
            _position = position;
        }

        return position;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await DropAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        _connection?.Dispose();
        base.Dispose(disposing);
    }

    private async Task<int> ReadOnceAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stall.CancelAfter(LongestStall);
        _connection ??= await objects.OpenAsync(info.Key, _position, stall.Token);
        var read = await _connection.ReadAsync(buffer, stall.Token);
        return read > 0 ? read : throw new EndOfStreamException("The connection ended before the object did.");
    }

    private async ValueTask DropAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }
}
