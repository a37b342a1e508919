using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sluice.Predictor.Grpc;

/// <summary>Native memory as <see cref="Memory{T}"/>, which whoever owns it keeps for as long.</summary>
internal sealed unsafe class NativeBytes : MemoryManager<byte>
{
    private readonly byte* _address;
    private readonly int _length;

    /// <param name="bytes">In native memory, which stays where it is.</param>
    public NativeBytes(ReadOnlySpan<byte> bytes)
    {
        _address = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes));
        _length = bytes.Length;
    }

    public override Span<byte> GetSpan() => new(_address, _length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_address + elementIndex);

    public override void Unpin()
    {
        // It never moves.
    }

    protected override void Dispose(bool disposing)
    {
        // It is somebody else's.
    }
}
