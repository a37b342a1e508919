using Sluice.Contracts;

namespace Sluice.Judging;

/// <summary>What an evidence log must be, so that whatever was written into it is either recomputed or refused in words.</summary>
public static class LogRules
{
    private const long MostRequests = 1_000_000_000_000; // sums of windows stay whole numbers
    private const int MostItems = 1000;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(90);

    /// <summary>What is wrong with an opening; null when nothing is.</summary>
    public static string? FindProblem(Opening opening) =>
        !Enum.IsDefined(opening.Rule) ? "rule: Sequential, Checks or None is expected"
        : opening.Steps.Count is 0 or > MostItems || opening.Steps.Any(step => step is not { HoldSeconds: >= 0 } || step.Weight == Weight.None) ? "steps: steps with a weight are expected"
        : SettingsRules.FindProblem(opening.Settings) is { } setting ? $"settings.{setting}"
        : opening.Baseline is var baseline && !(AreEdges(baseline.Edges) && AreCounts(baseline.AtMost, baseline.Edges.Count, baseline.Timed)
            && IsCount(baseline.Requests) && baseline.Failed >= 0 && baseline.Failed <= baseline.Requests) ? "baseline: counts of requests and of rising edges are expected"
        : null;

    /// <summary>What is wrong with a look; null when nothing is.</summary>
    /// <param name="look">The look.</param>
    /// <param name="before">The one before; null for the first.</param>
    public static string? FindProblem(Look look, Look? before) =>
        before is not null && (look.At - before.At).Duration() > Longest ? "at: a time near that of the look before is expected"
        : look.Windows.Count > MostItems || look.Classes.Count > MostItems ? $"at most {MostItems} windows and classes are expected"
        : look.Classes.Any(item => item is null || !IsCount(item.Stable) || !IsCount(item.Canary)) ? "classes: counts are expected"
        : look.Windows.Select((window, index) => FindProblem(look, window) is { } problem ? $"windows[{index}].{problem}" : null).FirstOrDefault(problem => problem is not null);

    private static string? FindProblem(Look look, EvidenceWindow? window) =>
        window is null ? "a window is expected"
        : window.From >= window.To || (window.To - look.At).Duration() > Longest || (window.From - look.At).Duration() > Longest ? "from, to: two times near that of the look are expected"
        : !AreEdges(window.Edges) ? "edges: rising numbers of seconds are expected"
        : FindProblem(window.Stable, window.Edges.Count) is { } stable ? $"stable.{stable}"
        : FindProblem(window.Canary, window.Edges.Count) is { } canary ? $"canary.{canary}"
        : window.Mirror is { } mirror && !(IsCount(mirror.Agree) && IsCount(mirror.Disagree) && IsCount(mirror.Error)) ? "mirror: counts are expected"
        : null;

    private static string? FindProblem(ArmCounts arm, int edges) =>
        !new[] { arm.Ok, arm.Client, arm.Cancelled, arm.Model, arm.Capacity, arm.Deadline, arm.Gateway }.All(IsCount) ? "counts are expected"
        : !AreCounts(arm.AtMost, edges, arm.Timed) ? "atMost: as many counts as edges, none above timed, are expected"
        : null;

    private static bool AreEdges(IReadOnlyList<double> edges) =>
        edges.Count <= MostItems && edges.All(edge => edge > 0 && double.IsFinite(edge)) && edges.Zip(edges.Skip(1)).All(pair => pair.First < pair.Second);

    private static bool AreCounts(IReadOnlyList<long> atMost, int edges, long timed) => IsCount(timed) && atMost.Count == edges && atMost.All(count => count >= 0 && count <= timed);

    private static bool IsCount(long count) => count is >= 0 and <= MostRequests;
}
