namespace Sluice.Judging;

/// <summary>
/// The proof that a canary is not worse than allowed, by two routes: its ratio to stable is below the excluded one, or its rate is below stable's plus a
/// margin. A canary that is worse by both is promoted with probability β at most, as the two are averaged.
/// </summary>
public static class NonInferiority
{
    private const double LeastShareOfMargin = 0.1;

    /// <summary>Log evidence by both routes.</summary>
    public static double LogProof(RatioEvidence evidence, double excluded, double margin) =>
        Mixture.LogMean([evidence.LogExclusion, LogBelowMargin(evidence, excluded, margin)]);

    /// <summary>Log evidence that the canary's rate is below both the excluded multiple of stable's and stable's plus the margin.</summary>
    /// <remarks>Stable's rate is put in as measured; it has the larger sample until the last step.</remarks>
    public static double LogBelowMargin(RatioEvidence evidence, double excluded, double margin)
    {
        var stable = evidence.StableRate;
        var reference = Reference(stable, excluded, margin);
        if (reference >= 1)
        {
            return 0;
        }

        // The rate that is hoped for may be any below the reference. One of exactly 0, as with a stable that never failed yet, would be refuted by one failure.
        return BernoulliTest.LogRatio(evidence.CanaryHits, evidence.Canary, Math.Max(stable, LeastShareOfMargin * margin), reference);
    }

    /// <summary>The rate that must be excluded.</summary>
    public static double Reference(double stable, double excluded, double margin) => Math.Max(excluded * stable, stable + margin);
}
