using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>The metrics page: the series of each route, from its first moment to its last.</summary>
public sealed class PageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_thousand_routes_show_every_outcome_from_the_start_and_are_gone_with_their_models()
    {
        await using var registry = await FakeRegistry.RunAsync();
        using var folder = new TemporaryFolder();
        for (var model = 0; model < 1000; model++)
        {
            for (var version = 1; version <= 3; version++)
            {
                registry.Register($"m{model}", version);
            }

            registry.Serve(new ServingState { Model = $"m{model}", Generation = 7, Stable = 1, Canary = 2, Previous = 3 });
        }

        await using var gateway = RunningGateway.Start(registry.Address, folder.PathOf("state.json"));
        await gateway.CaughtUpAsync(registry);
        using var counts = new Counts(gateway);
        var page = counts.Page().ToList();

        var requests = page.Where(sample => sample.Name == "sluice_gateway_requests_total").ToList();
        Assert.Equal(3 * 1000 * FaultClasses.All.Count, requests.Count);
        Assert.All(requests, sample => Assert.Equal(0, sample.Value));
        Assert.Equal(3000, page.Count(sample => sample.Name == "sluice_gateway_request_duration_seconds_count"));
        Assert.Equal(1001 * FaultClasses.All.Count, page.Count(sample => sample.Name == "sluice_gateway_responses_total"));
        Assert.Equal(2000, page.Count(sample => sample.Name == "sluice_gateway_role_info"));
        Assert.Equal(1000, page.Count(sample => sample is { Name: "sluice_gateway_route_generation", Value: 7 }));

        registry.Forget("m17", 1, 2, 3);
        await gateway.CaughtUpAsync(registry);
        var after = counts.Page().ToList();
        Assert.DoesNotContain(after, sample => sample["model"] == "m17");
        Assert.Equal(2997 * FaultClasses.All.Count, after.Count(sample => sample.Name == "sluice_gateway_requests_total"));
    }

    [Fact]
    public async Task Weights_in_use_roles_and_requests_in_flight_are_shown()
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var counts = new Counts(stage.Gateway);
        stage.Registry.Register("wine", 2);
        stage.Registry.Split("wine", stable: 1, canary: 2, weight: 500);
        await stage.CaughtUpAsync();

        // The canary is ready nowhere yet: its weight is not in use.
        Assert.Equal((1, 0), (counts.Of(MetricNames.GatewayRouteWeight, ("version", "1")), counts.Of(MetricNames.GatewayRouteWeight, ("version", "2"))));
        stage.Registry.Report(stage.Predictor(), ("wine", 1, VersionState.Ready), ("wine", 2, VersionState.Ready));
        await stage.CaughtUpAsync();
        Assert.Equal(0.95, counts.Of(MetricNames.GatewayRouteWeight, ("model", "wine"), ("version", "1")));
        Assert.Equal(0.05, counts.Of(MetricNames.GatewayRouteWeight, ("model", "wine"), ("version", "2")));
        Assert.Equal(1, counts.Of(MetricNames.GatewayRoleInfo, ("version", "1"), ("role", "stable")));
        Assert.Equal(1, counts.Of(MetricNames.GatewayRoleInfo, ("version", "2"), ("role", "canary")));
        Assert.Equal(2, counts.Of(MetricNames.GatewayRoleInfo));

        stage.Predictor().Answer = context => Task.Delay(TimeSpan.FromMinutes(1), context.RequestAborted);
        using var leaving = new CancellationTokenSource();
        var request = stage.Http.PostAsync("/v2/models/wine/infer", null, leaving.Token);
        await Eventually.BecomesTrueAsync(() => counts.Of(MetricNames.GatewayInFlight, ("pool", Pools.Stable)) == 1);
        Assert.Equal(0, counts.Of(MetricNames.GatewayInFlight, ("pool", Pools.Canary)));
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await Eventually.BecomesTrueAsync(() => counts.Of(MetricNames.GatewayInFlight) == 0);
    }

    [Fact]
    public async Task Counts_go_on_while_replicas_come_and_go_and_a_role_changes()
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var counts = new Counts(stage.Gateway);
        for (var generation = 2; generation < 6; generation++)
        {
            (await stage.Gateway.InferAsync("wine")).Dispose();
            stage.Registry.Report(await stage.AddPredictorAsync(), ("wine", 1, VersionState.Ready));
            stage.Registry.Serve("wine", stable: 1, generation: generation);
            await stage.CaughtUpAsync();
        }

        Assert.Equal(4, counts.Of(MetricNames.GatewayRequests, ("model", "wine"), ("version", "1"), ("outcome", "ok")));
        Assert.Equal(4, counts.Of(MetricNames.GatewayResponses, ("model", "wine"), ("outcome", "ok")));
    }

    [Fact]
    public async Task What_a_canary_did_last_can_be_read_after_it_was_rolled_back_until_it_is_deleted()
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var counts = new Counts(stage.Gateway);
        stage.Registry.Register("wine", 2);
        stage.Registry.Report(stage.Predictor(), ("wine", 1, VersionState.Ready), ("wine", 2, VersionState.Ready));
        stage.Registry.Split("wine", stable: 1, canary: 2, weight: 10_000);
        await stage.CaughtUpAsync();
        (await stage.Gateway.InferAsync("wine")).Dispose();

        stage.Registry.Serve("wine", stable: 1, generation: 3);
        stage.Registry.Report(stage.Predictor(), ("wine", 1, VersionState.Ready));
        await stage.CaughtUpAsync();
        Assert.Equal(1, counts.Of(MetricNames.GatewayRequests, ("version", "2"), ("outcome", "ok")));

        stage.Registry.Forget("wine", 2);
        await stage.CaughtUpAsync();
        Assert.DoesNotContain(counts.Page(), sample => sample["version"] == "2");
    }

    [Fact]
    public async Task A_version_that_never_served_has_no_series()
    {
        await using var stage = await Stage.SetWithWineAsync();
        stage.Registry.Register("wine", 2);
        await stage.CaughtUpAsync();
        using var counts = new Counts(stage.Gateway);

        Assert.DoesNotContain(counts.Page(), sample => sample["version"] == "2");
    }

    [Fact]
    public async Task A_request_that_ran_out_of_time_is_slower_than_every_edge()
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:LatencyEdges:0", "20"), ("Gateway:LatencyEdges:1", "25"));
        using var counts = new Counts(stage.Gateway);
        (await stage.Gateway.InferAsync("wine")).Dispose();
        stage.Predictor().Answer = context => Task.Delay(TimeSpan.FromMinutes(1), context.RequestAborted);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/wine/infer");
        request.Headers.Add(SluiceHeaders.TimeoutMilliseconds, "50");
        (await stage.Http.SendAsync(request, Token)).Dispose();

        Assert.Equal([("20", 1), ("25", 1), ("+Inf", 2)], Buckets(counts));
    }

    [Fact]
    public async Task The_limit_of_a_rollout_is_an_edge_at_once_and_what_was_counted_before_stays()
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:LatencyEdges:0", "20"), ("Gateway:LatencyEdges:1", "30"));
        using var counts = new Counts(stage.Gateway);
        (await stage.Gateway.InferAsync("wine")).Dispose();
        Assert.Equal([("20", 1), ("30", 1), ("+Inf", 1)], Buckets(counts));

        stage.Registry.Rollout("wine", maxLatencySeconds: 10.5);
        await stage.CaughtUpAsync();

        // Of the request before only is known that it took at most 20 s.
        Assert.Equal([("10.5", 0), ("20", 1), ("30", 1), ("+Inf", 1)], Buckets(counts));
        (await stage.Gateway.InferAsync("wine")).Dispose();
        Assert.Equal([("10.5", 1), ("20", 2), ("30", 2), ("+Inf", 2)], Buckets(counts));

        // The rollout is over: its edge stays, as a series that changes its edges is of no use to anybody.
        stage.Registry.Rollout("wine", maxLatencySeconds: null);
        await stage.CaughtUpAsync();
        Assert.Equal([("10.5", 1), ("20", 2), ("30", 2), ("+Inf", 2)], Buckets(counts));
        Assert.Equal(2, counts.Of(MetricNames.GatewayRequests, ("outcome", "ok")));
    }

    [Fact]
    public async Task Prometheus_sees_the_exact_counts()
    {
        Assert.SkipUnless(PrometheusServer.IsInstalled, PrometheusServer.Missing);
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:Id", "g-7"));
        stage.Registry.Register("wine", 2);
        stage.Registry.Report(stage.Predictor(), ("wine", 1, VersionState.Ready), ("wine", 2, VersionState.Ready));
        stage.Registry.Split("wine", stable: 1, canary: 2, weight: 500);
        await stage.CaughtUpAsync();
        stage.Predictor().Answer = context =>
        {
            context.Response.StatusCode = context.Request.Path.Value!.Contains("/versions/2/", StringComparison.Ordinal) ? 500 : 200;
            return Task.CompletedTask;
        };
        await using var prometheus = await PrometheusServer.StartAsync(TimeSpan.FromMilliseconds(200), ("gateway", [stage.Gateway.Management.Authority]));

        // All series are there before the first request, at 0: so even the first one is a rise.
        await Eventually.BecomesTrueAsync(async () => (await prometheus.QueryAsync("sluice_gateway_requests_total")) is { Count: 14 } seen && seen.All(sample => sample.Value == 0));
        for (var i = 0; i < 30; i++)
        {
            (await stage.Http.PostAsync($"/v2/models/wine/versions/{(i < 20 ? 1 : 2)}/infer", null, Token)).Dispose();
        }

        await BecomesAsync("""sluice_gateway_requests_total{model="wine",version="1",outcome="ok"}""", 20);
        await BecomesAsync("""sluice_gateway_requests_total{model="wine",version="2",outcome="model"}""", 10);
        await BecomesAsync("""sum(sluice_gateway_requests_total)""", 30);
        await BecomesAsync("""sluice_gateway_request_duration_seconds_count{version="1"}""", 20);
        await BecomesAsync("""sluice_gateway_request_duration_seconds_count{version="2"}""", 0);
        await BecomesAsync("""sum(sluice_gateway_responses_total{outcome="model"})""", 10);
        await BecomesAsync("""sluice_gateway_route_weight_ratio{version="2"}""", 0.05);
        await BecomesAsync("""sluice_gateway_info{gateway="g-7"}""", 1);

        // The query of docs/metrics.md, on counts in place of rates.
        await BecomesAsync(
            """
              sum by (model) (sluice_gateway_requests_total{outcome=~"model|capacity|deadline|gateway"} * on (instance, model, version) group_left (role) sluice_gateway_role_info{role="canary"})
            / sum by (model) (sluice_gateway_requests_total{outcome!~"client|cancelled"} * on (instance, model, version) group_left (role) sluice_gateway_role_info{role="canary"})
            """,
            1);
        Assert.All(await prometheus.TargetsAsync(), target => Assert.Equal(("up", ""), (target.Health, target.Error)));

        async Task BecomesAsync(string query, double value) => await Eventually.BecomesTrueAsync(async () =>
            await prometheus.QueryAsync(query) is [var one] && one.Value.Equals(value));
    }

    [Fact]
    public async Task What_goes_to_OTLP_is_by_model()
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var counts = new Counts(stage.Gateway);

        (await stage.Gateway.InferAsync("wine")).Dispose();

        await Eventually.BecomesTrueAsync(() => counts.Measured(MetricNames.GatewayResponses, ("model", "wine"), ("outcome", "ok")) == 1);
        Assert.Equal(1, counts.Measured(MetricNames.GatewayRequests, ("model", "wine"), ("outcome", "ok")));
        Assert.Equal(1, counts.Measured(MetricNames.GatewayRequestDuration, ("model", "wine")));
        Assert.Equal(0, counts.Measured(MetricNames.GatewayRequests, ("version", "1")));
    }

    private static IEnumerable<(string Edge, double Count)> Buckets(Counts counts) => counts.Page()
        .Where(sample => sample.Name == "sluice_gateway_request_duration_seconds_bucket")
        .Select(sample => (sample["le"]!, sample.Value));
}
