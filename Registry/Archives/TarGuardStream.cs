using Sluice.Registry.Streams;

namespace Sluice.Registry.Archives;

/// <summary>
/// Stands before a reader of tar archives, which takes the extra headers of an entry (long names, extended attributes) into memory whole, as long as they
/// say they are: looks at each header first and refuses those that are large.
/// </summary>
internal sealed class TarGuardStream(Stream inner) : ForwardStream
{
    private const int BlockSize = 512;
    private const long LargestExtra = 64 * 1024;

    private readonly byte[] _header = new byte[BlockSize];
    private int _filled;
    private long _skip;
    private bool _isWatching = true;

    /// <summary>An entry's content was read to its end: what comes is its padding, and the headers of the next entry.</summary>
    /// <param name="size">The entry's size.</param>
    public void ExpectHeader(long size)
    {
        _skip = PaddingOf(size);
        _filled = 0;
        _isWatching = true;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        Look(buffer.Span[..read]);
        return read;
    }

    private void Look(ReadOnlySpan<byte> bytes)
    {
        while (_isWatching && bytes.Length > 0)
        {
            if (_skip > 0)
            {
                var skipped = (int)Math.Min(_skip, bytes.Length);
                _skip -= skipped;
                bytes = bytes[skipped..];
                continue;
            }

            var taken = Math.Min(BlockSize - _filled, bytes.Length);
            bytes[..taken].CopyTo(_header.AsSpan(_filled));
            _filled += taken;
            bytes = bytes[taken..];
            if (_filled == BlockSize)
            {
                LookAtHeader();
            }
        }
    }

    private void LookAtHeader()
    {
        // Type flags: extended attributes of the next entry and of all, long link, long name.
        _isWatching = _header[156] is (byte)'x' or (byte)'g' or (byte)'K' or (byte)'L';
        if (_isWatching)
        {
            var size = SizeOf(_header.AsSpan(124, 12));
            _skip = size + PaddingOf(size);
            _filled = 0;
        }
    }

    private static long SizeOf(ReadOnlySpan<byte> field)
    {
        long size = 0;
        foreach (var letter in field)
        {
            if (letter is >= (byte)'0' and <= (byte)'7')
            {
                size = (size * 8) + (letter - '0');
            }
            else if (letter is not ((byte)' ' or 0))
            {
                size = long.MaxValue; // the form for sizes over 8 GiB, or none
                break;
            }
        }

        return size <= LargestExtra ? size : throw new ArchiveLimitException($"An entry has extra headers of more than {LargestExtra} bytes.");
    }

    private static long PaddingOf(long size) => (BlockSize - (size % BlockSize)) % BlockSize;
}
