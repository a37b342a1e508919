using System.Globalization;
using System.Net;
using Sluice.Contracts;
using Sluice.Registry.Metrics;
using Sluice.Testing;
using static Sluice.Registry.Tests.Calls;

namespace Sluice.Registry.Tests.Metrics;

/// <summary>The Registry's page for Prometheus. Each test has a process of its own: the SDK counts for all that run in one.</summary>
public sealed class MetricsTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_model_has_its_series_while_it_is_there()
    {
        await using var registry = await RegistryProcess.StartAsync(_data.Path);
        await registry.Http.RegisterAsync("wine", OnnxModels.Scale(2, -1));
        await registry.Http.ServeAsync("wine", 1);
        using (await registry.Http.UploadAsync("wine", Parts("""{"metrics": {"accuracy": 0.975, "NaN \"quoted\"": 1}}""", ("model.onnx", OnnxModels.Scale(3, -1)))))
        {
        }

        var page = await ReadUntilAsync(registry, page => Value(page, "sluice_registry_versions_pending", ("model", "wine")) == 1);

        Assert.Equal(2, Value(page, "sluice_registry_versions", ("model", "wine")));
        Assert.InRange(Value(page, "sluice_registry_promotion_wait_seconds", ("model", "wine")), 0.0001, 600);
        Assert.Equal(0.975, Value(page, "sluice_registry_version_metric", ("model", "wine"), ("version", "2"), ("metric", "accuracy")));
        Assert.Equal(1, Value(page, "sluice_registry_version_metric", ("model", "wine"), ("version", "2"), ("metric", "NaN \"quoted\"")));
        foreach (var result in RolloutResults.All)
        {
            Assert.Equal(0, Value(page, "sluice_registry_rollouts_total", ("model", "wine"), ("result", result)));
        }

        await registry.Http.RegisterAsync("rose", OnnxModels.Scale(2, -1));
        page = await ReadUntilAsync(registry, page => Value(page, "sluice_registry_versions", ("model", "rose")) == 1);
        using (await registry.Http.DeleteAsync("/api/models/rose", Token))
        {
        }

        page = await ReadUntilAsync(registry, page => double.IsNaN(Value(page, "sluice_registry_versions", ("model", "rose"))));
        Assert.DoesNotContain(page.Values.SelectMany(family => family.Samples), sample => sample["model"] == "rose");

        await registry.Http.ServeAsync("wine", 2);
        page = await ReadUntilAsync(registry, page => Value(page, "sluice_registry_versions_pending", ("model", "wine")) == 0);
        Assert.Equal(0, Value(page, "sluice_registry_promotion_wait_seconds", ("model", "wine")));
    }

    [Fact]
    public async Task An_operator_sees_commits_watchers_revision_reports_requests_and_the_process()
    {
        await using var registry = await RegistryProcess.StartAsync(_data.Path);
        await registry.Http.RegisterAsync("wine", OnnxModels.Scale(2, -1));
        using var watching = await registry.Http.GetAsync(ApiPaths.Watch, HttpCompletionOption.ResponseHeadersRead, Token);
        using (await registry.Http.PutAsync("/api/replicas/p1", Json("""{"pool":"stable","address":"http://127.0.0.1:1","device":"cpu","versions":[],"inFlight":0,"capacity":1}"""), Token))
        {
        }

        var page = await ReadUntilAsync(registry, page => Value(page, "sluice_registry_watchers") == 1);

        Assert.True(Value(page, "sluice_registry_revision") >= 2);
        Assert.True(Value(page, "sluice_registry_store_commit_duration_seconds", "_count", ("result", "committed")) >= 2);
        Assert.Equal(1, Value(page, "sluice_registry_reports_total", ("kind", "replica")));
        Assert.True(Value(page, "http_server_request_duration_seconds", "_count", ("http_response_status_code", "201")) >= 1);
        Assert.True(Value(page, "dotnet_process_memory_working_set_bytes") > 1 << 20);
        Assert.NotNull(Assert.Single(page["target_info"].Samples)["service_name"]);
    }

    [Fact]
    public async Task The_page_is_not_on_the_public_port_and_scrapes_are_not_counted_as_requests()
    {
        await using var registry = await RegistryProcess.StartAsync(_data.Path);
        for (var i = 0; i < 5; i++)
        {
            await registry.ReadMetricsAsync();
        }

        using var answer = await registry.Http.GetAsync("/metrics", Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        var page = await ReadUntilAsync(registry, page => page.ContainsKey("http_server_request_duration_seconds"));
        var counted = page["http_server_request_duration_seconds"].Samples.Where(sample => sample.Name.EndsWith("_count", StringComparison.Ordinal));
        Assert.Equal(["404"], counted.Select(sample => sample["http_response_status_code"]));
    }

    [Fact]
    public async Task A_real_Prometheus_scrapes_it_and_finds_what_is_on_the_page()
    {
        Assert.SkipUnless(PrometheusServer.IsInstalled, PrometheusServer.Missing);
        await using var registry = await RegistryProcess.StartAsync(_data.Path);
        await registry.Http.RegisterAsync("wine", OnnxModels.Scale(2, -1));
        await registry.Http.RegisterAsync("ro.se_-", OnnxModels.Scale(2, -1));
        var port = registry.Management.Port.ToString(CultureInfo.InvariantCulture);

        await using var prometheus = await PrometheusServer.StartAsync(TimeSpan.FromMilliseconds(500), ("registry", [$"127.0.0.1:{port}"]));
        await Eventually.BecomesTrueAsync(async () => (await prometheus.QueryAsync("sum(sluice_registry_versions)")) is [{ Value: 2 }], TimeSpan.FromSeconds(30));

        Assert.All(await prometheus.TargetsAsync(), target => Assert.Equal(("up", ""), (target.Health, target.Error)));
        var p99 = await prometheus.QueryAsync("histogram_quantile(0.99, sum by (le) (sluice_registry_store_commit_duration_seconds_bucket))");
        Assert.InRange(Assert.Single(p99).Value, 0.00001, 10);
        var pending = await prometheus.QueryAsync("sluice_registry_versions_pending{job=\"registry\"}");
        Assert.Equal(["ro.se_-", "wine"], pending.Select(sample => sample["model"]).Order(StringComparer.Ordinal));
        Assert.Equal("registry", Assert.Single(await prometheus.QueryAsync("target_info"))["job"]);
    }

    [Fact]
    public async Task Promtool_reads_the_page()
    {
        Assert.SkipUnless(PrometheusServer.HasTool, PrometheusServer.Missing);
        await using var registry = await RegistryProcess.StartAsync(_data.Path);
        await registry.Http.RegisterAsync("wine", OnnxModels.Scale(2, -1));

        var (exitCode, output) = await PrometheusServer.CheckAsync(await registry.ReadMetricsAsync());

        // 3 is its taste in names of the framework's instruments; 1 would be a page that it cannot read.
        Assert.True(exitCode is 0 or 3, output);
        Assert.DoesNotContain("sluice_", output, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyDictionary<string, PrometheusFamily>> ReadUntilAsync(
        RegistryProcess registry, Func<IReadOnlyDictionary<string, PrometheusFamily>, bool> condition)
    {
        IReadOnlyDictionary<string, PrometheusFamily> page = new Dictionary<string, PrometheusFamily>();
        await Eventually.BecomesTrueAsync(async () => condition(page = PrometheusText.Parse(await registry.ReadMetricsAsync())));
        return page;
    }

    private static double Value(IReadOnlyDictionary<string, PrometheusFamily> page, string name, params (string, string)[] labels) =>
        Value(page, name, "", labels);

    private static double Value(IReadOnlyDictionary<string, PrometheusFamily> page, string name, string suffix, params (string, string)[] labels) =>
        page.TryGetValue(name, out var family)
            ? family.Samples.Where(sample => sample.Name == name + suffix && sample.Has(labels)).Select(sample => (double?)sample.Value).SingleOrDefault() ?? double.NaN
            : double.NaN;
}
