namespace Sluice.Judging;

/// <summary>How differently both versions predict: shown, never decided by, since a better model predicts differently.</summary>
internal static class ClassShift
{
    /// <summary>The sums with a look's added.</summary>
    public static IReadOnlyList<ClassCount> Add(IReadOnlyList<ClassCount> sums, IReadOnlyList<ClassCount> look) => look.Count == 0 ? sums :
        [.. sums.Concat(look).GroupBy(item => item.Class, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new ClassCount(group.Key, group.Sum(item => item.Stable), group.Sum(item => item.Canary)))];

    /// <summary>Total variation distance of the two distributions, 0 to 1; null unless both have predicted.</summary>
    public static double? Distance(IReadOnlyList<ClassCount> classes)
    {
        double stable = classes.Sum(item => item.Stable), canary = classes.Sum(item => item.Canary);
        return stable == 0 || canary == 0 ? null : classes.Sum(item => Math.Abs((item.Stable / stable) - (item.Canary / canary))) / 2;
    }
}
