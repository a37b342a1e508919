namespace Sluice.Judging.Tests;

/// <summary>The formulas against figures that were computed elsewhere.</summary>
public sealed class VectorTests
{
    private const double Close = 1e-9;

    private static readonly PairedCounts[] Windows = [new(3, 60, 6, 1140), new(0, 52, 4, 1148), new(5, 240, 6, 960), new(7, 600, 5, 600)];
    private static readonly JudgeSettings Settings = JudgeSettings.Default;

    [Fact]
    public void The_comparison_of_each_window_is_as_computed_elsewhere()
    {
        double[] expected = [1.399287398, -0.152386978, 1.201476779, -0.095240322];
        Assert.All(Windows.Zip(expected), pair => Assert.Equal(pair.Second, RatioTest.LogEvidence(pair.First, 2, 1.1), Close));
        Assert.Equal(2.353136878, Windows.Sum(window => RatioTest.LogEvidence(window, 2, 1.1)), Close);
        Assert.Equal(2.705814248, Windows.Sum(window => RatioTest.LogEvidence(window, 3, 1.1)), Close);
    }

    [Fact]
    public void The_mixture_over_all_alternatives_is_as_computed_elsewhere()
    {
        Assert.Equal(5.862698675, Math.Exp(Fold(Windows).LogAgainst), Close);
        Assert.Equal(2487.2329, Math.Exp(Fold([new(18, 700, 85, 13300)]).LogAgainst), 1e-4);
    }

    [Fact]
    public void Both_routes_of_the_proof_are_as_computed_elsewhere()
    {
        var evidence = Fold(Windows);
        Assert.Equal(-2.917294945, evidence.LogExclusion, Close);
        Assert.Equal(0.007349762755, evidence.StableRate, 1e-12);
        Assert.Equal(0.01469952551, NonInferiority.Reference(evidence.StableRate, 2, 0.005), 1e-11);
        Assert.Equal(-3.433677872, NonInferiority.LogBelowMargin(evidence, 2, 0.005), Close);
        Assert.Equal(Math.Log((Math.Exp(-2.917294945) + Math.Exp(-3.433677872)) / 2), NonInferiority.LogProof(evidence, 2, 0.005), 1e-8);
    }

    [Fact]
    public void A_share_against_a_limit_is_as_computed_elsewhere() =>
        Assert.Equal(0.007371544, Math.Exp(BernoulliTest.LogAbove(15, 952, 0.02)), Close);

    [Fact]
    public void The_exact_form_is_as_computed_elsewhere()
    {
        var window = new PairedCounts(5, 240, 6, 960);
        Assert.Equal(1.548027079, (5 * Math.Log(3 / 1.1)) - ExactRatio.LogQuotient(window, 3, 1.1), Close);
        Assert.Equal(1.533144842, RatioTest.LogEvidence(window, 3, 1.1), Close);
    }

    [Theory]
    [InlineData(9, 1200, 60, 0.995)]
    [InlineData(60, 1200, 600, 0.69)]
    public void The_plain_form_is_conservative_by_as_much_as_computed_elsewhere(int hits, int all, int canary, double expected)
    {
        // The mean of exp(form 1) for 3 : 1 under the hypergeometric distribution of the canary's hits.
        double mean = 0, weight = 0, term = 1;
        for (var k = 0; k <= hits; k++)
        {
            var log = (k * Math.Log(3)) - (hits * Math.Log(((3.0 * canary) + all - canary) / all));
            mean += term * Math.Exp(log);
            weight += term;
            term *= (canary - k) * (double)(hits - k) / ((k + 1.0) * (all - canary - hits + k + 1));
        }

        Assert.InRange(mean / weight, expected - 0.01, expected + 0.01);
    }

    [Theory]
    [InlineData(0.05, 0.01, 3, 715)]
    [InlineData(0.2, 0.01, 3, 922)]
    [InlineData(0.5, 0.01, 3, 1691)]
    [InlineData(0.05, 0.005, 3, 1430)]
    [InlineData(0.05, 0.005, 20, 45)]
    [InlineData(0.2, 0.01, 2, 3316)]
    public void The_expected_requests_to_find_a_rise_are_as_computed_elsewhere(double weight, double rate, double ratio, double expected) =>
        Assert.Equal(expected, Forecast.RequestsToDetect(Settings, weight, rate, ratio), 1.0);

    private static RatioEvidence Fold(IEnumerable<PairedCounts> windows) =>
        windows.Aggregate(RatioEvidence.None(6), (sum, window) => RatioTest.OfErrors(Settings).Add(sum, window));
}
