namespace Sluice.Registry.Archives;

/// <summary>What comes out of a decompressor, bounded by what went in: files of models do not shrink a hundredfold, bombs do.</summary>
/// <param name="expanded">The decompressor.</param>
/// <param name="compressed">What it reads from.</param>
internal sealed class ExpansionLimitStream(Stream expanded, CountingStream compressed) : Stream
{
    private const long HighestRatio = 200;

    /// <summary>Bytes that may come out in any case.</summary>
    private const long Allowance = 16 * 1024 * 1024;

    private long _out;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await expanded.ReadAsync(buffer, cancellationToken);
        _out += read;
        return _out <= Allowance + (HighestRatio * compressed.Count)
            ? read
            : throw new ArchiveLimitException($"The archive expands more than {HighestRatio}-fold; send it uncompressed.");
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>Counts what is read; gives back first what was looked at before.</summary>
internal sealed class CountingStream(byte[] start, Stream inner) : Stream
{
    private int _given;

    /// <summary>Bytes read so far.</summary>
    public long Count { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = Math.Min(start.Length - _given, buffer.Length);
        if (read > 0)
        {
            start.AsMemory(_given, read).CopyTo(buffer);
            _given += read;
        }
        else
        {
            read = await inner.ReadAsync(buffer, cancellationToken);
        }

        Count += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>An archive breaks a limit; the message says which.</summary>
internal sealed class ArchiveLimitException(string message) : Exception(message);
