using System.Runtime.InteropServices;

namespace Sluice.Predictor.Runtime;

/// <summary>
/// Native memory of one tensor: aligned for vector instructions, read by the runtime in place, and given back to the system at once, so that a
/// large request leaves nothing behind in a pool.
/// </summary>
internal sealed unsafe class TensorBuffer : IDisposable
{
    private const int Alignment = 64;
    private void* _memory;

    /// <param name="length">Bytes; at least one is allocated, so that an empty tensor has an address too.</param>
    public TensorBuffer(int length)
    {
        _memory = NativeMemory.AlignedAlloc((nuint)Math.Max(length, 1), Alignment);
        Length = length;
    }

    public int Length { get; }

    public nint Address => (nint)_memory;

    public Span<byte> Bytes => _memory is null ? throw new ObjectDisposedException(nameof(TensorBuffer)) : new(_memory, Length);

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
