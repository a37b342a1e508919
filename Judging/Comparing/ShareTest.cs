using Sluice.Contracts;

namespace Sluice.Judging;

/// <summary>
/// Whether the canary gets its share of the traffic: its requests against the weight, set to find half, 0.8, 1.25 and twice the odds. (Odds, since twice a
/// share of 80 % is none; for small weights it is the same.)
/// </summary>
public static class ShareTest
{
    private static readonly double[] Factors = [0.5, 0.8, 1.25, 2];

    /// <summary>How many alternatives there are.</summary>
    public static int Alternatives => Factors.Length;

    /// <summary>The log evidence for each alternative, with a window added.</summary>
    /// <param name="logs">So far.</param>
    /// <param name="canary">Requests of the canary.</param>
    /// <param name="all">Of both versions.</param>
    /// <param name="weight">The weight in force during the whole window.</param>
    public static IReadOnlyList<double> Add(IReadOnlyList<double> logs, long canary, long all, Weight weight)
    {
        var share = weight.BasisPoints / (double)Weight.Whole;
        if (all == 0 || share is 0 or 1)
        {
            return logs;
        }

        var sums = new double[Factors.Length];
        for (var i = 0; i < sums.Length; i++)
        {
            var odds = Factors[i] * share / (1 - share);
            sums[i] = logs[i] + BernoulliTest.LogRatio(canary, all, odds / (1 + odds), share);
        }

        return sums;
    }
}
