using System.Text.RegularExpressions;
using Sluice.Testing;

namespace Sluice.AppHost.Tests.Kubernetes;

/// <summary>Names of series: those that an expression reads, and those that there are.</summary>
internal static partial class SeriesNames
{
    /// <summary>What a histogram makes of its name.</summary>
    private static readonly string[] HistogramSuffixes = ["_bucket", "_sum", "_count"];

    /// <summary>The series that an expression of Prometheus reads.</summary>
    public static IEnumerable<string> In(string expression) =>
        Word().Matches(Lists().Replace(NoSeries().Replace(expression, " "), " "))
            .Select(match => match.Value)
            .Where(word => !IsOperator(word))
            .Distinct();

    /// <summary>The series that docs/metrics.md tells of, in the first column of its tables.</summary>
    public static IReadOnlySet<string> Documented { get; } = File.ReadLines(Repository.PathOf("docs", "metrics.md"))
        .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .SelectMany(line => Quoted().Matches(line.Split('|')[1]))
        .Select(match => match.Groups["name"].Value)
        .ToHashSet();

    /// <summary>The series that the recording rules make.</summary>
    public static IReadOnlySet<string> Recorded { get; } = File.ReadLines(Repository.PathOf("deploy", "prometheus", "recording.rules.yml"))
        .Select(line => line.Trim())
        .Where(line => line.StartsWith("- record: ", StringComparison.Ordinal))
        .Select(line => line["- record: ".Length..])
        .ToHashSet();

    /// <summary>Whether there is such a series.</summary>
    public static bool IsKnown(string name) =>
        Recorded.Contains(name)
        || Documented.Contains(name)
        || HistogramSuffixes.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal) && Documented.Contains(name[..^suffix.Length]));

    private static bool IsOperator(string word) => word is "and" or "or" or "unless" or "bool" or "offset" or "inf" or "nan";

    // Texts, label matchers and ranges.
    [GeneratedRegex("""\{(?:[^{}"]|"(?:[^"\\]|\\.)*")*\}|"(?:[^"\\]|\\.)*"|\[[^\]]*\]""")]
    private static partial Regex NoSeries();

    // Lists of labels.
    [GeneratedRegex(@"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)")]
    private static partial Regex Lists();

    // What is neither a number nor a function.
    [GeneratedRegex(@"(?<![\w:.])[a-zA-Z_:][\w:]*\b(?!\s*\()")]
    private static partial Regex Word();

    [GeneratedRegex("`(?<name>[a-z_0-9]+)`")]
    private static partial Regex Quoted();
}
