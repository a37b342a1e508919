using Sluice.CanaryJudge.Sources;
using Sluice.CanaryJudge.Windows;
using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.CanaryJudge.Tests.Windows;

public sealed class WindowBuilderTests
{
    [Fact]
    public void A_window_has_the_differences_of_both_versions()
    {
        var scrapes = new Scrapes()
            .Add("g1", 0, new(Ok: 1000, Failed: 5, Client: 2, Slow: 10), new(Ok: 100))
            .Add("g1", 5, new(Ok: 1080, Failed: 6, Client: 2, Slow: 14), new(Ok: 118, Failed: 3, Client: 1, Slow: 2));

        var window = Assert.Single(Build(scrapes));

        Assert.Equal(("g1", Scrapes.Start, Scrapes.Start.AddSeconds(5), new Weight(2000)), (window.Gateway, window.From, window.To, window.Weight));
        Assert.Equal([0.1, 0.5], window.Edges);
        Assert.Equal((80, 1, 0, 80), (window.Stable.Ok, window.Stable.Model, window.Stable.Client, window.Stable.Timed));
        Assert.Equal((18, 3, 1, 18), (window.Canary.Ok, window.Canary.Model, window.Canary.Client, window.Canary.Timed));
        Assert.Equal([76, 80], window.Stable.AtMost);
        Assert.Equal([16, 18], window.Canary.AtMost);
    }

    [Fact]
    public void Only_times_that_both_versions_share_bound_windows()
    {
        var scrapes = new Scrapes()
            .Add("g1", 0, new(10), null)
            .Add("g1", 5, new(20), new(0))
            .Add("g1", 10, new(30), null)
            .Add("g1", 15, new(50), new(7));

        var window = Assert.Single(Build(scrapes));

        Assert.Equal((Scrapes.Start.AddSeconds(5), Scrapes.Start.AddSeconds(15)), (window.From, window.To));
        Assert.Equal((30, 7), (window.Stable.Ok, window.Canary.Ok));
    }

    [Theory]
    [InlineData("outcome", "deadline")]
    [InlineData("outcome", "ok")]
    public void A_time_without_one_of_the_outcomes_is_passed_over(string label, string value)
    {
        var scrapes = ThreeScrapes().Without((_, labels, sample) => labels.GetValueOrDefault(label) == value && labels["version"] == "2" && sample.At == Scrapes.Start.AddSeconds(5));

        Assert.Equal([(0, 10)], Spans(Build(scrapes)));
    }

    [Fact]
    public void A_time_without_the_count_of_the_histogram_is_passed_over_and_one_without_a_bucket_costs_the_edge()
    {
        Assert.Equal([(0, 10)], Spans(Build(ThreeScrapes().Without((name, _, sample) => name == GatewaySeries.DurationCount && sample.At == Scrapes.Start.AddSeconds(5)))));

        var windows = Build(ThreeScrapes().Without((_, labels, sample) => labels.GetValueOrDefault("le") == "0.1" && sample.At == Scrapes.Start));
        Assert.Equal([0.5], windows[0].Edges);
        Assert.Equal([0.1, 0.5], windows[1].Edges);
    }

    [Fact]
    public void Values_that_are_no_numbers_are_no_values()
    {
        var reading = ThreeScrapes().Reading(10);
        Series[] series = [.. reading.Series.Select(one => one with { Samples = [.. one.Samples.Select(sample => sample.At == Scrapes.Start.AddSeconds(5) ? sample with { Value = double.NaN } : sample)] })];

        Assert.Equal([(0, 10)], Spans(WindowBuilder.Build(reading with { Series = series }, Scrapes.Query(Scrapes.Gateway("g1")), _ => null)));
    }

    [Fact]
    public void A_gateway_that_started_again_counts_from_zero()
    {
        var scrapes = new Scrapes().Add("g1", 0, new(1000, Failed: 9), new(100)).Add("g1", 5, new(40, Failed: 10), new(10, Failed: 1));

        var window = Assert.Single(Build(scrapes));

        Assert.Equal((40, 10), (window.Stable.Ok, window.Stable.Model)); // not one failure, although that counter rose
        Assert.Equal((10, 1), (window.Canary.Ok, window.Canary.Model));
        Assert.Equal([10, 10], window.Canary.AtMost);
    }

    [Fact]
    public void Where_one_version_alone_counts_anew_there_is_no_window()
    {
        var scrapes = new Scrapes().Add("g1", 0, new(1000), new(100)).Add("g1", 5, new(1040), new(10)).Add("g1", 10, new(1080), new(20));

        Assert.Equal([(5, 10)], Spans(Build(scrapes)));
    }

    [Fact]
    public void A_window_in_which_the_weight_changed_has_the_former_one()
    {
        var scrapes = new Scrapes().Add("g1", 0, new(1), new(1), weight: 0.05).Add("g1", 5, new(2), new(2)).Add("g1", 10, new(3), new(3));

        Assert.Equal([500, 2000], Build(scrapes).Select(window => window.Weight.BasisPoints));
    }

    [Fact]
    public void The_breaker_of_a_gateway_is_in_its_windows()
    {
        var broken = Scrapes.Gateway("g1") with { Routes = [new GatewayRoute("wine", 1, new Weight(2000), BreakerOpenSince: Scrapes.Start.AddSeconds(4))] };

        Assert.Equal([1.0, 6.0], WindowBuilder.Build(ThreeScrapes().Reading(10), Scrapes.Query(broken), _ => null).Select(window => window.BreakerOpenSeconds));
    }

    [Fact]
    public void Other_models_and_versions_do_not_count()
    {
        var reading = ThreeScrapes().Reading(10);
        var others = reading.Series.Select(one => one with { Labels = new Dictionary<string, string>(one.Labels) { ["model"] = "wine2" } })
            .Concat(reading.Series.Where(one => one.Labels["version"] == "2").Select(one => one with { Labels = new Dictionary<string, string>(one.Labels) { ["version"] = "22" } }));

        var windows = WindowBuilder.Build(reading with { Series = [.. reading.Series, .. others] }, Scrapes.Query(Scrapes.Gateway("g1")), _ => null);

        Assert.Equal([10, 10], windows.Select(window => window.Stable.Ok));
    }

    [Fact]
    public void A_gateway_that_does_not_show_the_canary_is_told()
    {
        var scrapes = new Scrapes().Add("g1", 0, new(1), new(1)).Add("g2", 0, new(1), null);

        Assert.Equal(["g2"], WindowBuilder.WithoutBoth(scrapes.Reading(1, ("g3", "down")), Scrapes.Query(Scrapes.Gateway("g1"), Scrapes.Gateway("g2"), Scrapes.Gateway("g3"))));
    }

    private static Scrapes ThreeScrapes() => new Scrapes().Add("g1", 0, new(10), new(1)).Add("g1", 5, new(20), new(2)).Add("g1", 10, new(30), new(3));

    private static IReadOnlyList<EvidenceWindow> Build(Scrapes scrapes) => WindowBuilder.Build(scrapes.Reading(60), Scrapes.Query(Scrapes.Gateway("g1")), _ => null);

    private static IEnumerable<(int From, int To)> Spans(IEnumerable<EvidenceWindow> windows) =>
        windows.Select(window => ((int)(window.From - Scrapes.Start).TotalSeconds, (int)(window.To - Scrapes.Start).TotalSeconds));
}
