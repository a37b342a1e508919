namespace Sluice.Judging;

/// <summary>The exact normalization of the comparison: hits are drawn from the requests without replacement; the ratio is then one of odds.</summary>
internal static class ExactRatio
{
    private const double TooLarge = 1e250;

    /// <summary>ln M(ψ1)/M(ψ0), with M(ψ) = Σ over k of C(canary, k) · C(stable, hits - k) · ψ^k.</summary>
    public static double LogQuotient(in PairedCounts counts, double first, double second)
    {
        var least = Math.Max(0, counts.Hits - counts.Stable);
        var most = Math.Min(counts.Hits, counts.Canary);
        double term1 = 1, term2 = 1, sum1 = 1, sum2 = 1, scale1 = 0, scale2 = 0;
        for (var k = least; k < most; k++)
        {
            // The quotient of two neighbouring terms; the first term, a common factor, drops out but for ψ^least.
            var step = (double)(counts.Canary - k) * (counts.Hits - k) / ((double)(k + 1) * (counts.Stable - counts.Hits + k + 1));
            Next(ref term1, ref sum1, ref scale1, step * first);
            Next(ref term2, ref sum2, ref scale2, step * second);
        }

        return Math.Log(sum1) + scale1 - (Math.Log(sum2) + scale2) + (least * Math.Log(first / second));
    }

    private static void Next(ref double term, ref double sum, ref double scale, double factor)
    {
        term *= factor;
        sum += term;
        if (sum > TooLarge)
        {
            scale += Math.Log(sum);
            term /= sum;
            sum = 1;
        }
    }
}
