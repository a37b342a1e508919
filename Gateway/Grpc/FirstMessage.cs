using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Sluice.Gateway.Grpc;

/// <summary>What the first message of a gRPC call says of where it belongs: its fields 1 and 2, read without the rest of it.</summary>
/// <param name="IsDecided">Whether more bytes would tell nothing more.</param>
/// <param name="IsThere">Whether there is a message at all.</param>
/// <param name="IsCompressed">Whether it is compressed, so that nothing can be read from it.</param>
/// <param name="Length">Its length in bytes without the header, as it says.</param>
/// <param name="Model">Field 1, <c>model_name</c>; empty when it was not found.</param>
/// <param name="Version">Field 2, <c>model_version</c>; empty when it was not found.</param>
/// <remarks>
/// Fields come in the order of their numbers from every common client, so a look at the first bytes is enough, and is all that is taken: the replica is told
/// model and version beside the message, and refuses one that turns out to say something else.
/// </remarks>
internal readonly record struct FirstMessage(bool IsDecided, bool IsThere, bool IsCompressed, long Length, string Model, string Version)
{
    /// <summary>Bytes that are looked at, at most.</summary>
    public const int MostBytes = 4096;

    private const int HeaderBytes = 5;
    private const int ModelField = 1;
    private const int VersionField = 2;

    /// <summary>Looks at what has come so far.</summary>
    /// <param name="sent">The call's bytes from its first on.</param>
    /// <param name="isAll">Whether no more will come.</param>
    public static FirstMessage Read(ReadOnlySequence<byte> sent, bool isAll)
    {
        if (sent.Length >= MostBytes)
        {
            (sent, isAll) = (sent.Slice(0, MostBytes), true);
        }

        return Read(sent.IsSingleSegment ? sent.FirstSpan : sent.ToArray(), isAll);
    }

    private static FirstMessage Read(ReadOnlySpan<byte> sent, bool isAll)
    {
        if (sent.Length < HeaderBytes)
        {
            return new(isAll, IsThere: false, IsCompressed: false, 0, "", "");
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(sent[1..]);
        if (sent[0] != 0)
        {
            return new(IsDecided: true, IsThere: true, IsCompressed: true, length, "", "");
        }

        var message = sent[HeaderBytes..];
        if (message.Length >= length)
        {
            message = message[..(int)length];
            isAll = true;
        }

        var (model, version) = ("", "");
        var isDecided = TryReadFields(message, ref model, ref version) || isAll;
        return new(isDecided, IsThere: true, IsCompressed: false, length, model, version);
    }

    /// <summary>False when it ended before its end; true when it is known what there is to know, also of what is no message.</summary>
    private static bool TryReadFields(ReadOnlySpan<byte> rest, ref string model, ref string version)
    {
        while (TryReadNumber(ref rest, out var tag))
        {
            var (field, wire) = (tag >> 3, tag & 7);
            if (field > VersionField && model.Length > 0)
            {
                return true;
            }

            ulong size = 0;
            if (wire is not (0 or 1 or 2 or 5))
            {
                return true; // no such thing
            }

            if (wire is 0 or 2 && !TryReadNumber(ref rest, out size))
            {
                return false;
            }

            size = wire switch { 0 => 0, 1 => 8, 5 => 4, _ => size };
            if (size > (ulong)rest.Length)
            {
                return size > MostBytes; // it will not be seen whole
            }

            var content = rest[..(int)size];
            rest = rest[(int)size..];
            switch (field, wire)
            {
                case (ModelField, 2):
                    model = Encoding.UTF8.GetString(content);
                    break;
                case (VersionField, 2):
                    version = Encoding.UTF8.GetString(content);
                    break;
            }
        }

        return false;
    }

    // A number of seven bits a byte, the last of which lacks the eighth.
    private static bool TryReadNumber(ref ReadOnlySpan<byte> rest, out ulong number)
    {
        number = 0;
        for (var i = 0; i < 10 && i < rest.Length; i++)
        {
            number |= (ulong)(rest[i] & 0x7f) << (7 * i);
            if (rest[i] < 0x80)
            {
                rest = rest[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
