namespace Sluice.Judging;

/// <summary>Whether stable is well enough to compare with.</summary>
internal static class StableHealth
{
    /// <summary>Its last windows, with one more.</summary>
    public static IReadOnlyList<RecentWindow> Add(IReadOnlyList<RecentWindow> recent, EvidenceWindow window, JudgeSettings settings)
    {
        var after = window.To.AddSeconds(-settings.SickSeconds);
        return [.. recent.Where(item => item.To > after), new RecentWindow(window.To, new Tally(window.Stable.Failed, window.Stable.Judged))];
    }

    /// <summary>Too many of its recent requests failed.</summary>
    public static bool IsSick(Evidence evidence, JudgeSettings settings)
    {
        var recent = evidence.RecentStable;
        return recent.Requests >= settings.SickRequests && recent.Share > settings.SickFactor * settings.MaxErrorRate;
    }
}
