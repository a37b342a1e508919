using System.Buffers.Binary;
using Microsoft.ML.OnnxRuntime;

namespace Sluice.Predictor.Runtime;

/// <summary>Tensors of BYTES in the form of the binary extension: each element as its length, an unsigned little-endian number of 4 bytes, then its bytes.</summary>
internal static class RawStrings
{
    /// <summary>Bytes before each element.</summary>
    public const int PrefixLength = sizeof(uint);

    /// <summary>Takes the next element off; false when what is left is not one.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> element)
    {
        element = default;
        if (rest.Length < PrefixLength || BinaryPrimitives.ReadUInt32LittleEndian(rest) is var length && length > rest.Length - PrefixLength)
        {
            return false;
        }

        element = rest.Slice(PrefixLength, (int)length);
        rest = rest[(PrefixLength + (int)length)..];
        return true;
    }

    /// <summary>Elements in a content; null when it is not made of whole ones.</summary>
    public static int? TryCount(ReadOnlySpan<byte> content)
    {
        var count = 0;
        while (!content.IsEmpty)
        {
            if (!TryTake(ref content, out _))
            {
                return null;
            }

            count++;
        }

        return count;
    }

    /// <summary>Bytes that the first elements of a well-formed content take.</summary>
    public static int LengthOf(ReadOnlySpan<byte> content, long elements)
    {
        var rest = content;
        for (var i = 0L; i < elements; i++)
        {
            if (!TryTake(ref rest, out _))
            {
                throw new ArgumentException("The content has fewer elements.", nameof(elements));
            }
        }

        return content.Length - rest.Length;
    }

    /// <summary>Writes an element.</summary>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> target, ReadOnlySpan<byte> element)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)element.Length);
        element.CopyTo(target[PrefixLength..]);
        return PrefixLength + element.Length;
    }

    /// <summary>Makes the runtime's tensor of a well-formed content.</summary>
    public static OrtValue ToValue(ReadOnlySpan<byte> content, long[] shape)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
        for (var i = 0; TryTake(ref content, out var element); i++)
        {
            value.StringTensorSetElementAt(element, i);
        }

        return value;
    }

    /// <summary>Makes the content of the runtime's tensor.</summary>
    /// <exception cref="OverflowException">It is larger than 2 GiB.</exception>
    public static TensorBuffer FromValue(OrtValue value, long elements)
    {
        var length = 0L;
        for (var i = 0; i < elements; i++)
        {
            length += PrefixLength + value.GetStringElementAsSpan(i).Length;
        }

        var buffer = new TensorBuffer(checked((int)length));
        var rest = buffer.Bytes;
        for (var i = 0; i < elements; i++)
        {
            rest = rest[Write(rest, value.GetStringElementAsSpan(i))..];
        }

        return buffer;
    }
}
