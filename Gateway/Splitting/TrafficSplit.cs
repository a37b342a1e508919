using System.Buffers;
using System.IO.Hashing;
using System.Text;
using Sluice.Contracts;

namespace Sluice.Gateway.Splitting;

/// <summary>
/// How a model's requests are divided between stable and canary. Pure. A caller with a key has one fixed place between 0 and 9,999, and the canary gets
/// the places below its weight: so a larger weight only moves callers from stable to canary, a smaller one only back.
/// </summary>
/// <remarks>
/// The place is <c>XxHash64(UTF-8 of the key, seed = XxHash64(UTF-8 of the salt))</c>, taken as a fraction of 2^64 and multiplied by 10,000. Nothing of it
/// depends on the process, so all gateways agree. The salt is the rollout, so that the same callers are not the first ones to try every version.
/// </remarks>
internal readonly struct TrafficSplit
{
    private const int LongestOnStack = 512;

    private readonly ulong _seed;

    /// <param name="canaryWeight">The canary's share.</param>
    /// <param name="salt">What the hash is salted with.</param>
    public TrafficSplit(Weight canaryWeight, string salt)
    {
        CanaryWeight = canaryWeight;
        _seed = XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(salt));
    }

    /// <summary>The canary's share.</summary>
    public Weight CanaryWeight { get; }

    /// <summary>Whether a request goes to the canary.</summary>
    /// <param name="key">By what its caller is known again; empty when by nothing, and luck decides.</param>
    /// <param name="random">Where luck comes from.</param>
    public bool IsCanary(ReadOnlySpan<char> key, Random random) =>
        CanaryWeight > Weight.None && (key.IsEmpty ? random.Next(Weight.Whole) : PlaceOf(key)) < CanaryWeight.BasisPoints;

    /// <summary>A caller's place, 0 to 9,999.</summary>
    public int PlaceOf(ReadOnlySpan<char> key)
    {
        var length = Encoding.UTF8.GetMaxByteCount(key.Length);
        var rented = length > LongestOnStack ? ArrayPool<byte>.Shared.Rent(length) : null;
        Span<byte> bytes = rented ?? stackalloc byte[LongestOnStack];
        var hash = XxHash64.HashToUInt64(bytes[..Encoding.UTF8.GetBytes(key, bytes)], unchecked((long)_seed));
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true); // a key may be a secret
        }

        return (int)Math.BigMul(hash, Weight.Whole, out _);
    }
}
