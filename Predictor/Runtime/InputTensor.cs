using System.Runtime.InteropServices;

namespace Sluice.Predictor.Runtime;

/// <summary>A tensor to be asked about. Owns its buffer.</summary>
internal sealed class InputTensor : IDisposable
{
    private readonly TensorBuffer _buffer;

    /// <param name="name">The input's name in the graph.</param>
    /// <param name="datatype">A datatype of fixed size.</param>
    /// <param name="shape">All dimensions known.</param>
    /// <param name="elements">The product of the dimensions.</param>
    public InputTensor(string name, string datatype, long[] shape, int elements)
    {
        Name = name;
        Datatype = datatype;
        Shape = shape;
        _buffer = new TensorBuffer(checked(elements * ElementTypes.SizeOf(datatype)));
    }

    public string Name { get; }

    public string Datatype { get; }

    public long[] Shape { get; }

    public nint Address => _buffer.Address;

    public Span<byte> Bytes => _buffer.Bytes;

    public Span<T> Elements<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(_buffer.Bytes);

    public void Dispose() => _buffer.Dispose();
}
