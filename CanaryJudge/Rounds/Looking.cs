using Sluice.CanaryJudge.Sources;
using Sluice.CanaryJudge.Windows;
using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.CanaryJudge.Rounds;

/// <summary>Makes looks of readings. Pure.</summary>
internal static class Looking
{
    private const int MostWindows = 200; // of one look: the Registry takes entries of 1 MiB together

    private static readonly TimeSpan Past = TimeSpan.FromHours(1);

    /// <summary>What is asked for the next look at a case.</summary>
    /// <param name="current">The case.</param>
    /// <param name="gateways">Those registered: what they do not tell is missing.</param>
    public static MetricsQuery Query(Case current, IReadOnlyList<GatewayStatus> gateways) => new(
        current.Rollout.Model, current.Rollout.Stable, current.Rollout.Canary,
        gateways.Count > 0 && gateways.All(gateway => current.FoldedTo.ContainsKey(gateway.Id)) ? gateways.Min(gateway => current.FoldedTo[gateway.Id]) : current.Rollout.StartedAt,
        gateways);

    /// <summary>What is asked to learn what stable was like in the hour before.</summary>
    public static MetricsQuery BeforeQuery(Rollout rollout, IReadOnlyList<GatewayStatus> gateways) =>
        new(rollout.Model, rollout.Stable, rollout.Canary, rollout.StartedAt - Past, gateways);

    /// <summary>What stable was like then. Gateways that cannot be read now are no part of it.</summary>
    public static Baseline Before(Rollout rollout, MetricsQuery query, Reading reading) => Baseline.Of(WindowBuilder.BuildStable(reading, query, rollout.StartedAt));

    /// <summary>The looks that a reading makes; several where it has more windows than one entry of the log should hold. None where there is nothing to say.</summary>
    /// <param name="current">The case.</param>
    /// <param name="query">What was asked.</param>
    /// <param name="reading">What came.</param>
    /// <param name="replicas">What the Registry knows of the replicas; empty when it did not tell.</param>
    public static IReadOnlyList<Look> Of(Case current, MetricsQuery query, Reading reading, IReadOnlyList<ReplicaView> replicas)
    {
        var windows = WindowBuilder.Build(reading, query, gateway => current.FoldedTo.TryGetValue(gateway, out var to) ? to : null);

        // Without traffic nothing is missed; but before the first share it is found out whether anything would be.
        var mustSee = current.Rollout.Weight > Weight.None || current.Rollout.Phase == RolloutPhase.Preparing;
        var missing = mustSee ? Missing(query, reading) : null;
        if (windows.Count == 0 && missing is null && current.Rollout.Weight == Weight.None)
        {
            return [];
        }

        // Neither this clock nor the Registry's may make a look earlier than what it follows.
        var at = new[] { reading.At, current.Evidence.At, current.LastEvent }.Max();
        Look[] looks =
        [
            .. windows.Chunk(MostWindows).DefaultIfEmpty([]).Select(some => new Look { At = at, Generation = current.Rollout.Generation, Windows = some }),
        ];
        looks[^1] = looks[^1] with
        {
            Loads = Workload.Of(replicas, current.Rollout, windows),
            Classes = windows.Count > 0 && current.Evidence.LastSeen is { } seen ? Predictions.Count(reading.Predictions, query, seen, windows[^1].To) : [],
            Blind = missing is null ? null : new BlindInterval(current.Evidence.Looks > 0 ? Earlier(current.Evidence.At, at) : at, at, missing),
        };
        return looks;
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static string? Missing(MetricsQuery query, Reading reading) => reading.Blind
        ?? (reading.Missing.Count > 0
            ? string.Join("; ", reading.Missing.OrderBy(pair => pair.Key, StringComparer.Ordinal).Take(3).Select(pair => $"gateway {pair.Key}: {pair.Value}"))
            : WindowBuilder.WithoutBoth(reading, query).FirstOrDefault() is { } gateway ? $"gateway {gateway} does not show both versions" : null);
}
