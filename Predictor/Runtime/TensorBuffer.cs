namespace Sluice.Predictor.Runtime;

/// <summary>Native memory of one tensor, which the runtime reads and writes in place.</summary>
internal sealed unsafe class TensorBuffer : IDisposable
{
    private readonly TensorPool _pool;
    private nint _address;

    /// <param name="length">Bytes.</param>
    /// <param name="pool">Where it comes from and goes back to; default: <see cref="TensorPool.Shared"/>.</param>
    public TensorBuffer(int length, TensorPool? pool = null)
    {
        _pool = pool ?? TensorPool.Shared;
        _address = _pool.Rent(length);
        Length = length;
    }

    public int Length { get; }

    public nint Address => _address;

    public Span<byte> Bytes => _address == 0 ? throw new ObjectDisposedException(nameof(TensorBuffer)) : new((void*)_address, Length);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _address, 0) is var address and not 0)
        {
            _pool.Return(address, Length);
        }
    }
}
