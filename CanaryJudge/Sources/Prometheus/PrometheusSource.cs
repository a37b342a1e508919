using System.Globalization;

namespace Sluice.CanaryJudge.Sources.Prometheus;

/// <summary>
/// The figures as Prometheus scraped them: raw samples with their own times, by instant queries with range selectors, in questions of one moment. No
/// rate, no sum and no quantile is asked for, since what Prometheus extrapolates or interpolates is no count.
/// </summary>
internal sealed class PrometheusSource(PrometheusClient prometheus, TimeProvider time) : IMetricsSource
{
    /// <inheritdoc />
    public string Name => "prometheus";

    /// <inheritdoc />
    public bool KnowsPast => true;

    /// <inheritdoc />
    public async Task<Reading> ReadAsync(MetricsQuery query, CancellationToken cancellationToken)
    {
        var at = time.GetUtcNow();
        if (query.Gateways.Count == 0)
        {
            return Blind(at, "no gateway is registered");
        }

        var range = GatewaySelectors.RangeOf(at, query.Since);
        var info = await prometheus.ReadRangeAsync(GatewaySelectors.OfInfo(range), at, cancellationToken);
        if (info.Problem is { } unknown)
        {
            return Blind(at, $"Prometheus: {unknown}");
        }

        if (info.Series.Count == 0)
        {
            return Blind(at, string.Create(
                CultureInfo.InvariantCulture, $"Prometheus: it has had no {GatewaySelectors.Info} for {range.TotalMinutes:0} min; it is to scrape the gateways' management ports"));
        }

        var counts = await prometheus.ReadRangeAsync(GatewaySelectors.Of(query, range), at, cancellationToken);
        if (counts.Problem is { } problem)
        {
            return Blind(at, $"Prometheus: {problem}");
        }

        // For the record only: without an answer nothing is missing.
        var predictions = await prometheus.ReadRangeAsync(GatewaySelectors.OfPredictions(query, range), at, cancellationToken);
        return PrometheusReading.Of(at, query, new ScrapedPages(info.Series), counts.Series) with
        {
            Predictions = [.. predictions.Series.Select(series => new Series(ScrapedPages.TargetOf(series.Labels), PrometheusReading.NameOf(series), series.Labels, series.Samples))],
        };
    }

    private static Reading Blind(DateTimeOffset at, string reason) => new(at, [], new Dictionary<string, string>(), reason);
}
