using System.Text.Json;
using Sluice.Contracts;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Tests.Routing;

/// <summary>How a model's requests are divided, and how busy a model is said to be.</summary>
public sealed class ModelRouteTests
{
    private static readonly ClusterState Wine = ClusterState.Empty.WithVersion("wine", 1).WithVersion("wine", 2)
        .WithReplica("s", ("wine", 1, VersionState.Ready));

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    [InlineData(5000)]
    [InlineData(10_000)]
    public void The_canary_gets_its_share(int basisPoints)
    {
        var table = WithCanary(Wine, basisPoints).WithReplica("c", ("wine", 2, VersionState.Ready)).Table();
        var (model, random) = (table.Find("wine")!, new Random(1));

        var canary = Enumerable.Range(0, 100_000).Count(_ => model.Choose([], random)!.Version == 2);

        // Six standard deviations of a fair draw; nothing at all at the ends.
        var share = basisPoints / 10_000.0;
        var expected = 100_000 * share;
        Assert.InRange(canary, expected - (6 * Math.Sqrt(expected * (1 - share))), expected + (6 * Math.Sqrt(expected * (1 - share))));
        Assert.Equal(basisPoints, table.Report.Single().CanaryWeight.BasisPoints);
    }

    [Fact]
    public void A_canary_that_is_ready_nowhere_gets_nothing_and_its_weight_is_not_in_use()
    {
        var table = WithCanary(Wine, 5000).WithReplica("c", ("wine", 2, VersionState.Loading)).Table();

        Assert.All(Enumerable.Range(0, 1000), _ => Assert.Equal(1, table.Find("wine")!.Choose([], Random.Shared)!.Version));
        Assert.Equal(Weight.None, table.Report.Single().CanaryWeight);
    }

    [Fact]
    public void The_busiest_moment_is_remembered_for_five_minutes()
    {
        var traffic = new ModelTraffic();
        for (var i = 0; i < 7; i++)
        {
            traffic.Begin(TimeSpan.FromSeconds(10));
        }

        for (var i = 0; i < 7; i++)
        {
            traffic.End();
        }

        traffic.Begin(TimeSpan.FromSeconds(200));
        Assert.Equal((1, 7), (traffic.InFlight, traffic.Peak(TimeSpan.FromSeconds(200))));
        Assert.Equal(7, traffic.Peak(TimeSpan.FromSeconds(299)));
        Assert.Equal(1, traffic.Peak(TimeSpan.FromSeconds(331)));
        Assert.Equal(1, traffic.Peak(TimeSpan.FromDays(3))); // it is in flight still
        traffic.End();
        Assert.Equal(0, traffic.Peak(TimeSpan.FromDays(3)));
    }

    [Fact]
    public void Traffic_is_counted_on_when_the_table_changes()
    {
        var first = Wine.WithServing("wine", stable: 1).Table();
        first.Find("wine")!.Traffic.Begin(TimeSpan.Zero);

        var second = Wine.WithServing("wine", stable: 2, generation: 2).Table(first);

        Assert.Equal(1, second.Find("wine")!.Traffic.InFlight);
    }

    [Fact]
    public async Task Many_at_once_lose_no_peak()
    {
        var traffic = new ModelTraffic();
        using var together = new Barrier(8);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < 1000; i++)
                {
                    traffic.Begin(TimeSpan.Zero);
                    if (i == 500)
                    {
                        together.SignalAndWait();
                    }

                    traffic.End();
                }
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        Assert.Equal((0, 8), (traffic.InFlight, traffic.Peak(TimeSpan.Zero)));
    }

    private static ClusterState WithCanary(ClusterState state, int basisPoints) => state.With(
        ObjectKinds.Serving,
        "wine",
        JsonSerializer.SerializeToElement(
            new ServingState { Model = "wine", Generation = 3, Stable = 1, Canary = 2, CanaryWeight = new Weight(basisPoints) }, ContractsJson.Default.ServingState));
}
