using System.Diagnostics.Metrics;
using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Sluice.ServiceDefaults.Metrics;
using Sluice.Testing;

namespace Sluice.ServiceDefaults.Tests.Metrics;

public sealed class MetricsPageTests : IDisposable
{
    private static readonly MetricFamily Things = new("sluice_source_things", MetricType.Gauge, "Things of a source.");

    // The SDK listens to all meters of the process, so each test's are told apart by name.
    private readonly Meter _meter = new($"Sluice.Tests.{Guid.NewGuid():N}");
    private readonly string _prefix = $"t{Guid.NewGuid():N}.";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _meter.Dispose();

    [Fact]
    public async Task The_page_is_on_the_management_port_only_and_says_what_it_is()
    {
        await using var service = await RunningService.StartAsync();

        using var answer = await service.Management.GetAsync("/metrics", Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.NonValidated["Content-Type"].ToString());
        Assert.Equal(answer.Content.Headers.ContentLength, (await answer.Content.ReadAsByteArrayAsync(Token)).Length);
        using var elsewhere = await service.Public.GetAsync("/metrics", Token);
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
        using var posted = await service.Management.PostAsync("/metrics", null, Token);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);
        using var head = await service.Management.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/metrics"), Token);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Token));
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("deflate, gzip;q=0.5", true)]
    [InlineData("*", true)]
    [InlineData("identity", false)]
    [InlineData("gzip;q=0", false)]
    [InlineData("*, gzip;q=0", false)]
    [InlineData("br", false)]
    [InlineData(",;q=", false)]
    public async Task The_page_is_compressed_for_who_asks_for_it(string accepts, bool compressed)
    {
        await using var service = await RunningService.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepts);

        using var answer = await service.Management.SendAsync(request, Token);

        Assert.Equal(compressed ? ["gzip"] : [], answer.Content.Headers.ContentEncoding);
        Assert.Contains("Accept-Encoding", answer.Headers.Vary);
        await using var body = await answer.Content.ReadAsStreamAsync(Token);
        await using var plain = compressed ? new GZipStream(body, CompressionMode.Decompress) : body;
        using var text = new StreamReader(plain);
        Assert.Contains("target_info", PrometheusText.Parse(await text.ReadToEndAsync(Token)));
    }

    [Fact]
    public async Task Instruments_of_every_kind_are_shown_with_their_values()
    {
        await using var service = await RunningService.StartAsync();
        _meter.CreateCounter<long>(_prefix + "requests", "{request}", "Requests.").Add(3, new("model", "wine"), new("version", 1), new("warm", true));
        _meter.CreateCounter<double>(_prefix + "time", "s").Add(1.5);
        _meter.CreateUpDownCounter<long>(_prefix + "in.flight").Add(-2);
        _meter.CreateGauge<double>(_prefix + "odd").Record(double.NaN);
        _meter.CreateObservableGauge(_prefix + "load", () => 0.25, "1");
        _meter.CreateObservableUpDownCounter(_prefix + "depth", () => 7);
        var histogram = _meter.CreateHistogram(_prefix + "duration", "s", "Durations.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var value in (double[])[0.1, 0.5, 3])
        {
            histogram.Record(value, new KeyValuePair<string, object?>("http.route", "/a\"b"));
        }

        var page = await service.ReadFamiliesAsync();

        var requests = Family(page, "requests_total");
        Assert.Equal(("counter", "Requests."), (requests.Type, requests.Help));
        Assert.True(Assert.Single(requests.Samples) is { Value: 3, Labels.Count: 3 } sample && sample.Has(("model", "wine"), ("version", "1"), ("warm", "true")));
        Assert.Equal(1.5, Assert.Single(Family(page, "time_seconds_total").Samples).Value);
        Assert.Equal(("gauge", -2), (Family(page, "in_flight").Type, Family(page, "in_flight").Samples[0].Value));
        Assert.Equal(double.NaN, Assert.Single(Family(page, "odd").Samples).Value);
        Assert.Equal(0.25, Assert.Single(Family(page, "load_ratio").Samples).Value);
        Assert.Equal(("gauge", 7), (Family(page, "depth").Type, Family(page, "depth").Samples[0].Value));
        var duration = Family(page, "duration_seconds");
        Assert.Equal("histogram", duration.Type);
        Assert.Equal([1, 2, 3, 3.6, 3], duration.Samples.Select(series => series.Value));
        Assert.Equal(["0.1", "1", "+Inf", null, null], duration.Samples.Select(series => series["le"]));
        Assert.All(duration.Samples, series => Assert.Equal("/a\"b", series["http_route"]));
        var target = Assert.Single(page["target_info"].Samples);
        Assert.NotNull(target["service_name"]);
        Assert.DoesNotContain(page.Keys, name => name.StartsWith("otel_scope", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tags_whose_names_become_one_are_joined()
    {
        await using var service = await RunningService.StartAsync();
        _meter.CreateGauge<int>(_prefix + "joined").Record(1, new("a.b", "x"), new("c", "z"), new("a_b", "y"));

        var sample = Assert.Single(Family(await service.ReadFamiliesAsync(), "joined").Samples);

        Assert.Equal(2, sample.Labels.Count);
        Assert.Equal("z", sample["c"]);
        Assert.True(sample["a_b"] is "x;y" or "y;x", sample["a_b"]);
    }

    [Fact]
    public async Task The_order_does_not_depend_on_what_happened_first()
    {
        await using var service = await RunningService.StartAsync();
        foreach (var name in (string[])["b", "c", "a"])
        {
            var counter = _meter.CreateCounter<int>(_prefix + name);
            foreach (var model in (string[])["rose", "ale", "wine"])
            {
                counter.Add(1, new KeyValuePair<string, object?>("model", model));
            }
        }

        var page = await service.ReadFamiliesAsync();

        Assert.Equal(["a_total", "b_total", "c_total"], page.Keys.Where(IsMine).Select(name => name[(_prefix.Length)..]));
        Assert.All(page.Values.Where(family => IsMine(family.Name)), family => Assert.Equal(["ale", "rose", "wine"], family.Samples.Select(sample => sample["model"])));
        bool IsMine(string name) => name.StartsWith(_prefix[..^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_shows_its_own_series_and_they_go_with_their_object()
    {
        var models = new List<string> { "wine", "rose" };
        await using var service = await RunningService.StartAsync(new Source(writer =>
        {
            writer.Begin(Things);
            foreach (var model in models)
            {
                writer.Sample(MetricLabels.Of(("model", model)), 1);
            }
        }));
        Assert.Equal(["wine", "rose"], (await service.ReadFamiliesAsync())[Things.Name].Samples.Select(sample => sample["model"]));

        models.Remove("wine");
        Assert.Equal(["rose"], (await service.ReadFamiliesAsync())[Things.Name].Samples.Select(sample => sample["model"]));
        models.Clear();
        Assert.DoesNotContain(Things.Name, await service.ReadFamiliesAsync());
    }

    [Fact]
    public async Task A_source_takes_the_place_of_an_instrument_of_the_same_name()
    {
        _meter.CreateGauge<int>(_prefix + "generation");
        var family = new MetricFamily(PrometheusNames.OfInstrument(_prefix + "generation", null, MetricType.Gauge), MetricType.Gauge, "By route.");
        await using var service = await RunningService.StartAsync(new Source(writer =>
        {
            writer.Begin(family);
            writer.Sample(MetricLabels.None, 42);
        }));
        _meter.CreateGauge<int>(_prefix + "generation").Record(1);

        Assert.Equal(42, Assert.Single((await service.ReadFamiliesAsync())[family.Name].Samples).Value);
    }

    [Fact]
    public async Task A_source_that_fails_takes_only_its_own_series_with_it()
    {
        var other = new MetricFamily("sluice_other_things", MetricType.Gauge, "Other things.");
        await using var service = await RunningService.StartAsync(
            new Source(writer =>
            {
                writer.Begin(Things);
                writer.Sample(MetricLabels.None, 1);
                throw new InvalidOperationException("a bug");
            }),
            new Source(writer =>
            {
                writer.Begin(other);
                writer.Sample(MetricLabels.None, 2);
            }));

        var page = await service.ReadFamiliesAsync();

        Assert.DoesNotContain(Things.Name, page);
        Assert.Equal(2, Assert.Single(page[other.Name].Samples).Value);
        Assert.Contains("target_info", page);
    }

    [Fact]
    public async Task Scrapers_that_come_together_share_one_collection()
    {
        var calls = 0;
        using var begun = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        await using var service = await RunningService.StartAsync(new Source(writer =>
        {
            writer.Begin(Things);
            writer.Sample(MetricLabels.None, ++calls);
            begun.Set();
            goOn.Wait(TimeSpan.FromSeconds(20));
        }));
        var pages = service.Services.GetRequiredService<MetricsPages>();
        var first = Task.Run(pages.TakeAsync, Token);
        Assert.True(begun.Wait(TimeSpan.FromSeconds(20), Token));

        var others = Enumerable.Range(0, 20).Select(_ => pages.TakeAsync()).ToList();
        Assert.All(others, other => Assert.False(other.IsCompleted));
        goOn.Set();

        MetricsPage[] taken = [await first, .. await Task.WhenAll(others)];
        var text = Encoding.UTF8.GetString(taken[0].Bytes.Span);
        Assert.Equal(1, calls);

        // Who reads slowly keeps the page: a later one goes into another buffer.
        using (var later = await pages.TakeAsync())
        {
            Assert.Equal(2, calls);
            Assert.Contains(Things.Name + " 2", Encoding.UTF8.GetString(later.Bytes.Span), StringComparison.Ordinal);
        }

        Assert.All(taken, page => Assert.Equal(text, Encoding.UTF8.GetString(page.Bytes.Span)));
        Array.ForEach(taken, page => page.Dispose());
    }

    [Fact]
    public async Task A_page_of_thousands_of_series_allocates_next_to_nothing()
    {
        await using var service = await RunningService.StartAsync();
        var counter = _meter.CreateCounter<long>(_prefix + "many");
        for (var i = 0; i < 1900; i++)
        {
            counter.Add(1, new("model", $"m{i}"), new("version", i % 3));
        }

        var pages = service.Services.GetRequiredService<MetricsPages>();
        long allocated = 0, length = 0;
        for (var i = 0; i < 3; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var taking = pages.TakeAsync();
            allocated = GC.GetAllocatedBytesForCurrentThread() - before; // made on this thread, up to here
            using var page = await taking;
            length = page.Bytes.Length;
        }

        TestContext.Current.SendDiagnosticMessage($"{length} bytes of page, {allocated} bytes allocated");
        Assert.InRange(length, 100_000, long.MaxValue);
        Assert.InRange(allocated, 0, 32 * 1024);
    }

    private PrometheusFamily Family(IReadOnlyDictionary<string, PrometheusFamily> page, string name) => page[$"{_prefix[..^1]}_{name}"];
}
