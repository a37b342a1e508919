using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Registry.Store;

namespace Sluice.Registry.Tests.Replicas;

/// <summary>What replicas and gateways report, and what is wrong with a report.</summary>
public sealed class ReportTests(SharedRegistry registry)
{
    private static readonly string Digest = VersionDigest.Prefix + new string('a', 64);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_report_is_shown_until_the_goodbye()
    {
        var id = Calls.NewModel();
        var report = Calls.Replica(Pools.Canary, new ReplicaVersion("wine", 3, Digest, VersionState.Failed, "no memory")) with
        {
            DeviceReason = "there is no GPU",
            GrpcAddress = "http://127.0.0.1:9001",
            MetricsAddress = "http://127.0.0.1:9002",
        };
        await registry.Client.ReportReplicaAsync(id, report, Token);

        var view = Assert.Single(await ReplicasAsync(), view => view.Status.Id == id);
        Assert.Equal((Pools.Canary, "http://127.0.0.1:9000"), (view.Status.Pool, view.Status.Address));
        Assert.Equal(("http://127.0.0.1:9001", "http://127.0.0.1:9002"), (view.Status.GrpcAddress, view.Status.MetricsAddress));
        Assert.Equal(("cpu", "there is no GPU"), (view.Status.Device, view.Status.DeviceReason));
        Assert.Equal(report.Versions, view.Status.Versions);
        Assert.Equal((1, 4), (view.InFlight, view.Capacity));
        Assert.NotNull(view.LastSeen);

        await registry.Client.RemoveReplicaAsync(id, Token);
        await registry.Client.RemoveReplicaAsync(id, Token); // a second goodbye is no error
        Assert.DoesNotContain(await ReplicasAsync(), view => view.Status.Id == id);
    }

    [Fact]
    public async Task A_gateways_report_is_shown_until_the_goodbye()
    {
        var id = Calls.NewModel();
        var report = new GatewayReport { Address = "https://gateway.example:8443/", Revision = 12, InFlight = 5, Routes = [new GatewayRoute("wine", 4, new Weight(500))] };
        await registry.Client.ReportGatewayAsync(id, report, Token);

        var view = Assert.Single(await GatewaysAsync(), view => view.Status.Id == id);
        Assert.Equal((report.Address, 12L, 5), (view.Status.Address, view.Revision, view.InFlight));
        Assert.Equal(report.Routes, view.Status.Routes);

        await registry.Client.RemoveGatewayAsync(id, Token);
        Assert.DoesNotContain(await GatewaysAsync(), view => view.Status.Id == id);
    }

    [Fact]
    public async Task A_breaker_that_opens_or_closes_is_written_and_one_that_stays_is_not()
    {
        await using var own = new RunningRegistry();
        var since = new DateTimeOffset(2026, 11, 3, 10, 11, 12, 345, TimeSpan.Zero);
        var closed = new GatewayReport { Address = "http://127.0.0.1:9000", Routes = [new GatewayRoute("wine", 4, new Weight(500))] };
        var open = closed with { Routes = [new GatewayRoute("wine", 4, new Weight(500), since)] };
        await own.Client.ReportGatewayAsync("g", closed, Token);
        var before = await RevisionAsync(own);

        await own.Client.ReportGatewayAsync("g", open, Token);
        await own.Client.ReportGatewayAsync("g", open with { InFlight = 3 }, Token);
        Assert.Equal(before + 1, await RevisionAsync(own));
        var view = (await own.Http.GetAsync(ApiPaths.Gateways, ContractsJson.Default.IReadOnlyListGatewayView)).Single();
        Assert.Equal(since, Assert.Single(view.Status.Routes).BreakerOpenSince);

        await own.Client.ReportGatewayAsync("g", closed, Token);
        Assert.Equal(before + 2, await RevisionAsync(own));
        Assert.DoesNotContain("breakerOpenSince", await own.Http.GetStringAsync(ApiPaths.Gateways, Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_transitions_are_written_the_rest_is_remembered()
    {
        await using var own = new RunningRegistry();
        var version = new ReplicaVersion("wine", 1, Digest, VersionState.Loading);
        await own.Client.ReportReplicaAsync("r", Calls.Replica(Pools.Stable, version), Token);
        var before = await RevisionAsync(own);

        await own.Client.ReportReplicaAsync("r", Calls.Replica(Pools.Stable, version) with { InFlight = 9, Capacity = 10 }, Token);
        Assert.Equal(before, await RevisionAsync(own));
        Assert.Equal(9, (await own.Http.GetAsync(ApiPaths.Replicas, ContractsJson.Default.IReadOnlyListReplicaView)).Single().InFlight);

        await own.Client.ReportReplicaAsync("r", Calls.Replica(Pools.Stable, version with { State = VersionState.Ready }), Token);
        Assert.Equal(before + 1, await RevisionAsync(own));
    }

    [Fact]
    public async Task A_report_may_leave_its_lists_out()
    {
        var id = Calls.NewModel();
        using var replica = await PutAsync($"/api/replicas/{id}", """{"pool": "stable", "address": "http://a", "device": "cpu"}""");
        using var gateway = await PutAsync($"/api/gateways/{id}", """{"address": "http://a"}""");

        Assert.Equal(HttpStatusCode.NoContent, replica.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, gateway.StatusCode);
        var status = Assert.Single(await ReplicasAsync(), view => view.Status.Id == id).Status;
        Assert.Empty(status.Versions);
        Assert.Null(status.GrpcAddress);
    }

    [Theory]
    [InlineData("""{"address": "http://a", "device": "cpu"}""", "pool: missing")]
    [InlineData("""{"pool": "stable", "address": null, "device": "cpu"}""", "address")]
    [InlineData("""{"pool": "other", "address": "http://a", "device": "cpu"}""", "pool: 'other'", "stable or canary")]
    [InlineData("""{"pool": "stable", "address": "a:80", "device": "cpu"}""", "address", "absolute http address")]
    [InlineData("""{"pool": "stable", "address": "/a", "device": "cpu"}""", "address")]
    [InlineData("""{"pool": "stable", "address": "ftp://a", "device": "cpu"}""", "address")]
    [InlineData("""{"pool": "stable", "address": "http://a/path", "device": "cpu"}""", "address", "without a path")]
    [InlineData("""{"pool": "stable", "address": "http://a?x=1", "device": "cpu"}""", "address")]
    [InlineData("""{"pool": "stable", "address": "http://user@a", "device": "cpu"}""", "address")]
    [InlineData("""{"pool": "stable", "address": "http://a", "grpcAddress": "a:80", "device": "cpu"}""", "grpcAddress", "absolute http address")]
    [InlineData("""{"pool": "stable", "address": "http://a", "grpcAddress": "http://a/path", "device": "cpu"}""", "grpcAddress", "without a path")]
    [InlineData("""{"pool": "stable", "address": "http://a", "device": ""}""", "device", "1 to 200")]
    [InlineData("""{"pool": "stable", "address": "http://a", "device": "a\nb"}""", "device")]
    [InlineData("""{"pool": "stable", "address": "http://a", "device": "cpu", "inFlight": -1}""", "inFlight")]
    [InlineData("""{"pool": "stable", "address": "http://a", "device": "cpu", "capacity": "many"}""", "capacity")]
    [InlineData("""{"pool": "stable", "address": "http://a", "device": "cpu", "versions": null}""", "versions")]
    [InlineData("""{"pool": "stable", "address": "http://a", "device": "cpu", "versions": [null]}""", "versions[0]")]
    [InlineData("""{"pool": "stable", "address": "http://a", "device": "cpu", "versions": [{}]}""", "versions[0].model")]
    [InlineData("""{"pool": "stable", "address": "http://a", "device": "cpu", "versions": [{"model": "a b", "version": 1}]}""", "versions[0].model", ModelName.Rule)]
    [InlineData("""{"pool": "stable", "address": "http://a", "device": "cpu", "versions": [{"model": "a", "version": 0}]}""", "versions[0].version")]
    [InlineData("""{"pool": "stable", "address": "http://a", "device": "cpu", "versions": [{"model": "a", "version": 1, "digest": "x"}]}""", "versions[0].digest")]
    [InlineData("""{"pool": "stable", "address": "http://a", "device": "cpu", "versions": [{"model": "a", "version": 1, "state": "Sleeping"}]}""", "versions[0].state", "Draining")]
    [InlineData("""{"pool": "stable", "address": "http://a", "device": "cpu", "versions": [{"model": "a", "version": 1, "state": 17, "digest": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}]}""", "versions[0].state")]
    [InlineData("not json", "line 1")]
    public async Task A_replicas_report_that_is_wrong_is_refused_by_field(string report, params string[] words)
    {
        var id = Calls.NewModel();
        using var answer = await PutAsync($"/api/replicas/{id}", report);

        await Calls.AssertProblemAsync(answer, 400, words);
        Assert.DoesNotContain(await ReplicasAsync(), view => view.Status.Id == id);
    }

    [Theory]
    [InlineData("{}", "address: missing")]
    [InlineData("""{"address": "http://a", "routes": [{"model": "a", "generation": 1, "canaryWeight": 10001}]}""", "routes[0].canaryWeight")]
    [InlineData("""{"address": "http://a", "routes": [{"model": "a", "generation": -1}]}""", "routes[0].generation")]
    [InlineData("""{"address": "http://a", "revision": -1}""", "revision")]
    public async Task A_gateways_report_that_is_wrong_is_refused_by_field(string report, string word)
    {
        using var answer = await PutAsync($"/api/gateways/{Calls.NewModel()}", report);

        await Calls.AssertProblemAsync(answer, 400, word);
    }

    [Theory]
    [InlineData("a%20b")]
    [InlineData("a%2Fb")]
    [InlineData("%C3%A4")]
    public async Task An_id_that_is_not_as_expected_is_refused(string id)
    {
        using var put = await PutAsync($"/api/replicas/{id}", """{"pool": "stable", "address": "http://a", "device": "cpu"}""");
        await Calls.AssertProblemAsync(put, 400, "id: 1 to 100");
        using var delete = await registry.Http.DeleteAsync($"/api/gateways/{id}", Token);
        await Calls.AssertProblemAsync(delete, 400, "id: 1 to 100");
    }

    [Fact]
    public async Task A_report_that_is_too_long_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/replicas/r") { Content = Calls.Json(new string('x', 5 << 20)) };
        request.Headers.ExpectContinue = true; // or the connection ends while the client still writes
        using var answer = await registry.Http.SendAsync(request, Token);

        await Calls.AssertProblemAsync(answer, 413);
    }

    private Task<HttpResponseMessage> PutAsync(string path, string body) => registry.Http.PutAsync(path, Calls.Json(body), Token);

    private Task<IReadOnlyList<ReplicaView>> ReplicasAsync() => registry.Http.GetAsync(ApiPaths.Replicas, ContractsJson.Default.IReadOnlyListReplicaView);

    private Task<IReadOnlyList<GatewayView>> GatewaysAsync() => registry.Http.GetAsync(ApiPaths.Gateways, ContractsJson.Default.IReadOnlyListGatewayView);

    // Of the store: the watch tells of a commit a moment after its writer was answered.
    private static async Task<long> RevisionAsync(RunningRegistry registry) =>
        (await registry.Services.GetRequiredService<IStore>().GetPositionAsync(Token)).Revision;
}
