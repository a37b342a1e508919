using Sluice.Registry.Streams;

namespace Sluice.Registry.Archives;

/// <summary>Counts what is read; gives back first what was looked at before.</summary>
internal sealed class CountingStream(byte[] start, Stream inner) : ForwardStream
{
    private int _given;

    /// <summary>Bytes read so far.</summary>
    public long Count { get; private set; }

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
}
