namespace Sluice.Judging;

/// <summary>
/// How far hits cluster: the factor by which the difference of two halves of the same version varies more than independent hits would. Evidence is raised to
/// the power of 1/φ: still valid for independent requests, and a fair guess where they come in bursts.
/// </summary>
public static class Dispersion
{
    /// <summary>The most that is believed.</summary>
    public const double Most = 10;

    private const double FewestExpected = 5;

    /// <summary>φ of windows of which each is divided in two: by gateway, by replica, or by time.</summary>
    /// <param name="windows">Hits and requests of one half (as the canary's) and the other (as stable's). Windows of two minutes are about right.</param>
    /// <returns>1 to 10; 1 where hits are too few to tell.</returns>
    public static double Of(IEnumerable<PairedCounts> windows)
    {
        double squares = 0, variance = 0;
        foreach (var window in windows)
        {
            if (window.Canary == 0 || window.Stable == 0)
            {
                continue;
            }

            double all = window.Canary + window.Stable;
            var share = window.Canary / all;
            var difference = window.CanaryHits - (window.Hits * share);
            squares += difference * difference;
            variance += window.Hits * share * (1 - share) * (1 - (window.Hits / all)); // without replacement: where all are hits, nothing varies
        }

        return variance * 4 < FewestExpected ? 1 : Math.Clamp(squares / variance, 1, Most);
    }

    /// <summary>φ of a single series, where there is one gateway: neighbouring windows are the halves. What the common rate does in between counts, too, so it is rather too large.</summary>
    /// <param name="windows">Hits and requests, a minute each.</param>
    public static double OfSeries(IReadOnlyList<(long Hits, long Requests)> windows) => Of(
        Enumerable.Range(0, windows.Count / 2).Select(i => new PairedCounts(windows[2 * i].Hits, windows[2 * i].Requests, windows[(2 * i) + 1].Hits, windows[(2 * i) + 1].Requests)));
}
