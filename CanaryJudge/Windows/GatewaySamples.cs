using System.Globalization;
using Sluice.CanaryJudge.Sources;
using Sluice.Contracts;

namespace Sluice.CanaryJudge.Windows;

/// <summary>The finite samples of one series by time.</summary>
internal sealed class Track : Dictionary<DateTimeOffset, double>
{
    /// <summary>Takes samples. What is not finite is no value.</summary>
    public void Add(Series series)
    {
        foreach (var sample in series.Samples.Where(sample => double.IsFinite(sample.Value)))
        {
            this[sample.At] = sample.Value;
        }
    }
}

/// <summary>The series of one version at one gateway.</summary>
internal sealed class ArmSamples
{
    private static readonly string[] Outcomes = [.. FaultClasses.All.Select(fault => fault.Label())];

    /// <summary>By outcome.</summary>
    public Dictionary<string, Track> Requests { get; } = new(StringComparer.Ordinal);

    /// <summary>By edge, in seconds: <c>le</c> is matched as a number, since Prometheus writes <c>1</c> as <c>1.0</c>.</summary>
    public SortedDictionary<double, Track> Buckets { get; } = [];

    /// <summary>All timed requests.</summary>
    public Track Timed { get; } = [];

    /// <summary>The share in force.</summary>
    public Track Weight { get; } = [];

    /// <summary>The times at which all counters are there: every outcome, since gateways show each from 0 on, and the timed ones.</summary>
    public IEnumerable<DateTimeOffset> Times() =>
        Outcomes.All(Requests.ContainsKey) ? Timed.Keys.Where(at => Outcomes.All(outcome => Requests[outcome].ContainsKey(at))) : [];

    /// <summary>All counters but the buckets.</summary>
    public IEnumerable<Track> Counters() => Outcomes.Select(outcome => Requests[outcome]).Append(Timed);
}

/// <summary>What a reading has of one gateway, sorted by what it means.</summary>
internal sealed class GatewaySamples
{
    private GatewaySamples(MetricsQuery query, IEnumerable<Series> series)
    {
        var (stable, canary) = (Text(query.Stable), Text(query.Canary));
        foreach (var one in series.Where(one => Label(one, GatewaySeries.ModelLabel) == query.Model))
        {
            if (one.Name == GatewaySeries.Mirror)
            {
                Take(Mirror, Label(one, GatewaySeries.ResultLabel), one);
            }
            else if (Label(one, GatewaySeries.VersionLabel) is { } version && (version == stable || version == canary))
            {
                Take(version == stable ? Stable : Canary, one);
            }
        }
    }

    public ArmSamples Stable { get; } = new();

    public ArmSamples Canary { get; } = new();

    /// <summary>Copies of requests, by result.</summary>
    public Dictionary<string, Track> Mirror { get; } = new(StringComparer.Ordinal);

    /// <summary>By the gateways' ids.</summary>
    public static Dictionary<string, GatewaySamples> Of(MetricsQuery query, IReadOnlyList<Series> series) =>
        series.GroupBy(one => one.Gateway, StringComparer.Ordinal).ToDictionary(group => group.Key, group => new GatewaySamples(query, group), StringComparer.Ordinal);

    private static void Take(ArmSamples arm, Series series)
    {
        switch (series.Name)
        {
            case GatewaySeries.Requests:
                Take(arm.Requests, Label(series, GatewaySeries.OutcomeLabel), series);
                break;
            case GatewaySeries.DurationCount:
                arm.Timed.Add(series);
                break;
            case GatewaySeries.Weight:
                arm.Weight.Add(series);
                break;
            case GatewaySeries.DurationBucket when double.TryParse(Label(series, GatewaySeries.EdgeLabel), NumberStyles.Float, CultureInfo.InvariantCulture, out var edge) && double.IsFinite(edge):
                (arm.Buckets.TryGetValue(edge, out var bucket) ? bucket : arm.Buckets[edge] = []).Add(series);
                break;
        }
    }

    private static void Take(Dictionary<string, Track> tracks, string? key, Series series)
    {
        if (key is not null)
        {
            (tracks.TryGetValue(key, out var track) ? track : tracks[key] = []).Add(series);
        }
    }

    private static string? Label(Series series, string name) => series.Labels.GetValueOrDefault(name);

    private static string Text(int version) => version.ToString(CultureInfo.InvariantCulture);
}
