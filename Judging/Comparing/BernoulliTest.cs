namespace Sluice.Judging;

/// <summary>Holds a share of hits against a limit, with evidence that may be looked at at any time. It depends on the two totals only.</summary>
public static class BernoulliTest
{
    private static readonly double[] Above = [1.5, 2, 3, 5];
    private static readonly double[] FarAbove = [2, 3, 5];
    private static readonly double[] Below = [0.25, 0.5];

    /// <summary>Log evidence that the share is above the limit.</summary>
    public static double LogAbove(long hits, long requests, double limit) => LogMixture(hits, requests, limit, Above);

    /// <summary>Log evidence that it is far above: for a limit that is itself a multiple.</summary>
    public static double LogFarAbove(long hits, long requests, double limit) => LogMixture(hits, requests, limit, FarAbove);

    /// <summary>Log evidence that it is below.</summary>
    public static double LogBelow(long hits, long requests, double limit) => LogMixture(hits, requests, limit, Below);

    /// <summary>Log likelihood ratio of one share against another; both more than 0 and less than 1.</summary>
    public static double LogRatio(long hits, long requests, double share, double against) =>
        (hits * Math.Log(share / against)) + ((requests - hits) * Math.Log((1 - share) / (1 - against)));

    private static double LogMixture(long hits, long requests, double limit, double[] factors)
    {
        if (limit >= 1)
        {
            return 0; // no share is above it, and none needs a proof
        }

        Span<double> logs = stackalloc double[factors.Length];
        for (var i = 0; i < logs.Length; i++)
        {
            // A large limit has no room for its multiples: half-way to 1 instead.
            var share = factors[i] < 1 ? factors[i] * limit : Math.Min(factors[i] * limit, (1 + limit) / 2);
            logs[i] = LogRatio(hits, requests, share, limit);
        }

        return Mixture.LogMean(logs);
    }
}
