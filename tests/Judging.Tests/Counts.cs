namespace Sluice.Judging.Tests;

/// <summary>Seeded counts.</summary>
internal static class Counts
{
    public static long Binomial(Random random, long n, double p)
    {
        if (p <= 0 || n == 0)
        {
            return 0;
        }

        // Geometric jumps from hit to hit: quick where hits are rare.
        var (hits, at, log) = (0L, 0.0, Math.Log(1 - p));
        while (true)
        {
            at += Math.Floor(Math.Log(1 - random.NextDouble()) / log) + 1;
            if (at > n)
            {
                return hits;
            }

            hits++;
        }
    }

    public static PairedCounts Window(Random random, long requests, double share, double canaryRate, double stableRate)
    {
        var canary = Binomial(random, requests, share);
        return new(Binomial(random, canary, canaryRate), canary, Binomial(random, requests - canary, stableRate), requests - canary);
    }
}
