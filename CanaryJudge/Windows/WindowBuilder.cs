using Sluice.CanaryJudge.Sources;
using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.CanaryJudge.Windows;

/// <summary>
/// Makes windows of raw samples: per gateway, the differences of counters between two times at which both versions have all of theirs. Pure. A time at which
/// one is missing is passed over, and the window is longer.
/// </summary>
/// <remarks>
/// A counter that fell has begun anew at 0. Where that happened to both versions (the gateway was started again), what each counted since is the difference;
/// where it happened to one of them only, the two would not cover the same time, and there is no window.
/// </remarks>
internal static class WindowBuilder
{
    /// <summary>The windows in a reading, by their end.</summary>
    /// <param name="reading">Samples of the model.</param>
    /// <param name="query">What was asked.</param>
    /// <param name="foldedTo">Up to when a gateway's windows are evidence already; null for a gateway without.</param>
    public static IReadOnlyList<EvidenceWindow> Build(Reading reading, MetricsQuery query, Func<string, DateTimeOffset?> foldedTo) =>
    [
        .. GatewaySamples.Of(query, reading.Series)
            .SelectMany(gateway => Build(gateway.Key, gateway.Value, foldedTo(gateway.Key), BreakerOf(query, gateway.Key)))
            .OrderBy(window => window.To).ThenBy(window => window.Gateway, StringComparer.Ordinal),
    ];

    /// <summary>Stable's windows up to a time at which there was no canary yet.</summary>
    /// <param name="reading">Samples of the model.</param>
    /// <param name="query">What was asked.</param>
    /// <param name="until">Later samples are left out.</param>
    public static IReadOnlyList<EvidenceWindow> BuildStable(Reading reading, MetricsQuery query, DateTimeOffset until) =>
    [
        .. GatewaySamples.Of(query, reading.Series).OrderBy(gateway => gateway.Key, StringComparer.Ordinal).SelectMany(gateway =>
        {
            var stable = gateway.Value.Stable;
            DateTimeOffset[] times = [.. stable.Times().Where(at => at <= until).Order()];
            return times.Zip(times.Skip(1), (from, to) => new Span(from, to, HasRestarted(stable, from, to))).Select(span =>
            {
                double[] edges = [.. stable.Buckets.Keys.Where(edge => span.Has(stable.Buckets[edge]))];
                return new EvidenceWindow
                {
                    Gateway = gateway.Key,
                    From = span.From,
                    To = span.To,
                    Weight = Weight.None,
                    Edges = edges,
                    Stable = Counts(stable, span, edges),
                    Canary = new ArmCounts { AtMost = new long[edges.Length] },
                };
            });
        }),
    ];

    /// <summary>Gateways that were read, but do not show both versions' counters: they route by a state that does not have the canary.</summary>
    public static IEnumerable<string> WithoutBoth(Reading reading, MetricsQuery query)
    {
        var gateways = GatewaySamples.Of(query, reading.Series);
        return query.Gateways.Select(gateway => gateway.Id).Where(id => !reading.Missing.ContainsKey(id) && (!gateways.TryGetValue(id, out var samples) || Times(samples).Count == 0));
    }

    private static IEnumerable<EvidenceWindow> Build(string gateway, GatewaySamples samples, DateTimeOffset? foldedTo, DateTimeOffset? breakerOpenSince)
    {
        var times = Times(samples);
        for (var i = 1; i < times.Count; i++)
        {
            var (from, to) = (times[i - 1], times[i]);
            var (stable, canary) = (HasRestarted(samples.Stable, from, to), HasRestarted(samples.Canary, from, to));
            if (from < foldedTo || stable != canary)
            {
                continue;
            }

            var span = new Span(from, to, stable);
            double[] edges = [.. samples.Stable.Buckets.Keys.Where(edge => span.Has(samples.Stable.Buckets[edge]) && samples.Canary.Buckets.TryGetValue(edge, out var other) && span.Has(other))];
            yield return new EvidenceWindow
            {
                Gateway = gateway,
                From = from,
                To = to,
                Weight = WeightIn(samples.Canary.Weight, from, to),
                Edges = edges,
                Stable = Counts(samples.Stable, span, edges),
                Canary = Counts(samples.Canary, span, edges),
                Mirror = Mirrored(samples.Mirror, span),
                BreakerOpenSeconds = breakerOpenSince is { } since && to > since ? (to - since).TotalSeconds : 0,
            };
        }
    }

    private static List<DateTimeOffset> Times(GatewaySamples samples) => [.. samples.Stable.Times().Intersect(samples.Canary.Times()).Order()];

    private static bool HasRestarted(ArmSamples arm, DateTimeOffset from, DateTimeOffset to) => arm.Counters().Any(track => track[to] < track[from]);

    private static ArmCounts Counts(ArmSamples arm, Span span, double[] edges)
    {
        var timed = span.Of(arm.Timed);
        var least = 0L;
        return new ArmCounts
        {
            Ok = Outcome(FaultClass.Ok),
            Client = Outcome(FaultClass.Client),
            Cancelled = Outcome(FaultClass.Cancelled),
            Model = Outcome(FaultClass.Model),
            Capacity = Outcome(FaultClass.Capacity),
            Deadline = Outcome(FaultClass.Deadline),
            Gateway = Outcome(FaultClass.Gateway),
            Timed = timed,

            // A page is not read at one moment: buckets may be a request apart.
            AtMost = [.. edges.Select(edge => least = Math.Clamp(span.Of(arm.Buckets[edge]), least, timed))],
        };

        long Outcome(FaultClass fault) => span.Of(arm.Requests[fault.Label()]);
    }

    private static MirrorCounts? Mirrored(Dictionary<string, Track> mirror, Span span)
    {
        return Result("agree") is { } agree && Result("disagree") is { } disagree && Result("error") is { } error && agree + disagree + error > 0
            ? new MirrorCounts(agree, disagree, error)
            : null;

        long? Result(string result) => mirror.TryGetValue(result, out var track) && span.Has(track) ? span.Of(track) : null;
    }

    // Where it changed in between, the former one: such a window says nothing of the share, and does not look as if it did.
    private static Weight WeightIn(Track weights, DateTimeOffset from, DateTimeOffset to) =>
        (weights.TryGetValue(from, out var before) || weights.TryGetValue(to, out before)) && before is >= 0 and <= 1
            ? new Weight((int)Math.Round(before * Weight.Whole))
            : Weight.None;

    private static DateTimeOffset? BreakerOf(MetricsQuery query, string gateway) => query.Gateways
        .FirstOrDefault(one => one.Id == gateway)?.Routes.FirstOrDefault(route => route.Model == query.Model)?.BreakerOpenSince;

    /// <summary>Two times, and whether the counters began anew in between.</summary>
    private readonly record struct Span(DateTimeOffset From, DateTimeOffset To, bool HasRestarted)
    {
        public bool Has(Track track) => track.ContainsKey(From) && track.ContainsKey(To);

        public long Of(Track track) => (long)Math.Round(HasRestarted || track[To] < track[From] ? track[To] : track[To] - track[From]);
    }
}
