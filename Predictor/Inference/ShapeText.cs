namespace Sluice.Predictor.Inference;

/// <summary>Shapes: in words, counted, compared.</summary>
internal static class ShapeText
{
    /// <summary>E.g. <c>[-1, 13]</c>.</summary>
    public static string Of(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>The product of the dimensions; null when it is more than a long holds.</summary>
    public static long? TryCount(ReadOnlySpan<long> shape)
    {
        // A zero makes the whole product zero, however large the others are.
        if (shape.Contains(0))
        {
            return 0;
        }

        var count = 1L;
        foreach (var size in shape)
        {
            if (size > long.MaxValue / count)
            {
                return null;
            }

            count *= size;
        }

        return count;
    }

    /// <summary>Whether a shape is one of those that are declared, with -1 for any size.</summary>
    public static bool Fits(ReadOnlySpan<long> shape, IReadOnlyList<long> declared)
    {
        if (shape.Length != declared.Count)
        {
            return false;
        }

        for (var i = 0; i < shape.Length; i++)
        {
            if (declared[i] >= 0 && declared[i] != shape[i])
            {
                return false;
            }
        }

        return true;
    }
}
