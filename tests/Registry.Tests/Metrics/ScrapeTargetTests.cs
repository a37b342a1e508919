using System.Globalization;
using System.Net;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Metrics;

/// <summary>Where Prometheus finds gateways and predictors: by HTTP service discovery, on the management port.</summary>
public sealed class ScrapeTargetTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Whoever_reports_a_metrics_address_is_a_target_until_the_goodbye()
    {
        await using var registry = await RegistryProcess.StartAsync(_data.Path);
        var targets = new Uri(registry.Management, "/scrape-targets");
        Assert.Equal("[]", await registry.Http.GetStringAsync(targets, Token));

        await ReportAsync(registry, "gateways/g1", """{"address": "https://gateway.example:8443", "metricsAddress": "http://gateway.example:8090"}""");
        await ReportAsync(registry, "gateways/g2", """{"address": "http://127.0.0.1:1", "metricsAddress": "http://127.0.0.1:2"}""");
        await ReportAsync(registry, "gateways/g3", """{"address": "http://127.0.0.1:3"}""");
        await ReportAsync(registry, "gateways/g4", """{"address": "http://127.0.0.1:9", "metricsAddress": "http://127.0.0.1:2"}"""); // g2, started again
        await ReportAsync(registry, "replicas/p1", """{"pool": "stable", "address": "http://127.0.0.1:4", "device": "cpu", "metricsAddress": "https://[::1]:443"}""");
        Assert.Equal(
            """[{"targets":["127.0.0.1:2","gateway.example:8090"],"labels":{"job":"gateway","__scheme__":"http"}},{"targets":["[::1]:443"],"labels":{"job":"predictor","__scheme__":"https"}}]""",
            await registry.Http.GetStringAsync(targets, Token));

        using (await registry.Http.DeleteAsync("/api/gateways/g1", Token))
        using (await registry.Http.DeleteAsync("/api/replicas/p1", Token))
        {
        }

        Assert.Equal("""[{"targets":["127.0.0.1:2"],"labels":{"job":"gateway","__scheme__":"http"}}]""", await registry.Http.GetStringAsync(targets, Token));
    }

    [Fact]
    public async Task It_is_to_be_read_and_on_the_management_port_only()
    {
        await using var registry = await RegistryProcess.StartAsync(_data.Path);

        using var open = await registry.Http.GetAsync("/scrape-targets", Token);
        using var written = await registry.Http.PostAsync(new Uri(registry.Management, "/scrape-targets"), null, Token);

        Assert.Equal(HttpStatusCode.NotFound, open.StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, written.StatusCode);
    }

    [Fact]
    public async Task A_real_Prometheus_scrapes_whom_it_names()
    {
        Assert.SkipUnless(PrometheusServer.IsInstalled, PrometheusServer.Missing);
        await using var registry = await RegistryProcess.StartAsync(_data.Path);

        // The Registry itself stands in for a gateway: it shows a page.
        await ReportAsync(registry, "gateways/g1", $$"""{"address": "http://127.0.0.1:1", "metricsAddress": "{{registry.Management.GetLeftPart(UriPartial.Authority)}}"}""");
        await using var prometheus = await PrometheusServer.DiscoverAsync(TimeSpan.FromMilliseconds(500), new Uri(registry.Management, "/scrape-targets"));

        var port = registry.Management.Port.ToString(CultureInfo.InvariantCulture);
        await Eventually.BecomesTrueAsync(
            async () => await prometheus.QueryAsync("up") is [{ Value: 1 } up] && up["job"] == "gateway" && up["instance"] == $"127.0.0.1:{port}", TimeSpan.FromSeconds(60));
    }

    private static async Task ReportAsync(RegistryProcess registry, string path, string report)
    {
        using var answer = await registry.Http.PutAsync($"/api/{path}", Calls.Json(report), Token);
        Assert.True(answer.StatusCode == HttpStatusCode.NoContent, await answer.Content.ReadAsStringAsync(Token));
    }
}
