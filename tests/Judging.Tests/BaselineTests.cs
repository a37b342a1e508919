using Sluice.Contracts;

namespace Sluice.Judging.Tests;

/// <summary>What stable was like before.</summary>
public sealed class BaselineTests
{
    private static readonly double[] Edges = [0.1, 0.5];

    [Fact]
    public void It_has_all_that_stable_did_and_nothing_of_a_canary()
    {
        var windows = Hour(["g1", "g2"], _ => 0.01);

        var baseline = Baseline.Of([.. windows.Select(window => window with { Canary = new() { Ok = 5, Model = 7, AtMost = [0, 0] } })]);

        Assert.Equal((windows.Sum(window => window.Stable.Judged), windows.Sum(window => window.Stable.Failed)), (baseline.Requests, baseline.Failed));
        Assert.Equal((windows.Sum(window => window.Stable.Timed), windows.Sum(window => window.Stable.AtMost[0])), (baseline.Timed, baseline.AtMost[0]));
        Assert.Equal(Edges, baseline.Edges);
        Assert.Equal(new Baseline().Requests, Baseline.Of([]).Requests);
        Assert.Equal(1, Baseline.Of([]).FailureDispersion);
    }

    [Theory]
    [InlineData("g1")]
    [InlineData("g1", "g2")]
    [InlineData("g1", "g2", "g3")]
    public void Failures_that_cluster_at_one_gateway_or_in_time_are_found_dispersed_and_independent_ones_are_not(params string[] gateways)
    {
        var random = new Random(3);
        Assert.InRange(Baseline.Of(Hour(gateways, _ => 0.01)).FailureDispersion, 1, 1.9);
        Assert.InRange(Baseline.Of(Hour(gateways, _ => random.NextDouble() < 0.05 ? 0.3 : 0.002)).FailureDispersion, 3, Dispersion.Most);
    }

    [Fact]
    public void So_are_slow_answers_at_the_edge_that_is_compared()
    {
        var random = new Random(3);
        Assert.InRange(Baseline.Of(Hour(["g1", "g2"], _ => 0, _ => 0.02)).LatencyDispersion, 1, 1.9);
        Assert.InRange(Baseline.Of(Hour(["g1", "g2"], _ => 0, _ => random.NextDouble() < 0.05 ? 0.5 : 0.005)).LatencyDispersion, 3, Dispersion.Most);
        Assert.Equal(1, Baseline.Of(Hour(["g1", "g2"], _ => 0, _ => 0)).LatencyDispersion); // no edge has a tail
    }

    private static EvidenceWindow[] Hour(string[] gateways, Func<int, double> failing, Func<int, double>? slow = null)
    {
        var random = new Random(7);
        return
        [
            .. from slot in Enumerable.Range(0, 240)
               from gateway in gateways
               let failed = Counts.Binomial(random, 300, failing(slot))
               let late = Counts.Binomial(random, 300 - failed, slow?.Invoke(slot) ?? 0.02)
               select new EvidenceWindow
               {
                   Gateway = gateway,
                   From = Story.Start.AddSeconds(15 * slot),
                   To = Story.Start.AddSeconds(15 * (slot + 1)),
                   Weight = Weight.None,
                   Edges = Edges,
                   Stable = new() { Ok = 300 - failed, Model = failed, Timed = 300 - failed, AtMost = [300 - failed - late, 300 - failed] },
                   Canary = new() { AtMost = [0, 0] },
               },
        ];
    }
}
