using Sluice.ServiceDefaults.Metrics;

namespace Sluice.ServiceDefaults.Tests.Metrics;

public sealed class PrometheusNamesTests
{
    [Theory]
    [InlineData("sluice.gateway.requests", "{request}", MetricType.Counter, "sluice_gateway_requests_total")]
    [InlineData("sluice_gateway_requests_total", "{request}", MetricType.Counter, "sluice_gateway_requests_total")]
    [InlineData("sluice.gateway.request.duration", "s", MetricType.Histogram, "sluice_gateway_request_duration_seconds")]
    [InlineData("sluice_gateway_request_duration_seconds", "s", MetricType.Histogram, "sluice_gateway_request_duration_seconds")]
    [InlineData("sluice.gateway.route.weight", "1", MetricType.Gauge, "sluice_gateway_route_weight_ratio")]
    [InlineData("sluice.things", "1", MetricType.Counter, "sluice_things_total")]
    [InlineData("sluice.registry.watchers", "{watcher}", MetricType.Gauge, "sluice_registry_watchers")]
    [InlineData("dotnet.process.cpu.time", "s", MetricType.Counter, "dotnet_process_cpu_time_seconds_total")]
    [InlineData("cpu_seconds_total", "s", MetricType.Counter, "cpu_seconds_total")]
    [InlineData("dotnet.gc.heap.total_allocated", "By", MetricType.Counter, "dotnet_gc_heap_total_allocated_bytes_total")]
    [InlineData("seconds", "s", MetricType.Gauge, "seconds")]
    [InlineData("nanoseconds", "s", MetricType.Gauge, "nanoseconds_seconds")]
    [InlineData("speed", "m/s", MetricType.Gauge, "speed_meters_per_second")]
    [InlineData("rate", "{request}/s", MetricType.Gauge, "rate_per_second")]
    [InlineData("rate", "By/{request}", MetricType.Gauge, "rate_bytes")]
    [InlineData("a..b--c", null, MetricType.Gauge, "a_b_c")]
    [InlineData("9lives", "", MetricType.Gauge, "_9lives")]
    [InlineData("", "", MetricType.Gauge, "_")]
    [InlineData("odd", "{unclosed", MetricType.Gauge, "odd")]
    [InlineData("odd", "weird unit", MetricType.Gauge, "odd_weird_unit")]
    public void Instruments_are_named_as_Prometheus_expects(string instrument, string? unit, MetricType type, string name) =>
        Assert.Equal(name, PrometheusNames.OfInstrument(instrument, unit, type));

    [Theory]
    [InlineData("http.route", "http_route")]
    [InlineData("model", "model")]
    [InlineData("2nd:tag", "_2nd_tag")]
    [InlineData("été", "_t_")]
    public void Tags_are_named_as_Prometheus_expects(string tag, string name) => Assert.Equal(name, PrometheusNames.OfTag(tag));
}
