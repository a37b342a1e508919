using System.Globalization;
using Sluice.CanaryJudge.Sources;
using Sluice.Judging;

namespace Sluice.CanaryJudge.Windows;

/// <summary>Counts what both versions predicted. Pure. It is for the record: what a scrape missed is missed.</summary>
internal static class Predictions
{
    /// <summary>Predictions by class in a stretch of time.</summary>
    /// <param name="predictions">Counters of the predictors, by version and class; several of a class where there are several replicas.</param>
    /// <param name="query">What was asked.</param>
    /// <param name="after">Samples up to then were counted before.</param>
    /// <param name="until">Samples up to then are counted.</param>
    public static IReadOnlyList<ClassCount> Count(IReadOnlyList<Series> predictions, MetricsQuery query, DateTimeOffset after, DateTimeOffset until)
    {
        var counts = predictions
            .Where(series => series.Labels.GetValueOrDefault(GatewaySeries.ModelLabel) == query.Model && series.Labels.ContainsKey(GatewaySeries.ClassLabel))
            .Select(series => (Class: series.Labels[GatewaySeries.ClassLabel], Version: series.Labels.GetValueOrDefault(GatewaySeries.VersionLabel), Count: Increase(series.Samples, after, until)))
            .Where(item => item.Count > 0)
            .ToLookup(item => item.Class, StringComparer.Ordinal);
        return [.. counts.OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => new ClassCount(group.Key, Of(group, query.Stable), Of(group, query.Canary)))];
    }

    private static long Of(IEnumerable<(string Class, string? Version, long Count)> items, int version) =>
        items.Where(item => item.Version == version.ToString(CultureInfo.InvariantCulture)).Sum(item => item.Count);

    // A counter that fell began anew at 0, with its predictor.
    private static long Increase(IReadOnlyList<Sample> samples, DateTimeOffset after, DateTimeOffset until) => samples.Zip(samples.Skip(1))
        .Where(pair => pair.Second.At > after && pair.Second.At <= until && double.IsFinite(pair.First.Value) && double.IsFinite(pair.Second.Value))
        .Sum(pair => (long)Math.Round(pair.Second.Value < pair.First.Value ? pair.Second.Value : pair.Second.Value - pair.First.Value));
}
