using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Proofs;

/// <summary>Compares tensors: numbers within a tolerance, everything else byte by byte.</summary>
internal static class TensorDifference
{
    /// <summary>The first difference in words; null for none. What is not a number equals only what is not one either.</summary>
    public static string? Find(in OutputTensor found, string datatype, ReadOnlySpan<long> shape, ReadOnlySpan<byte> expected, GoldenTolerance tolerance)
    {
        if (found.Datatype != datatype || !found.Shape.AsSpan().SequenceEqual(shape))
        {
            return $"{found.Name} is {found.Datatype} {ShapeText.Of(found.Shape)}, expected is {datatype} {ShapeText.Of(shape.ToArray())}";
        }

        return datatype switch
        {
            Datatype.Fp32 => Find<float>(found.Name, found.Bytes, expected, tolerance),
            Datatype.Fp64 => Find<double>(found.Name, found.Bytes, expected, tolerance),
            Datatype.Fp16 => Find<Half>(found.Name, found.Bytes, expected, tolerance),
            Datatype.Bf16 => Find<float>(found.Name, Widen(found.Bytes), Widen(expected), tolerance),
            _ => found.Bytes.SequenceEqual(expected) ? null : Place(found, expected),
        };
    }

    private static string? Find<T>(string name, ReadOnlySpan<byte> found, ReadOnlySpan<byte> expected, GoldenTolerance tolerance)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var left = MemoryMarshal.Cast<byte, T>(found);
        var right = MemoryMarshal.Cast<byte, T>(expected);
        for (var i = 0; i < left.Length; i++)
        {
            var (one, other) = (double.CreateSaturating(left[i]), double.CreateSaturating(right[i]));
            var close = Math.Abs(one - other) <= tolerance.Absolute + (tolerance.Relative * Math.Abs(other));
            if (!close && !one.Equals(other))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{name}[{i}] is {one}, expected is {other} within {tolerance.Absolute} + {tolerance.Relative} of it");
            }
        }

        return null;
    }

    private static string Place(in OutputTensor found, ReadOnlySpan<byte> expected)
    {
        var size = ElementTypes.SizeOf(found.Datatype);
        var at = found.Bytes.CommonPrefixLength(expected);
        return size == 0 ? $"{found.Name} holds other strings than expected" : $"{found.Name}[{at / size}] is another value than expected";
    }

    private static byte[] Widen(ReadOnlySpan<byte> bfloat)
    {
        var wide = new byte[bfloat.Length * 2];
        for (var i = 0; i < bfloat.Length; i += 2)
        {
            bfloat.Slice(i, 2).CopyTo(wide.AsSpan((i * 2) + 2));
        }

        return wide;
    }
}
