using System.Globalization;
using Sluice.CanaryJudge.Sources;
using Sluice.Contracts;

namespace Sluice.CanaryJudge.Tests;

/// <summary>What one version has counted at one gateway since it started.</summary>
internal sealed record Totals(long Ok, long Failed = 0, long Client = 0, long Slow = 0)
{
    public static Totals operator +(Totals left, Totals right) =>
        new(left.Ok + right.Ok, left.Failed + right.Failed, left.Client + right.Client, left.Slow + right.Slow);
}

/// <summary>Makes the series of gateways as a source gives them. Stable is version 1, the canary version 2, the model wine; edges at 0.1 s and 0.5 s.</summary>
internal sealed class Scrapes
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<(string Gateway, string Name, string Labels), (Dictionary<string, string> Labels, List<Sample> Samples)> _series = [];

    public static GatewayStatus Gateway(string id, int canaryWeight = 2000) => new()
    {
        Id = id,
        Address = "http://127.0.0.1:1",
        MetricsAddress = "http://127.0.0.1:2",
        Routes = [new GatewayRoute("wine", 1, new Weight(canaryWeight))],
    };

    public static MetricsQuery Query(params GatewayStatus[] gateways) => new("wine", 1, 2, Start, gateways);

    /// <summary>Adds one scrape of a gateway.</summary>
    public Scrapes Add(string gateway, double seconds, Totals? stable, Totals? canary, double weight = 0.2)
    {
        var at = Start.AddSeconds(seconds);
        Version("1", stable);
        Version("2", canary);
        if (canary is not null)
        {
            Put(gateway, at, GatewaySeries.Weight, weight, ("version", "2"));
        }

        return this;

        void Version(string version, Totals? totals)
        {
            if (totals is null)
            {
                return;
            }

            foreach (var fault in FaultClasses.All)
            {
                var count = fault switch { FaultClass.Ok => totals.Ok, FaultClass.Model => totals.Failed, FaultClass.Client => totals.Client, _ => 0 };
                Put(gateway, at, GatewaySeries.Requests, count, ("version", version), ("outcome", fault.Label()));
            }

            foreach (var (edge, count) in new[] { ("0.1", totals.Ok - totals.Slow), ("0.5", totals.Ok), ("+Inf", totals.Ok) })
            {
                Put(gateway, at, GatewaySeries.DurationBucket, count, ("version", version), ("le", edge));
            }

            Put(gateway, at, GatewaySeries.DurationCount, totals.Ok, ("version", version));
        }
    }

    /// <summary>Adds what the mirror of a gateway has counted.</summary>
    public void AddMirror(string gateway, double seconds, long agree, long disagree)
    {
        foreach (var (result, count) in new[] { ("agree", agree), ("disagree", disagree), ("error", 0) })
        {
            Put(gateway, Start.AddSeconds(seconds), GatewaySeries.Mirror, count, ("result", result));
        }
    }

    /// <summary>Takes samples away.</summary>
    public Scrapes Without(Func<string, IReadOnlyDictionary<string, string>, Sample, bool> isGone)
    {
        foreach (var (key, series) in _series)
        {
            series.Samples.RemoveAll(sample => isGone(key.Name, series.Labels, sample));
        }

        return this;
    }

    public Reading Reading(double seconds, params (string Gateway, string Why)[] missing) => new(
        Start.AddSeconds(seconds),
        [.. _series.Where(pair => pair.Value.Samples.Count > 0).Select(pair => new Series(pair.Key.Gateway, pair.Key.Name, pair.Value.Labels, [.. pair.Value.Samples]))],
        missing.ToDictionary(pair => pair.Gateway, pair => pair.Why));

    private void Put(string gateway, DateTimeOffset at, string name, double value, params (string Name, string Value)[] labels)
    {
        var all = labels.Prepend(("model", "wine")).ToDictionary(label => label.Item1, label => label.Item2);
        var key = (gateway, name, string.Join(',', all.Select(label => string.Create(CultureInfo.InvariantCulture, $"{label.Key}={label.Value}"))));
        (_series.TryGetValue(key, out var series) ? series : _series[key] = (all, [])).Samples.Add(new Sample(at, value));
    }
}
