using System.Runtime.InteropServices;

namespace Sluice.Predictor.Runtime;

/// <summary>
/// A tensor to be asked about, in the form of the protocol's binary extension: row-major, little-endian, BOOL as one byte, each element of BYTES as
/// its length in 4 bytes and then its bytes. Owns its memory.
/// </summary>
internal sealed class InputTensor : IDisposable
{
    private readonly TensorBuffer _buffer;

    /// <param name="name">The input's name in the graph.</param>
    /// <param name="datatype">One of <see cref="Contracts.Datatype"/>.</param>
    /// <param name="shape">All dimensions known.</param>
    /// <param name="length">Bytes of the content; for a datatype of fixed size what the shape takes.</param>
    /// <param name="pool">Where the memory comes from.</param>
    public InputTensor(string name, string datatype, long[] shape, int length, TensorPool? pool = null)
    {
        (Name, Datatype, Shape) = (name, datatype, shape);
        _buffer = new TensorBuffer(length, pool);
    }

    public string Name { get; }

    public string Datatype { get; }

    public long[] Shape { get; }

    /// <summary>The first dimension; 1 for a scalar.</summary>
    public long Rows => Shape.Length == 0 ? 1 : Shape[0];

    public nint Address => _buffer.Address;

    /// <summary>The content, undefined until it was written.</summary>
    public Span<byte> Bytes => _buffer.Bytes;

    /// <summary>A tensor of elements of fixed size.</summary>
    /// <param name="name">The input's name.</param>
    /// <param name="datatype">Any but BYTES.</param>
    /// <param name="shape">All dimensions known.</param>
    /// <param name="elements">The product of the dimensions.</param>
    public static InputTensor OfElements(string name, string datatype, long[] shape, int elements) =>
        new(name, datatype, shape, checked(elements * ElementTypes.SizeOf(datatype)));

    /// <summary>A tensor that has its content already.</summary>
    /// <param name="name">The input's name.</param>
    /// <param name="datatype">Any; of BYTES the content must be well-formed (<see cref="RawStrings"/>).</param>
    /// <param name="shape">All dimensions known.</param>
    /// <param name="content">Is copied.</param>
    public static InputTensor OfBytes(string name, string datatype, long[] shape, ReadOnlySpan<byte> content)
    {
        var tensor = new InputTensor(name, datatype, shape, content.Length);
        content.CopyTo(tensor.Bytes);
        return tensor;
    }

    public Span<T> Elements<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(_buffer.Bytes);

    public void Dispose() => _buffer.Dispose();
}
