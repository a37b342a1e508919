using FsCheck;
using FsCheck.Fluent;

namespace Sluice.Judging.Tests;

/// <summary>What holds for whatever counts.</summary>
public sealed class EvidenceProperties
{
    private static readonly int Tries = Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") == "1" ? 20_000 : 1000;
    private static readonly RatioTest Test = RatioTest.OfErrors(JudgeSettings.Default);

    private static readonly Gen<PairedCounts> AnyWindow =
        from canary in Gen.Choose(0, 2000)
        from stable in Gen.Choose(0, 5000)
        from rare in Gen.Choose(1, 40)
        from canaryHits in Gen.Choose(0, canary / rare)
        from stableHits in Gen.Choose(0, stable / rare)
        select new PairedCounts(canaryHits, canary, stableHits, stable);

    [Fact]
    public void The_order_of_windows_does_not_matter() => Check(AnyWindow.ArrayOf(), windows =>
    {
        var (forth, back) = (Fold(windows), Fold([.. windows.Reverse()]));
        return AreClose(forth.LogAgainst, back.LogAgainst) && AreClose(forth.LogExclusion, back.LogExclusion) && AreClose(forth.Expected, back.Expected);
    });

    [Fact]
    public void Two_windows_with_the_same_proportion_of_requests_say_the_same_joined() => Check(
        from canary in Gen.Choose(1, 500)
        from stable in Gen.Choose(1, 500)
        from times in Gen.Choose(1, 5)
        from hits in Gen.Choose(0, (canary + stable) / 100).Four()
        select new
        {
            First = new PairedCounts(Math.Min(hits.Item1, canary), canary, Math.Min(hits.Item2, stable), stable),
            Second = new PairedCounts(Math.Min(hits.Item3, canary), times * canary, Math.Min(hits.Item4, stable), times * stable),
        },
        pair =>
        {
            var joined = new PairedCounts(
                pair.First.CanaryHits + pair.Second.CanaryHits, pair.First.Canary + pair.Second.Canary,
                pair.First.StableHits + pair.Second.StableHits, pair.First.Stable + pair.Second.Stable);
            PairedCounts[] all = [pair.First, pair.Second, joined];
            return all.Any(window => window.Hits > 0.03 * (window.Canary + window.Stable)) // there the exact form is used, which knows how many were drawn
                || AreClose(Fold([pair.First, pair.Second]).LogAgainst, Fold([joined]).LogAgainst);
        });

    [Fact]
    public void One_more_failure_never_helps_the_canary() => Check(
        from windows in AnyWindow.NonEmptyListOf()
        from at in Gen.Choose(0, windows.Count - 1)
        select (Windows: windows.ToArray(), At: at),
        pair =>
        {
            var worse = pair.Windows.ToArray();
            var window = worse[pair.At];
            if (window.CanaryHits == window.Canary)
            {
                return true;
            }

            worse[pair.At] = window with { CanaryHits = window.CanaryHits + 1 };
            var (one, two) = (Fold(pair.Windows), Fold(worse));
            return two.LogAgainst >= one.LogAgainst - 1e-9
                && NonInferiority.LogProof(two, 2, 0.005) <= NonInferiority.LogProof(one, 2, 0.005) + 1e-9
                && BernoulliTest.LogAbove(two.CanaryHits, two.Canary, 0.02) >= BernoulliTest.LogAbove(one.CanaryHits, one.Canary, 0.02)
                && BernoulliTest.LogBelow(two.CanaryHits, two.Canary, 0.02) <= BernoulliTest.LogBelow(one.CanaryHits, one.Canary, 0.02);
        });

    [Fact]
    public void Evidence_is_always_a_finite_number() => Check(AnyWindow.ArrayOf(), windows =>
    {
        var evidence = Fold(windows);
        return double.IsFinite(evidence.LogAgainst) && double.IsFinite(NonInferiority.LogProof(evidence, 2, 0.005))
            && double.IsFinite(BernoulliTest.LogAbove(evidence.CanaryHits, evidence.Canary, 0.7)) && double.IsFinite(evidence.Ratio);
    });

    [Fact]
    public void The_exact_form_stays_finite_for_very_many_requests()
    {
        var window = new PairedCounts(60_000, 400_000, 90_000, 600_000);
        Assert.InRange(RatioTest.LogEvidence(window, 1.5, 1.1), -10_000, 0); // equal versions, so that it speaks against the alternative
        Assert.InRange(RatioTest.LogEvidence(window with { CanaryHits = 120_000 }, 2, 1.1), 1000, 100_000);
        Assert.True(double.IsFinite(RatioTest.LogEvidence(new(400_000, 400_000, 600_000, 600_000), 20, 1.1)));
    }

    [Fact]
    public void Clustered_failures_are_found_dispersed_and_independent_ones_are_not()
    {
        var random = new Random(5);
        var independent = Enumerable.Range(0, 30).Select(_ => Counts.Window(random, 2400, 0.5, 0.01, 0.01));
        var clustered = Enumerable.Range(0, 30).Select(_ => Counts.Window(random, 2400, 0.5, 0.01 * Burst(random), 0.01 * Burst(random)));
        Assert.InRange(Dispersion.Of(independent.ToArray()), 1, 1.8);
        Assert.InRange(Dispersion.Of(clustered.ToArray()), 3, Dispersion.Most);
        Assert.Equal(1, Dispersion.Of([new(1, 1000, 0, 1000)])); // too few to tell
        Assert.Equal(Dispersion.Of([new(9, 500, 1, 400), new(2, 500, 9, 700)]), Dispersion.OfSeries([(9, 500), (1, 400), (2, 500), (9, 700)]));
    }

    private static double Burst(Random random) => random.NextDouble() < 0.1 ? 8 : 0.2;

    private static RatioEvidence Fold(PairedCounts[] windows) => windows.Aggregate(RatioEvidence.None(6), (sum, window) => Test.Add(sum, window));

    private static bool AreClose(double one, double two) => Math.Abs(one - two) <= 1e-9 * Math.Max(1, Math.Abs(one));

    private static void Check<T>(Gen<T> gen, Func<T, bool> holds) =>
        Prop.ForAll(gen.ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(Tries));
}
