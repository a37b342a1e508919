using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sluice.CanaryJudge.Sources;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.CanaryJudge.Tests.Sources;

/// <summary>The same with a real Prometheus, that scrapes pages as a gateway shows them.</summary>
public sealed class RealPrometheusTests : IAsyncLifetime
{
    private readonly int _port = FreePort.Take(1)[0];
    private WebApplication? _gateway;
    private volatile int _ok = 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await StartGatewayAsync();

    public async ValueTask DisposeAsync() => await StopGatewayAsync();

    [Fact]
    public async Task Exact_counts_are_read_and_a_page_that_is_gone_is_missing()
    {
        Assert.SkipUnless(PrometheusServer.IsInstalled, PrometheusServer.Missing);
        await using var prometheus = await PrometheusServer.StartAsync(TimeSpan.FromMilliseconds(250), ("whatever", [$"127.0.0.1:{_port}"]));
        var time = new Later();
        var source = ScriptedPrometheus.SourceOf(prometheus.Http.BaseAddress!, time);
        var start = DateTimeOffset.UtcNow.AddMinutes(-1);

        // Not scraped yet, then twice: nothing in between is a count of nothing.
        Reading reading = null!;
        await Eventually.BecomesTrueAsync(async () => (reading = await ReadAsync()) is { Blind: null } && Ok(reading) is { Samples.Count: >= 2 }, TimeSpan.FromSeconds(60));
        Assert.Empty(reading.Missing);
        Assert.All(Ok(reading).Samples, sample => Assert.Equal(20, sample.Value));

        _ok = 23;
        await Eventually.BecomesTrueAsync(async () => Ok(reading = await ReadAsync()).Samples[^1].Value == 23, TimeSpan.FromSeconds(60));
        Assert.Equal([20, 23], Ok(reading).Samples.Select(sample => sample.Value).Distinct());
        Assert.Equal(["sluice_gateway_mirror_total", "sluice_gateway_request_duration_seconds_bucket", "sluice_gateway_request_duration_seconds_count", "sluice_gateway_requests_total"], reading.Series.Select(series => series.Name).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(["+Inf", "0.5", "1"], reading.Series.Select(series => series.Labels.GetValueOrDefault("le")).OfType<string>().Order(StringComparer.Ordinal));
        Assert.Single(reading.Series.Select(series => series.Samples[^1].At).Distinct()); // one scrape, one time
        Assert.DoesNotContain(reading.Series, series => series.Labels.GetValueOrDefault("version") == "3");

        // Later than a sample, and that sample: however the version at hand takes the ends of a range.
        var second = Ok(reading).Samples[1].At;
        Assert.Equal(second, Ok(await ReadAsync(second)).Samples[0].At);

        // The page goes: its last samples stay what they were, and after a while the gateway counts as unseen.
        await StopGatewayAsync();
        await Eventually.BecomesTrueAsync(async () => await prometheus.QueryAsync("up") is [{ Value: 0 }], TimeSpan.FromSeconds(60));
        time.By = TimeSpan.FromMinutes(1);
        reading = await ReadAsync();
        Assert.Contains("it was last scraped", reading.Missing["g1"], StringComparison.Ordinal);
        Assert.Equal(23, Ok(reading).Samples[^1].Value);

        // It is back, as a process that counts from 0.
        (_ok, time.By) = (1, TimeSpan.Zero);
        await StartGatewayAsync();
        await Eventually.BecomesTrueAsync(async () => Ok(reading = await ReadAsync()).Samples[^1].Value == 1, TimeSpan.FromSeconds(60));
        Assert.Empty(reading.Missing);

        Task<Reading> ReadAsync(DateTimeOffset? since = null) => source.ReadAsync(new MetricsQuery("wine", 1, 2, since ?? start, [new GatewayStatus { Id = "g1", Address = "http://g1" }]), Token);
    }

    private static Series Ok(Reading reading) => Assert.Single(reading.Series, series => series.Labels is { } labels
        && labels.GetValueOrDefault("version") == "1" && labels.GetValueOrDefault("outcome") == "ok");

    private async Task StartGatewayAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, _port));
        _gateway = builder.Build();
        _gateway.MapGet("/metrics", context =>
        {
            context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            return context.Response.WriteAsync(Page(_ok));
        });
        await _gateway.StartAsync();
    }

    private async Task StopGatewayAsync()
    {
        if (_gateway is { } gateway)
        {
            _gateway = null;
            await gateway.StopAsync();
            await gateway.DisposeAsync();
        }
    }

    private static string Page(int ok) => $$"""
        # TYPE sluice_gateway_info gauge
        sluice_gateway_info{gateway="g1"} 1
        # TYPE sluice_gateway_requests_total counter
        sluice_gateway_requests_total{model="wine",version="1",outcome="ok"} {{ok}}
        sluice_gateway_requests_total{model="wine",version="1",outcome="model"} 0
        sluice_gateway_requests_total{model="wine",version="2",outcome="ok"} 4
        sluice_gateway_requests_total{model="wine",version="3",outcome="ok"} 4
        sluice_gateway_requests_total{model="winery",version="1",outcome="ok"} 4
        # TYPE sluice_gateway_request_duration_seconds histogram
        sluice_gateway_request_duration_seconds_bucket{model="wine",version="2",le="0.5"} 3
        sluice_gateway_request_duration_seconds_bucket{model="wine",version="2",le="1"} 3
        sluice_gateway_request_duration_seconds_bucket{model="wine",version="2",le="+Inf"} 4
        sluice_gateway_request_duration_seconds_sum{model="wine",version="2"} 2.5
        sluice_gateway_request_duration_seconds_count{model="wine",version="2"} 4
        # TYPE sluice_gateway_mirror_total counter
        sluice_gateway_mirror_total{model="wine",result="agree"} 9

        """.ReplaceLineEndings("\n");

    /// <summary>A clock that is later by some time.</summary>
    private sealed class Later : TimeProvider
    {
        public TimeSpan By { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + By;
    }
}
