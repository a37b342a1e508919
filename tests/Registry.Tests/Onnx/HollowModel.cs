namespace Sluice.Registry.Tests.Onnx;

/// <summary>
/// A file of many gigabytes that takes no space: a model, and a second part of its graph with one weight of zeros, which protocol buffers merge into
/// the first. It counts what is read of it.
/// </summary>
internal sealed class HollowModel : Stream
{
    private readonly byte[] _head;

    public HollowModel(byte[] model, long weightBytes)
    {
        // graph (7) { initializer (5) { name (8) = "big", raw_data (9) = zeros } }, all of them of known length.
        byte[] name = [8 << 3 | 2, 3, (byte)'b', (byte)'i', (byte)'g'];
        byte[] raw = [9 << 3 | 2, .. Varint(weightBytes)];
        byte[] tensor = [5 << 3 | 2, .. Varint(name.Length + raw.Length + weightBytes), .. name, .. raw];
        _head = [.. model, 7 << 3 | 2, .. Varint(tensor.Length + weightBytes), .. tensor];
        Length = _head.Length + weightBytes;
    }

    public long BytesRead { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position { get; set; }

    public override int Read(Span<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, Length - Position);
        var head = (int)Math.Clamp(_head.Length - Position, 0, count);
        _head.AsSpan((int)Math.Min(Position, _head.Length), head).CopyTo(buffer);
        buffer[head..count].Clear();
        Position += count;
        BytesRead += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static byte[] Varint(long value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        return [.. bytes, (byte)value];
    }
}
