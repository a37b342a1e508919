using System.Buffers;

namespace Sluice.Gateway.Holding;

/// <summary>Bytes in pooled memory, paid for from the budget, up to a limit. Grows as they come; given back when its last holder lets go.</summary>
internal sealed class HeldBytes(HeldBudget budget, int limit)
{
    private const int FirstSize = 4096;

    private byte[] _array = [];
    private int _holders = 1;

    /// <summary>How many there are.</summary>
    public int Length { get; private set; }

    /// <summary>What it takes of the budget, in bytes.</summary>
    public int Size => _array.Length;

    public ReadOnlyMemory<byte> Memory => _array.AsMemory(0, Length);

    /// <summary>Room for more, at least one byte; empty when the limit or the budget is reached.</summary>
    /// <param name="expected">How many more are probably to come.</param>
    public Memory<byte> Reserve(int expected)
    {
        if (Length < _array.Length)
        {
            return _array.AsMemory(Length, Math.Min(_array.Length, limit) - Length);
        }

        var wanted = Math.Min(limit, Math.Max(Length + Math.Max(expected, 1), Math.Max(FirstSize, Length * 2)));
        if (wanted <= Length)
        {
            return default;
        }

        var larger = ArrayPool<byte>.Shared.Rent(wanted);
        if (!budget.TryTake(larger.Length - _array.Length))
        {
            ArrayPool<byte>.Shared.Return(larger);
            return default;
        }

        Memory.CopyTo(larger);
        Free(_array);
        _array = larger;
        return _array.AsMemory(Length, Math.Min(_array.Length, limit) - Length);
    }

    /// <summary>So many bytes of the room were filled.</summary>
    public void Advance(int count) => Length += count;

    /// <summary>One more holds it.</summary>
    public HeldBytes Retain()
    {
        Interlocked.Increment(ref _holders);
        return this;
    }

    /// <summary>One less does.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            budget.Give(_array.Length);
            Free(_array);
            _array = [];
            Length = 0;
        }
    }

    /// <summary>A stream over what is there.</summary>
    public Stream OpenRead() => new HeldStream(Memory, rest: null);

    /// <summary>A stream over what is there and then the rest of another.</summary>
    public Stream OpenRead(Stream rest) => new HeldStream(Memory, rest);

    private static void Free(byte[] array)
    {
        if (array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
