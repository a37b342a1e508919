using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Reports;

public sealed class ReportTests
{
    [Fact]
    public async Task Replica_tells_who_and_where_it_is_and_what_it_holds()
    {
        await using var stage = await Stage.SetAsync(("Predictor:ReplicaId", "r-1"), ("Predictor:MaxConcurrency", "3"));
        var version = stage.Registry.Serve("m", OnnxModels.Scale(1, -1));
        await Eventually.BecomesTrueAsync(() => stage.Registry.LastWord("m")?.State == VersionState.Ready);

        var (id, report) = stage.Registry.Reports.Last();
        Assert.Equal("r-1", id);
        Assert.Equal(Pools.Stable, report.Pool);
        Assert.Equal(stage.Predictor.Http.BaseAddress!.GetLeftPart(UriPartial.Authority), report.Address);
        Assert.Equal("cpu", report.Device);
        Assert.Equal("CUDA is not asked for (Predictor:Provider is cpu).", report.DeviceReason);
        Assert.Equal(3 * 32, report.Capacity);
        Assert.Equal([new ReplicaVersion("m", 1, version.Digest, VersionState.Ready)], report.Versions);
    }

    [Fact]
    public async Task Replica_reports_every_two_seconds_without_any_change()
    {
        await using var stage = await Stage.SetAsync();
        await Eventually.BecomesTrueAsync(() => stage.Registry.Reports.Count >= 3, TimeSpan.FromSeconds(15));

        Assert.Single(stage.Registry.Reports.Select(report => report.Id).Distinct());
    }

    [Fact]
    public async Task Replicas_without_a_name_are_told_apart()
    {
        await using var stage = await Stage.SetAsync();
        await using var second = RunningPredictor.Start(stage.Registry.Address, stage.Folder);

        await Eventually.BecomesTrueAsync(() => stage.Registry.Reports.Select(report => report.Id).Distinct().Count() == 2);
    }

    [Fact]
    public async Task Advertised_address_goes_before_the_servers_own()
    {
        await using var stage = await Stage.SetAsync(("Predictor:AdvertisedAddress", "http://predictor-0.example:8080/"));
        await Eventually.BecomesTrueAsync(() => !stage.Registry.Reports.IsEmpty);

        Assert.Equal("http://predictor-0.example:8080", stage.Registry.Reports.Last().Report.Address);
    }

    [Theory]
    [InlineData("http://*")]
    [InlineData("http://0.0.0.0")]
    [InlineData("http://[::]")]
    public async Task Address_for_all_interfaces_is_told_as_loopback(string host)
    {
        var port = FreePort.Take(1)[0];
        await using var stage = await Stage.SetAsync(("urls", $"{host}:{port}"));
        await Eventually.BecomesTrueAsync(() => !stage.Registry.Reports.IsEmpty);

        Assert.Equal($"http://127.0.0.1:{port}", stage.Registry.Reports.Last().Report.Address);
    }

    [Fact]
    public async Task Replica_says_goodbye_when_it_ends()
    {
        await using var stage = await Stage.SetAsync(("Predictor:ReplicaId", "r-2"));
        await Eventually.BecomesTrueAsync(() => !stage.Registry.Reports.IsEmpty);

        await stage.Predictor.DisposeAsync();

        Assert.Equal(["r-2"], stage.Registry.Goodbyes);
    }

    [Fact]
    public async Task Registry_that_is_gone_does_not_keep_the_replica_from_ending()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("m", OnnxModels.Scale(1, -1));
        await stage.ReadyAsync("m");
        await stage.Registry.StopAsync();

        await stage.Predictor.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }
}
