using System.Globalization;

namespace Sluice.CanaryJudge.Sources.Prometheus;

/// <summary>Makes the series of the gateways of what Prometheus has of its targets. Pure.</summary>
internal static class PrometheusReading
{
    // Two scrapes may fail to come in time before a gateway counts as unseen; a very quick scrape gets some patience all the same.
    private const int ScrapesUntilStale = 2;

    private static readonly TimeSpan LeastUntilStale = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UsualSpacing = TimeSpan.FromSeconds(15);

    /// <summary>The reading.</summary>
    /// <param name="at">When it was asked.</param>
    /// <param name="query">What was asked.</param>
    /// <param name="pages">Whose pages were read.</param>
    /// <param name="scraped">The series of the model.</param>
    public static Reading Of(DateTimeOffset at, MetricsQuery query, ScrapedPages pages, IReadOnlyList<PrometheusSeries> scraped)
    {
        var merged = Merge(query, pages, scraped);
        var missing = new Dictionary<string, string>(StringComparer.Ordinal);
        var usable = new List<Series>();
        foreach (var gateway in query.Gateways.Select(status => status.Id))
        {
            var own = merged.GetValueOrDefault(gateway) ?? [];
            if (FindUnusable(gateway, pages, own, query) is { } unusable)
            {
                missing[gateway] = unusable;
                continue;
            }

            // What came before a gateway fell silent is evidence all the same.
            usable.AddRange(own.Select(series => series with { Samples = From(query.Since, series.Samples) }));
            if (FindStale(at, gateway, pages) is { } stale)
            {
                missing[gateway] = stale;
            }
        }

        return new Reading(at, usable, missing);
    }

    /// <summary>The name of a series.</summary>
    public static string NameOf(PrometheusSeries series) => series.Labels.GetValueOrDefault("__name__", "");

    // One series of a gateway may be several of Prometheus': where the gateway moved, or the labels of its target changed.
    private static Dictionary<string, List<Series>> Merge(MetricsQuery query, ScrapedPages pages, IReadOnlyList<PrometheusSeries> scraped)
    {
        var expected = query.Gateways.Select(status => status.Id).ToHashSet(StringComparer.Ordinal);
        var parts = new Dictionary<(string Gateway, string Series), (string Name, Dictionary<string, string> Labels, List<Sample> Samples)>();
        foreach (var series in scraped)
        {
            var (target, name, labels) = (ScrapedPages.TargetOf(series.Labels), NameOf(series), ScrapedPages.OwnLabelsOf(series.Labels));
            var text = $"{name}{{{LabelText.Of(labels)}}}";
            foreach (var sample in series.Samples)
            {
                // A page that does not say whose it is, or that of a gateway of somebody else's, is not ours to count.
                if (pages.FindGateway(target, sample.At) is not { } gateway || !expected.Contains(gateway))
                {
                    continue;
                }

                if (!parts.TryGetValue((gateway, text), out var part))
                {
                    parts[(gateway, text)] = part = (name, labels, []);
                }

                part.Samples.Add(sample);
            }
        }

        return parts.GroupBy(part => part.Key.Gateway, StringComparer.Ordinal).ToDictionary(
            own => own.Key,
            own => own.OrderBy(part => part.Key.Series, StringComparer.Ordinal)
                .Select(part => new Series(own.Key, part.Value.Name, part.Value.Labels, [.. part.Value.Samples.OrderBy(sample => sample.At)]))
                .ToList(),
            StringComparer.Ordinal);
    }

    private static string? FindUnusable(string gateway, ScrapedPages pages, List<Series> own, MetricsQuery query)
    {
        if (pages.LastOf(gateway) is null)
        {
            return "Prometheus does not scrape it";
        }

        if (pages.FindTwins(gateway) is { } twins)
        {
            return $"two targets claim to be it: {{{twins.First}}} and {{{twins.Second}}}";
        }

        if (own.Count == 0)
        {
            return pages.FindHiding(gateway) is { } label
                ? $"its target has a label {label}, which hides the gateway's own: take it off the target, or set honor_labels"
                : $"it shows nothing of {query.Model}";
        }

        return own.Select(FindNoNumber).FirstOrDefault(problem => problem is not null) ?? own.Select(FindRepeated).FirstOrDefault(problem => problem is not null);
    }

    private static string? FindNoNumber(Series series) => series.Samples.Any(sample => !double.IsFinite(sample.Value))
        ? string.Create(CultureInfo.InvariantCulture, $"its {series.Name} is {series.Samples.First(sample => !double.IsFinite(sample.Value)).Value}")
        : null;

    private static string? FindRepeated(Series series) => series.Samples.Zip(series.Samples.Skip(1)).Any(pair => pair.First.At == pair.Second.At)
        ? $"its {series.Name} stands twice in one scrape"
        : null;

    private static string? FindStale(DateTimeOffset at, string gateway, ScrapedPages pages)
    {
        var limit = (pages.SpacingOf(gateway) ?? UsualSpacing) * ScrapesUntilStale;
        var age = at - pages.LastOf(gateway)!.Value;
        return age > (limit > LeastUntilStale ? limit : LeastUntilStale)
            ? string.Create(CultureInfo.InvariantCulture, $"it was last scraped {age.TotalSeconds:0} s ago")
            : null;
    }

    private static Sample[] From(DateTimeOffset since, IReadOnlyList<Sample> samples)
    {
        var first = samples.Count;
        while (first > 0 && samples[first - 1].At > since)
        {
            first--;
        }

        return [.. samples.Skip(Math.Max(first - 1, 0))];
    }
}
