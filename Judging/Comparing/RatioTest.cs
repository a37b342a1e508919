namespace Sluice.Judging;

/// <summary>
/// Compares how often two versions are hit (fail, are slow), window by window. Given the hits of a window, each is the canary's with a probability that
/// depends only on the ratio ρ of the two rates and on the requests of both: the common rate, whatever it does, drops out.
/// </summary>
/// <remarks>
/// The sum over windows of <see cref="LogEvidence"/> is the logarithm of a test supermartingale for every ρ up to <see cref="Null"/>: its mixture over the
/// alternatives ever exceeds 1/α with probability α at most, however often one looks (Ville). Hits are drawn without replacement, which makes it slightly
/// conservative; where they are many, the exact normalization is used.
/// </remarks>
/// <param name="Null">The largest ratio that is not held against the canary.</param>
/// <param name="Alternatives">The ratios it is set to find, each with the same weight.</param>
/// <param name="Excluded">The ratio that a promotion must exclude.</param>
public sealed record RatioTest(double Null, IReadOnlyList<double> Alternatives, double Excluded)
{
    internal const double LeastErrorAlternative = 1.5;
    internal const double LeastLatencyAlternative = 2;

    private const double ExactAbove = 0.03; // of all requests: from here on the exact form saves requests worth its time

    /// <summary>The alternatives for failures.</summary>
    public static IReadOnlyList<double> ErrorAlternatives { get; } = [LeastErrorAlternative, 2, 3, 5, 10, 20];

    /// <summary>The alternatives for slow answers.</summary>
    public static IReadOnlyList<double> LatencyAlternatives { get; } = [LeastLatencyAlternative, 3, 5, 10];

    /// <summary>That of failures.</summary>
    public static RatioTest OfErrors(JudgeSettings settings) => new(settings.ErrorRatioAllowed, ErrorAlternatives, settings.ErrorRatioExcluded);

    /// <summary>That of slow answers.</summary>
    public static RatioTest OfLatency(JudgeSettings settings) => new(settings.LatencyRatioAllowed, LatencyAlternatives, settings.LatencyRatioExcluded);

    /// <summary>What a window says for one ratio against another. 0 where one version had no request.</summary>
    /// <param name="counts">The window.</param>
    /// <param name="alternative">The ratio it speaks for when positive.</param>
    /// <param name="against">The ratio it speaks against.</param>
    public static double LogEvidence(in PairedCounts counts, double alternative, double against)
    {
        if (counts.Canary == 0 || counts.Stable == 0 || counts.Hits == 0)
        {
            return 0;
        }

        var perHit = counts.CanaryHits * Math.Log(alternative / against);
        return counts.Hits > ExactAbove * (counts.Canary + counts.Stable)
            ? perHit - ExactRatio.LogQuotient(counts, alternative, against)
            : perHit - (counts.Hits * Math.Log(((alternative * counts.Canary) + counts.Stable) / ((against * counts.Canary) + counts.Stable)));
    }

    /// <summary>Evidence with a window added.</summary>
    public RatioEvidence Add(RatioEvidence? evidence, in PairedCounts counts)
    {
        evidence ??= RatioEvidence.None(Alternatives.Count);
        if (counts.Canary == 0 || counts.Stable == 0)
        {
            return evidence;
        }

        var logs = new double[Alternatives.Count];
        for (var i = 0; i < logs.Length; i++)
        {
            logs[i] = evidence.Logs[i] + LogEvidence(counts, Alternatives[i], Null);
        }

        return new RatioEvidence
        {
            Logs = logs,
            LogExclusion = evidence.LogExclusion + LogEvidence(counts, 1, Excluded),
            CanaryHits = evidence.CanaryHits + counts.CanaryHits,
            Canary = evidence.Canary + counts.Canary,
            StableHits = evidence.StableHits + counts.StableHits,
            Stable = evidence.Stable + counts.Stable,
            Expected = evidence.Expected + (counts.Canary * ((double)counts.StableHits / counts.Stable)),
        };
    }
}

/// <summary>The sums of a <see cref="RatioTest"/> over windows.</summary>
public sealed record RatioEvidence
{
    /// <summary>Log evidence against the canary, for each alternative.</summary>
    public required IReadOnlyList<double> Logs { get; init; }

    /// <summary>Log evidence for ratio 1 against the excluded one.</summary>
    public double LogExclusion { get; init; }

    /// <summary>Hits of the canary.</summary>
    public long CanaryHits { get; init; }

    /// <summary>Requests of the canary.</summary>
    public long Canary { get; init; }

    /// <summary>Hits of stable.</summary>
    public long StableHits { get; init; }

    /// <summary>Requests of stable.</summary>
    public long Stable { get; init; }

    /// <summary>Hits that the canary would have had at stable's rate of the same windows: bursts and rising weights cancel.</summary>
    public double Expected { get; init; }

    /// <summary>Stable's rate, weighted as the canary's traffic was. 0 without requests.</summary>
    public double StableRate => Canary == 0 ? 0 : Expected / Canary;

    /// <summary>How many times the hits it was to expect the canary had; 0 when none were to be expected.</summary>
    public double Ratio => Expected == 0 ? 0 : CanaryHits / Expected;

    /// <summary>Log of the mixture over the alternatives.</summary>
    public double LogAgainst => Mixture.LogMean(Logs as double[] ?? [.. Logs]);

    internal static RatioEvidence None(int alternatives) => new() { Logs = new double[alternatives] };
}
