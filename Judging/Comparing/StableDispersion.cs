namespace Sluice.Judging;

/// <summary>
/// How far stable's own failures and slow answers cluster: an A/A test of stable with itself. Its gateways are the two halves where there are several, neighbouring
/// minutes where there is one.
/// </summary>
internal static class StableDispersion
{
    private static readonly TimeSpan Together = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Alone = TimeSpan.FromMinutes(1);

    /// <summary>φ of what a window has; 1 where hits are too few to tell.</summary>
    /// <param name="windows">Of stable, any order.</param>
    /// <param name="count">Hits and requests of a window.</param>
    public static double Of(IReadOnlyList<EvidenceWindow> windows, Func<EvidenceWindow, Tally> count)
    {
        string[] gateways = [.. windows.Select(window => window.Gateway).Distinct().Order(StringComparer.Ordinal)];
        return gateways.Length < 2
            ? Dispersion.OfSeries([.. Slots(windows, Alone).Select(slot => Sum(slot, count)).Select(sum => (sum.Hits, sum.Requests))])
            : Dispersion.Of(Slots(windows, Together).Select(slot =>
            {
                var halves = slot.ToLookup(window => Array.BinarySearch(gateways, window.Gateway, StringComparer.Ordinal) % 2 == 0);
                var (first, second) = (Sum(halves[true], count), Sum(halves[false], count));
                return new PairedCounts(first.Hits, first.Requests, second.Hits, second.Requests);
            }));
    }

    private static IEnumerable<IGrouping<long, EvidenceWindow>> Slots(IEnumerable<EvidenceWindow> windows, TimeSpan length) =>
        windows.GroupBy(window => window.To.UtcTicks / length.Ticks).OrderBy(slot => slot.Key);

    private static Tally Sum(IEnumerable<EvidenceWindow> windows, Func<EvidenceWindow, Tally> count) =>
        windows.Select(count).Aggregate(default(Tally), (sum, one) => sum.Add(one.Hits, one.Requests));
}
