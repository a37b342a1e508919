namespace Sluice.Gateway.Routing;

/// <summary>
/// Power of two choices: of two replicas drawn at random, the one with fewer requests in flight. Nearly as even as asking all of them, and
/// several gateways that know nothing of each other do not run to the same one.
/// </summary>
internal static class ReplicaChoice
{
    /// <summary>Chooses among ready replicas.</summary>
    /// <param name="ready">At least one.</param>
    /// <param name="now">A timestamp, for passing over replicas that refused a connection.</param>
    /// <param name="random">Where luck comes from.</param>
    public static ReadyReplica First(ReadyReplica[] ready, long now, Random random)
    {
        if (ready.Length == 1)
        {
            return ready[0];
        }

        var first = random.Next(ready.Length);
        var second = random.Next(ready.Length - 1);
        return Better(ready[first], ready[second < first ? second : second + 1], now);
    }

    /// <summary>Chooses the best of those that were not tried yet; null when all were. Rare, so it looks at all of them.</summary>
    public static ReadyReplica? Another(ReadyReplica[] ready, IReadOnlyCollection<ReadyReplica> tried, long now)
    {
        ReadyReplica? best = null;
        foreach (var candidate in ready)
        {
            if (!tried.Contains(candidate))
            {
                best = best is null ? candidate : Better(best, candidate, now);
            }
        }

        return best;
    }

    private static ReadyReplica Better(ReadyReplica left, ReadyReplica right, long now) =>
        (left.Replica.IsAvoided(now), right.Replica.IsAvoided(now)) switch
        {
            (true, false) => right,
            (false, true) => left,
            _ => left.Replica.InFlight <= right.Replica.InFlight ? left : right,
        };
}
