using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Sluice.ServiceDefaults.Metrics;
using Sluice.Testing;

namespace Sluice.ServiceDefaults.Tests.Metrics;

public sealed class MetricsWriterTests
{
    private static readonly MetricFamily Gauge = new("sluice_things", MetricType.Gauge, "Things.");

    // What UTF-8 cannot say (half of a surrogate pair) is replaced on the way; nothing else may change.
    private static readonly Arbitrary<string> AnyText = ArbMap.Default.ArbFor<string>().Generator
        .Or(Gen.Elements('\\', '"', '\n', 'n', '\r', '{', '}', ',', '=', ' ', 'é', '\0', '\ud83d').ArrayOf().Select(chars => new string(chars)))
        .Select(text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? "")))
        .ToArbitrary();

    [Fact]
    public void Any_text_can_be_a_label_and_comes_back_as_it_was() => Prop.ForAll(AnyText, AnyText, (first, second) =>
    {
        var sample = Assert.Single(Page(writer => writer.Sample(MetricLabels.Of(("a", first), ("b", second)), 1))["sluice_things"].Samples);
        Assert.Equal(first, sample["a"]);
        Assert.Equal(second, sample["b"]);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_text_can_be_a_help_and_comes_back_as_it_was() => Prop.ForAll(AnyText, help =>
    {
        var writer = new MetricsWriter();
        writer.Begin(new MetricFamily("sluice_things", MetricType.Gauge, help));
        writer.Sample(MetricLabels.None, 1);
        Assert.Equal(help.Length == 0 ? null : help, Parse(writer)["sluice_things"].Help);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_number_comes_back_as_it_was() => Prop.ForAll(ArbMap.Default.ArbFor<double>(), number =>
    {
        var sample = Assert.Single(Page(writer => writer.Sample(MetricLabels.None, number))["sluice_things"].Samples);
        Assert.Equal(BitConverter.DoubleToInt64Bits(number), BitConverter.DoubleToInt64Bits(sample.Value));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(double.NaN, "sluice_things NaN\n")]
    [InlineData(double.PositiveInfinity, "sluice_things +Inf\n")]
    [InlineData(double.NegativeInfinity, "sluice_things -Inf\n")]
    [InlineData(0.1, "sluice_things 0.1\n")]
    [InlineData(1e21, "sluice_things 1E+21\n")]
    [InlineData(3, "sluice_things 3\n")]
    public void Numbers_are_written_as_Prometheus_reads_them(double number, string line)
    {
        var writer = new MetricsWriter();
        writer.Begin(Gauge);
        writer.Sample(MetricLabels.None, number);
        Assert.EndsWith(line, Encoding.UTF8.GetString(writer.Written.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_is_the_text_format_to_the_letter()
    {
        var histogram = new MetricHistogram(new MetricBuckets(0.5, 1));
        histogram.Observe(0.5);
        histogram.Observe(0.75);
        histogram.Observe(7);
        var writer = new MetricsWriter();
        writer.Begin(new MetricFamily("sluice_empty", MetricType.Gauge, "Without series it is not there."));
        writer.Begin(new MetricFamily("sluice_wait_seconds", MetricType.Histogram, "A \"wait\"\nin \\ seconds."));
        writer.Sample(MetricLabels.Of(("model", "a\"b\\c\nd")), histogram);
        writer.Begin(new MetricFamily("sluice_requests_total", MetricType.Counter, "Requests."));
        writer.Sample(MetricLabels.Of(("model", "wine")).And("version", "1"), 12L);

        Assert.Equal(
            """
            # HELP sluice_wait_seconds A "wait"\nin \\ seconds.
            # TYPE sluice_wait_seconds histogram
            sluice_wait_seconds_bucket{model="a\"b\\c\nd",le="0.5"} 1
            sluice_wait_seconds_bucket{model="a\"b\\c\nd",le="1"} 2
            sluice_wait_seconds_bucket{model="a\"b\\c\nd",le="+Inf"} 3
            sluice_wait_seconds_sum{model="a\"b\\c\nd"} 8.25
            sluice_wait_seconds_count{model="a\"b\\c\nd"} 3
            # HELP sluice_requests_total Requests.
            # TYPE sluice_requests_total counter
            sluice_requests_total{model="wine",version="1"} 12

            """,
            Encoding.UTF8.GetString(writer.Written.Span));
    }

    [Fact]
    public void A_series_costs_no_allocation()
    {
        var labels = MetricLabels.Of(("model", "wine"), ("version", "1"), ("outcome", "ok"));
        var histogram = new MetricHistogram(new MetricBuckets(0.001, 0.01, 0.1, 1));
        var duration = new MetricFamily("sluice_duration_seconds", MetricType.Histogram, "Durations.");
        var writer = new MetricsWriter();
        WriteAll();

        var before = GC.GetAllocatedBytesForCurrentThread();
        WriteAll();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void WriteAll()
        {
            writer.Clear();
            writer.Begin(Gauge);
            for (var i = 0; i < 1000; i++)
            {
                writer.Sample(labels, i * 1e10);
                writer.Sample(labels, i * 0.1);
            }

            writer.Begin(duration);
            for (var i = 0; i < 1000; i++)
            {
                histogram.Observe(i * 0.002);
                writer.Sample(labels, histogram);
            }
        }
    }

    [Fact]
    public void A_histogram_goes_on_from_another_one_with_other_edges_and_loses_nothing()
    {
        var first = new MetricHistogram(new MetricBuckets(1, 2, 4));
        first.Observe(0.5);
        first.Observe(3);
        first.Observe(9);
        var second = new MetricHistogram(first.Buckets.And(3.5), first);
        first.Observe(1.5); // by a thread that has not seen the second yet
        second.Observe(3.25);
        var third = new MetricHistogram(new MetricBuckets(2, 4), second);
        third.Observe(1);
        third.ObserveCut(0.25);

        // A value of before is known by its former bucket: the 3 lies at 4, not below 3.5.
        Assert.Equal([1, 2, 3, 4, 5], Cumulative(second));
        Assert.Equal([3, 5, 7], Cumulative(third));
        Assert.Equal((0.5 + 3 + 9 + 1.5 + 3.25 + 1 + 0.25, 7L), (third.Sum, third.Count));
        Assert.True(second.Buckets.Has(3.5));
        Assert.False(first.Buckets.Has(3.5));

        static IEnumerable<double> Cumulative(MetricHistogram histogram)
        {
            var writer = new MetricsWriter();
            writer.Begin(new MetricFamily("sluice_values", MetricType.Histogram, "Values."));
            writer.Sample(MetricLabels.None, histogram);
            return PrometheusText.Parse(Encoding.UTF8.GetString(writer.Written.Span)).Values.Single().Samples
                .Where(sample => sample.Name.EndsWith("_bucket", StringComparison.Ordinal)).Select(sample => sample.Value);
        }
    }

    [Fact]
    public async Task A_histogram_loses_no_value_to_a_race()
    {
        const int PerThread = 20_000;
        var histogram = new MetricHistogram(new MetricBuckets(1, 2));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(
            () =>
            {
                for (var i = 0; i < PerThread; i++)
                {
                    histogram.Observe(thread % 3 + 0.5);
                }
            },
            TestContext.Current.CancellationToken)));

        var writer = new MetricsWriter();
        writer.Begin(new MetricFamily("sluice_values", MetricType.Histogram, "Values."));
        writer.Sample(MetricLabels.None, histogram);
        Assert.Equal(
            [2 * PerThread, 3 * PerThread, 4 * PerThread, (0.5 + 1.5 + 2.5 + 0.5) * PerThread, 4 * PerThread],
            Parse(writer)["sluice_values"].Samples.Select(sample => sample.Value));
    }

    [Fact]
    public void What_the_format_cannot_hold_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new MetricFamily("sluice.things", MetricType.Gauge, ""));
        Assert.Throws<ArgumentException>(() => new MetricFamily("1things", MetricType.Gauge, ""));
        Assert.Throws<ArgumentException>(() => new MetricFamily("sluice_things", MetricType.Counter, ""));
        Assert.Throws<ArgumentException>(() => MetricLabels.Of(("a-b", "")));
        Assert.Throws<ArgumentException>(() => MetricLabels.Of(("le", "1")));
        Assert.Throws<ArgumentException>(() => MetricLabels.Of(("a", "1"), ("a", "2")));
        Assert.Throws<ArgumentException>(() => new MetricBuckets(1, 1));
        Assert.Throws<ArgumentException>(() => new MetricBuckets(1, double.PositiveInfinity));
        var writer = new MetricsWriter();
        Assert.Throws<InvalidOperationException>(() => writer.Sample(MetricLabels.None, 1));
        writer.Begin(Gauge);
        Assert.Throws<InvalidOperationException>(() => writer.Begin(Gauge));
    }

    private static IReadOnlyDictionary<string, PrometheusFamily> Page(Action<MetricsWriter> write)
    {
        var writer = new MetricsWriter();
        writer.Begin(Gauge);
        write(writer);
        return Parse(writer);
    }

    private static IReadOnlyDictionary<string, PrometheusFamily> Parse(MetricsWriter writer) =>
        PrometheusText.Parse(Encoding.UTF8.GetString(writer.Written.Span));
}
