using System.Numerics;

namespace Sluice.Predictor.Runtime;

/// <summary>
/// Native memory for tensors, kept for the next request: the first touch of fresh pages costs more than filling a small tensor. What is kept is
/// bounded, a few MiB a size; a large piece goes back at once, so that a large request leaves nothing behind.
/// </summary>
/// <param name="memory">Where pieces come from.</param>
internal sealed class TensorPool(ITensorMemory memory) : IDisposable
{
    private const int SmallestBits = 8; // 256 bytes
    private const int LargestBits = 22; // 4 MiB
    private const int KeptBytesPerSize = 4 * 1024 * 1024;

    private readonly Shelf[] _shelves = [.. Enumerable.Range(SmallestBits, LargestBits - SmallestBits + 1).Select(bits => new Shelf(KeptBytesPerSize >> bits))];
    private bool _disposed;

    /// <summary>Pageable memory of the process, for what the processor reads.</summary>
    public static TensorPool Shared { get; } = new(new ProcessMemory());

    /// <summary>Takes a piece, aligned for vector instructions, of undefined content.</summary>
    /// <param name="length">Bytes; an empty tensor has an address, too.</param>
    public nint Rent(int length)
    {
        var bits = BitsOf(length);
        if (bits > LargestBits)
        {
            return memory.Allocate(length);
        }

        return _shelves[bits - SmallestBits].TryTake(out var address) ? address : memory.Allocate(1 << bits);
    }

    /// <summary>Gives a piece back.</summary>
    public void Return(nint address, int length)
    {
        var bits = BitsOf(length);
        if (bits > LargestBits || Volatile.Read(ref _disposed) || !_shelves[bits - SmallestBits].TryPut(address))
        {
            memory.Free(address);
        }
    }

    /// <summary>Frees what is kept; what is still out is freed when it comes back.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _disposed, true);
        foreach (var shelf in _shelves)
        {
            while (shelf.TryTake(out var address))
            {
                memory.Free(address);
            }
        }
    }

    private static int BitsOf(int length) => Math.Max(SmallestBits, BitOperations.Log2((uint)Math.Max(length, 1) - 1) + 1);

    private sealed class Shelf(int capacity)
    {
        private readonly Lock _lock = new();
        private readonly nint[] _pieces = new nint[capacity];
        private int _count;

        public bool TryTake(out nint address)
        {
            lock (_lock)
            {
                address = _count > 0 ? _pieces[--_count] : 0;
                return address != 0;
            }
        }

        public bool TryPut(nint address)
        {
            lock (_lock)
            {
                if (_count == _pieces.Length)
                {
                    return false;
                }

                _pieces[_count++] = address;
                return true;
            }
        }
    }
}
