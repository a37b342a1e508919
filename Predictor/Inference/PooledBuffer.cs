using System.Buffers;

namespace Sluice.Predictor.Inference;

/// <summary>Bytes of one body, in one piece. Small arrays come from a pool; a large one is left to the collector, so that no pool grows by it.</summary>
internal sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    private const int LargestPooled = 4 * 1024 * 1024;
    private const int Growth = 4;
    private byte[] _array;
    private int _written;

    private readonly long _expected;

    /// <param name="capacity">Bytes to begin with.</param>
    /// <param name="expected">Bytes that will come in the end, as far as that is known: it does not grow past them by its own steps.</param>
    public PooledBuffer(int capacity, long expected = long.MaxValue) => (_array, _expected) = (Rent(capacity), expected);

    public ReadOnlyMemory<byte> WrittenMemory => _array.AsMemory(0, _written);

    public ReadOnlySpan<byte> WrittenSpan => _array.AsSpan(0, _written);

    public int WrittenCount => _written;

    public void Advance(int count) => _written += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _array.AsMemory(_written);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        _written += bytes.Length;
    }

    public void Write(in ReadOnlySequence<byte> bytes)
    {
        Reserve(checked((int)bytes.Length));
        bytes.CopyTo(_array.AsSpan(_written));
        _written += (int)bytes.Length;
    }

    public void Dispose()
    {
        Return(_array);
        _array = [];
        _written = 0;
    }

    private void Reserve(int count)
    {
        if (_array.Length - _written >= count)
        {
            return;
        }

        var needed = checked(_written + count);
        var step = Math.Min((long)_array.Length * Growth, _expected);
        var larger = Rent((int)Math.Min(Math.Max(step, needed), Array.MaxLength));
        _array.AsSpan(0, _written).CopyTo(larger);
        Return(_array);
        _array = larger;
    }

    private static byte[] Rent(int size) =>
        size <= LargestPooled ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);

    private static void Return(byte[] array)
    {
        if (array.Length is > 0 and <= LargestPooled)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
