using System.Text.RegularExpressions;
using Sluice.HelmCharts.Values;
using Sluice.Testing;

namespace Sluice.AppHost.Tests.Kubernetes;

/// <summary>docs/kubernetes.md tells of every value of the chart, by its full path in backquotes or by one above it, and of no other.</summary>
public sealed partial class ValuesPageTests(PublishedChart published)
{
    private static readonly HashSet<string> Told = [.. Path().Matches(File.ReadAllText(Repository.PathOf("docs", "kubernetes.md"))).Select(match => match.Groups["path"].Value)];

    [Fact]
    public void Every_value_is_told_of() => Assert.All(
        PathsOf(published.Chart.DefaultValues, "").Where(value => value.IsLeaf),
        value => Assert.True(value.Paths.Any(Told.Contains), value.Paths[^1]));

    [Fact]
    public void No_value_is_told_of_that_there_is_not()
    {
        var values = published.Chart.DefaultValues;
        var paths = PathsOf(values, "").Select(value => value.Paths[^1]).ToHashSet();

        Assert.All(
            Told.Where(path => path.Contains('.', StringComparison.Ordinal) && values.ContainsKey(path.Split('.')[0])),
            path => Assert.Contains(path, paths));
    }

    /// <summary>Of each value its path, behind those of the maps that it stands in.</summary>
    private static IEnumerable<(string[] Paths, bool IsLeaf)> PathsOf(ValueMap map, string above)
    {
        foreach (var (key, value) in map)
        {
            var path = above.Length == 0 ? key : $"{above}.{key}";
            var inner = value is ValueMap { Count: > 0 } values ? PathsOf(values, path).ToList() : [];
            yield return ([path], inner.Count == 0);
            foreach (var (below, isLeaf) in inner)
            {
                yield return ([path, .. below], isLeaf);
            }
        }
    }

    [GeneratedRegex("`(?<path>[A-Za-z.]+)`")]
    private static partial Regex Path();
}
