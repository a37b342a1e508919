namespace Sluice.CanaryBench;

/// <summary>Seeded luck: xoshiro256**, and what is drawn from it.</summary>
internal sealed class Dice
{
    private const double Many = 40; // variance from which a rounded normal deviate is as good, and quicker

    private ulong _a, _b, _c, _d;

    public Dice(ulong seed)
    {
        ulong Mix()
        {
            seed += 0x9E3779B97F4A7C15;
            var z = seed;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }

        (_a, _b, _c, _d) = (Mix(), Mix(), Mix(), Mix());
    }

    /// <summary>More than 0, less than 1.</summary>
    public double Next()
    {
        var result = ulong.RotateLeft(_b * 5, 7) * 9;
        var t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = ulong.RotateLeft(_d, 45);
        return ((result >> 11) + 0.5) * (1.0 / (1UL << 53));
    }

    public long Binomial(long n, double p)
    {
        if (n <= 0 || p <= 0)
        {
            return 0;
        }

        if (p >= 1)
        {
            return n;
        }

        if (p > 0.5)
        {
            return n - Binomial(n, 1 - p);
        }

        var variance = n * p * (1 - p);
        return variance > Many ? Math.Clamp((long)Math.Round((n * p) + (Normal() * Math.Sqrt(variance))), 0, n) : Inversion(n, p);
    }

    public long Poisson(double mean)
    {
        if (mean > Many)
        {
            return Math.Max(0, (long)Math.Round(mean + (Normal() * Math.Sqrt(mean))));
        }

        var (count, product, least) = (0L, Next(), Math.Exp(-mean));
        while (product > least)
        {
            (count, product) = (count + 1, product * Next());
        }

        return count;
    }

    private long Inversion(long n, double p)
    {
        var (q, u) = (Math.Pow(1 - p, n), Next());
        var (k, odds) = (0L, p / (1 - p));
        while (u > q && k < n)
        {
            u -= q;
            k++;
            q *= odds * (n - k + 1) / k;
        }

        return k;
    }

    private double Normal() => Math.Sqrt(-2 * Math.Log(Next())) * Math.Cos(2 * Math.PI * Next());
}
