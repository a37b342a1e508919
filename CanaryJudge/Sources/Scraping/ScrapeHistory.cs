namespace Sluice.CanaryJudge.Sources.Scraping;

/// <summary>The last samples of one model at one gateway. Bounded: windows are made of the last few.</summary>
internal sealed class ScrapeHistory
{
    private const int Most = 32;

    private readonly List<(DateTimeOffset At, IReadOnlyList<PageSample> Samples)> _scrapes = [];

    /// <summary>When it was last asked for.</summary>
    public DateTimeOffset AskedAt { get; private set; }

    /// <summary>Adds a scrape, unless it is there already.</summary>
    public void Add(DateTimeOffset at, IReadOnlyList<PageSample> samples)
    {
        AskedAt = at;
        if (_scrapes.Count > 0 && _scrapes[^1].At >= at)
        {
            return;
        }

        _scrapes.Add((at, samples));
        if (_scrapes.Count > Most)
        {
            _scrapes.RemoveAt(0);
        }
    }

    /// <summary>The series, of samples later than a time, and of the last ones before.</summary>
    public IEnumerable<Series> Since(string gateway, DateTimeOffset since)
    {
        var first = Math.Max(0, _scrapes.FindLastIndex(scrape => scrape.At <= since));
        return _scrapes.Skip(first)
            .SelectMany(scrape => scrape.Samples.Select(sample => (scrape.At, Sample: sample)))
            .GroupBy(pair => Key(pair.Sample), StringComparer.Ordinal)
            .Select(group => new Series(
                gateway, group.First().Sample.Name, group.First().Sample.Labels, [.. group.Select(pair => new Sample(pair.At, pair.Sample.Value))]));
    }

    private static string Key(PageSample sample) =>
        sample.Name + '\n' + string.Join('\n', sample.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}\n{label.Value}"));
}
