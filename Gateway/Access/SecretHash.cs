using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.Gateway.Access;

/// <summary>SHA-256 of a credential as a key of dictionaries. Compared in constant time; how long a look-up takes tells of a hash at most, which nobody can choose a secret by.</summary>
internal readonly struct SecretHash : IEquatable<SecretHash>
{
    private const int Length = SHA256.HashSizeInBytes;
    private const int LongestOnStack = 512; // bytes of UTF-8

    private readonly ulong _first;
    private readonly ulong _second;
    private readonly ulong _third;
    private readonly ulong _fourth;

    private SecretHash(ReadOnlySpan<byte> hash)
    {
        _first = BinaryPrimitives.ReadUInt64LittleEndian(hash);
        _second = BinaryPrimitives.ReadUInt64LittleEndian(hash[8..]);
        _third = BinaryPrimitives.ReadUInt64LittleEndian(hash[16..]);
        _fourth = BinaryPrimitives.ReadUInt64LittleEndian(hash[24..]);
    }

    /// <summary>Of a credential.</summary>
    public static SecretHash Of(ReadOnlySpan<char> text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> bytes = most <= LongestOnStack ? stackalloc byte[LongestOnStack] : new byte[most];
        Span<byte> hash = stackalloc byte[Length];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(text, bytes)], hash);
        return new SecretHash(hash);
    }

    /// <summary>Of 64 hex digits, as <see cref="Contracts.KeySecret.Hash"/> has them; null when they are none.</summary>
    public static SecretHash? FromHex(string hex)
    {
        Span<byte> hash = stackalloc byte[Length];
        return hex.Length == 2 * Length && Convert.FromHexString(hex, hash, out _, out _) == System.Buffers.OperationStatus.Done ? new SecretHash(hash) : null;
    }

    /// <inheritdoc />
    public bool Equals(SecretHash other) =>
        ((_first ^ other._first) | (_second ^ other._second) | (_third ^ other._third) | (_fourth ^ other._fourth)) == 0;

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is SecretHash other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => _first.GetHashCode();
}
