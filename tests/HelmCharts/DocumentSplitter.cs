using Sluice.HelmCharts.Values;
using Sluice.HelmCharts.Yaml;

namespace Sluice.HelmCharts;

/// <summary>Cuts rendered files into documents at lines of <c>---</c>.</summary>
internal static class DocumentSplitter
{
    public static IReadOnlyList<RenderedDocument> Split(RenderedFile file)
    {
        var documents = new List<RenderedDocument>();
        var lines = file.Text.Split('\n');
        var start = 0;
        for (var i = 0; i <= lines.Length; i++)
        {
            if (i == lines.Length || lines[i].TrimEnd() == "---" || lines[i].StartsWith("--- ", StringComparison.Ordinal))
            {
                Add(documents, file.Path, lines[start..i], start + 1);
                start = i + 1;
            }
        }

        return documents;
    }

    private static void Add(List<RenderedDocument> documents, string file, string[] lines, int firstLine)
    {
        var blank = lines.TakeWhile(line => string.IsNullOrWhiteSpace(line) || line.TrimStart().StartsWith('#')).Count();
        if (blank == lines.Length)
        {
            return;
        }

        documents.Add(YamlReader.ReadOne(string.Join('\n', lines), file, firstLine) switch
        {
            ValueMap map => new RenderedDocument(file, firstLine + blank, map),
            var other => throw new ChartException(file, firstLine + blank, $"an object was expected, not {GoTypes.Name(other)}"),
        });
    }
}
