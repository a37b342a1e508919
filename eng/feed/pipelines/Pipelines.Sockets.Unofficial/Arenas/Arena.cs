namespace Pipelines.Sockets.Unofficial.Arenas;

/// <summary>
/// Memory for the elements of one answer: taken piece by piece, given back all at once. Not for several threads at once. What was allocated
/// must not be looked at after the next <see cref="Reset"/>.
/// </summary>
/// <typeparam name="T">The elements.</typeparam>
public sealed class Arena<T> : IDisposable
{
    /// <summary>Elements of a block that outlives a reset.</summary>
    private const int BlockLength = 512;

    private T[] _block = [];
    private int _used;

    /// <summary>An arena. The options tune the published package's blocks; here there is one kind of block.</summary>
    public Arena(ArenaOptions? options = null, Allocator<T>? allocator = null) => _ = (options, allocator);

    /// <summary>So many elements, in one piece, all of them <c>default</c>.</summary>
    public Sequence<T> Allocate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > _block.Length - _used)
        {
            // The old block lives as long as the sequences that lie in it.
            (_block, _used) = (new T[Math.Max(length, BlockLength)], 0);
        }

        var sequence = new Sequence<T>(_block, _used, length);
        _used += length;
        return sequence;
    }

    /// <summary>Everything that was allocated is free again. A block that one large answer needed is let go.</summary>
    public void Reset()
    {
        if (_block.Length > BlockLength)
        {
            _block = [];
        }
        else
        {
            Array.Clear(_block, 0, _used); // or it would keep alive what the last answer referred to
        }

        _used = 0;
    }

    /// <inheritdoc />
    public void Dispose() => (_block, _used) = ([], 0);
}

/// <summary>Where an arena's memory comes from. Here it always comes from the garbage collector: there are none.</summary>
/// <typeparam name="T">The elements.</typeparam>
public abstract class Allocator<T>
{
    private protected Allocator()
    {
    }
}

/// <summary>How an arena is tuned.</summary>
/// <param name="flags">What is done to memory when it is given back.</param>
/// <param name="blockSizeBytes">Bytes of a block; 0 for the default.</param>
/// <param name="retentionPolicy">How much is kept over a reset.</param>
public sealed class ArenaOptions(ArenaFlags flags = ArenaFlags.None, int blockSizeBytes = 0, Func<long, long, long>? retentionPolicy = null)
{
    internal (ArenaFlags Flags, int BlockSizeBytes, Func<long, long, long>? RetentionPolicy) Values { get; } = (flags, blockSizeBytes, retentionPolicy);
}

/// <summary>What is done to memory when it is given back. Here it is always cleared at a reset.</summary>
[Flags]
public enum ArenaFlags
{
    /// <summary>Nothing.</summary>
    None = 0,
}
