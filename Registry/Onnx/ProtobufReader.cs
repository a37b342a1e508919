using System.Text;

namespace Sluice.Registry.Onnx;

/// <summary>The kinds of values on the protocol buffer wire; groups (3, 4) are long out of use and refused.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Length = 2,
    Fixed32 = 5,
}

/// <summary>
/// Reads the protocol buffer wire format from a seekable stream, forward only, in constant memory: what is not wanted is skipped by seeking, never
/// read. Every length is checked against the message around it, so that no input leads it out of the file, around in circles, or to a large
/// allocation.
/// </summary>
internal sealed class ProtobufReader
{
    /// <summary>Messages within messages; what protocol buffer libraries allow by default.</summary>
    private const int DeepestNesting = 100;

    /// <summary>Bytes of a text that is kept, e.g. a name or a path.</summary>
    private const int LongestText = 4096;

    /// <summary>Bytes of all texts together, so that a file cannot make the reader keep as much as it is large.</summary>
    private const long MostText = 32L << 20;

    /// <summary>What a text costs besides its bytes.</summary>
    private const int TextOverhead = 64;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private long _bufferStart; // position in the stream of _buffer[0]
    private int _buffered;
    private long _position;
    private long _end; // of the message being read
    private int _depth;
    private long _text;

    /// <param name="stream">Seekable; read from its start.</param>
    public ProtobufReader(Stream stream)
    {
        _stream = stream;
        _end = stream.Length;
    }

    /// <summary>Reads the head of the next field; false at the end of the message.</summary>
    public bool TryReadField(out int field, out WireType type)
    {
        field = 0;
        type = default;
        if (_position == _end)
        {
            return false;
        }

        var at = _position;
        var tag = ReadVarint();
        type = (WireType)(tag & 7);
        if (tag >> 3 is 0 or > 0x1FFF_FFFF || !Enum.IsDefined(type))
        {
            throw new OnnxFormatException($"The file is no ONNX model, or is damaged: byte {at} begins no field of a protocol buffer.");
        }

        field = (int)(tag >> 3);
        return true;
    }

    /// <summary>Reads a number of a field that must hold one.</summary>
    public long ReadNumber(WireType type, string what)
    {
        Expect(WireType.Varint, type, what);
        return unchecked((long)ReadVarint());
    }

    /// <summary>Reads a text of a field that must hold one.</summary>
    public string ReadText(WireType type, string what)
    {
        var length = ReadLength(type, what);
        if (length > LongestText)
        {
            throw new OnnxFormatException($"The {what} has {length} bytes; at most {LongestText} are allowed.");
        }

        _text += length + TextOverhead;
        if (_text > MostText)
        {
            throw new OnnxFormatException($"The names and paths in the model take more than {MostText >> 20} MiB.");
        }

        Span<byte> bytes = stackalloc byte[(int)length];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = ReadByte();
        }

        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new OnnxFormatException($"The {what} is not UTF-8 text; the file is damaged.");
        }
    }

    /// <summary>Passes over a text, and says whether it is this one. Costs no memory, however often it is asked.</summary>
    public bool ReadIs(WireType type, ReadOnlySpan<byte> text, string what)
    {
        var length = ReadLength(type, what);
        if (length != text.Length)
        {
            Advance(length, what);
            return false;
        }

        var isEqual = true;
        foreach (var expected in text)
        {
            isEqual &= ReadByte() == expected;
        }

        return isEqual;
    }

    /// <summary>Reads a message of a field that must hold one.</summary>
    /// <param name="type">The field's wire type.</param>
    /// <param name="what">Its name, for errors.</param>
    /// <param name="read">Called for each field; has to read or skip the value.</param>
    public void ReadMessage(WireType type, string what, Action<int, WireType> read)
    {
        var outer = _end;
        var length = ReadLength(type, what);
        if (++_depth > DeepestNesting)
        {
            throw new OnnxFormatException($"The model nests deeper than {DeepestNesting} levels.");
        }

        _end = _position + length;
        ReadFields(read);
        _end = outer;
        _depth--;
    }

    /// <summary>Reads the fields up to the end of the message, or of the file.</summary>
    public void ReadFields(Action<int, WireType> read)
    {
        while (TryReadField(out var field, out var type))
        {
            read(field, type);
        }
    }

    /// <summary>Passes over a value.</summary>
    public void Skip(WireType type)
    {
        switch (type)
        {
            case WireType.Varint:
                ReadVarint();
                break;
            case WireType.Fixed64:
                Advance(8, "number");
                break;
            case WireType.Fixed32:
                Advance(4, "number");
                break;
            default:
                Advance(ReadLength(type, "field"), "field");
                break;
        }
    }

    private long ReadLength(WireType type, string what)
    {
        Expect(WireType.Length, type, what);
        var length = ReadVarint();
        return length <= (ulong)(_end - _position) ? (long)length : throw Truncated(what, length);
    }

    private static void Expect(WireType expected, WireType found, string what)
    {
        if (found != expected)
        {
            throw new OnnxFormatException($"The file is no ONNX model, or is damaged: its {what} is of the wire type {found}, expected {expected}.");
        }
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = ReadByte();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new OnnxFormatException($"The file is no ONNX model, or is damaged: the number before byte {_position} does not end.");
    }

    private byte ReadByte()
    {
        if (_position >= _end)
        {
            throw Truncated("number", 1);
        }

        var offset = _position - _bufferStart;
        if (offset < 0 || offset >= _buffered)
        {
            Fill();
            offset = 0;
        }

        _position++;
        return _buffer[offset];
    }

    private void Fill()
    {
        _stream.Position = _position;
        _bufferStart = _position;
        _buffered = _stream.Read(_buffer);
        if (_buffered == 0)
        {
            throw new OnnxFormatException("The file became shorter while it was read.");
        }
    }

    private void Advance(long count, string what)
    {
        if (count > _end - _position)
        {
            throw Truncated(what, (ulong)count);
        }

        _position += count;
    }

    private OnnxFormatException Truncated(string what, ulong length) => new(
        $"The model is truncated or damaged: at byte {_position} a {what} of {length} bytes begins, {_end - _position} are left.");
}
