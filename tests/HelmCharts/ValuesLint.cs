using Sluice.HelmCharts.Values;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Sluice.HelmCharts;

/// <summary>What a chart's values.yaml owes its readers: every value is used, and explained.</summary>
public static class ValuesLint
{
    /// <summary>Paths of values that no template read in any of the renderings. A list counts as one value.</summary>
    /// <param name="chart">The chart.</param>
    /// <param name="renderings">What came of it; together they should take every branch.</param>
    public static IReadOnlyList<string> UnusedValues(HelmChart chart, IEnumerable<RenderedChart> renderings)
    {
        var read = renderings.SelectMany(rendering => rendering.ReadValues).ToHashSet(StringComparer.Ordinal);
        return [.. LeavesOf(chart.DefaultValues, "").Where(path => !read.Contains(path))];
    }

    /// <summary>
    /// Keys of values.yaml with no comment on the line above them or at the end of their line, as <c>12: gateway.image.tag</c>. A key that only groups others is
    /// explained by them; keys within lists or braces belong to the key that holds those.
    /// </summary>
    public static IReadOnlyList<string> UndocumentedValues(HelmChart chart)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(chart.ValuesText));
        var lines = chart.ValuesText.Split('\n');
        return stream.Documents.Count == 0 ? [] :
        [
            .. KeysOf(stream.Documents[0].RootNode, "")
                .Where(key => !IsDocumented(lines, key.Line))
                .Select(key => $"{key.Line}: {key.Path}"),
        ];
    }

    private static IEnumerable<string> LeavesOf(ValueMap map, string path) => map.SelectMany(entry => entry.Value is ValueMap { Count: > 0 } inner
        ? LeavesOf(inner, ReadLog.PathOf(path, entry.Key))
        : [ReadLog.PathOf(path, entry.Key)]);

    private static IEnumerable<(string Path, int Line)> KeysOf(YamlNode node, string path)
    {
        if (node is not YamlMappingNode { Style: not MappingStyle.Flow } mapping)
        {
            yield break;
        }

        foreach (var (key, value) in mapping.Children)
        {
            var inner = ReadLog.PathOf(path, ((YamlScalarNode)key).Value!);
            if (value is not YamlMappingNode { Style: not MappingStyle.Flow })
            {
                yield return (inner, (int)key.Start.Line);
            }

            foreach (var below in KeysOf(value, inner))
            {
                yield return below;
            }
        }
    }

    private static bool IsDocumented(string[] lines, int line) =>
        (line > 1 && lines[line - 2].TrimStart().StartsWith("# ", StringComparison.Ordinal)) || HasCommentAtEnd(lines[line - 1]);

    private static bool HasCommentAtEnd(string line)
    {
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            if (quote == '\0' && line[i] == '#' && i > 0 && line[i - 1] == ' ')
            {
                return true;
            }

            quote = quote == line[i] ? '\0' : quote == '\0' && line[i] is '"' or '\'' ? line[i] : quote;
        }

        return false;
    }
}
