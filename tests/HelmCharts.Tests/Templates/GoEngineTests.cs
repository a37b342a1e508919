using System.Text;
using Sluice.HelmCharts.Go;

namespace Sluice.HelmCharts.Tests.Templates;

/// <summary>The renderer against Go's own: byte for byte, and refusal for refusal.</summary>
public sealed class GoEngineTests
{
    private static readonly Dictionary<string, string> Files = new() { ["a.txt"] = "hello\n", ["conf/x.json"] = "{}", ["conf/y.yaml"] = "a: 1\n" };

    [Fact]
    public async Task Every_snippet_renders_as_Go_renders_it_or_is_refused_by_both()
    {
        Assert.SkipUnless(GoEngine.IsInstalled, GoEngine.Missing);

        var results = await GoEngine.RenderAsync([.. Snippets.All.Select(CaseOf)]);

        var differences = new StringBuilder();
        foreach (var (snippet, real) in Snippets.All.Zip(results))
        {
            var (text, error) = Render(snippet);
            var expected = real.Rendered?["templates/snippet.txt"];
            if (text != expected)
            {
                differences.AppendLine($"{snippet}\n  Go:   {expected ?? "refused: " + real.Error}\n  here: {text ?? "refused: " + error}");
            }
        }

        Assert.True(differences.Length == 0, differences.ToString());
    }

    [Fact]
    public void What_Go_renders_to_nonsense_is_refused() =>
        Assert.All(Snippets.RefusedHereOnly, snippet => Assert.Null(Render(snippet).Text));

    private static GoCase CaseOf(string snippet) =>
        new(new Dictionary<string, string> { ["templates/_t.tpl"] = Snippets.Defined, ["templates/snippet.txt"] = snippet }, Snippets.Values, Snippets.Chart) { Files = Files };

    private static (string? Text, string Error) Render(string snippet)
    {
        var files = new Dictionary<string, string>(Files)
        {
            ["Chart.yaml"] = Snippets.Chart,
            ["values.yaml"] = Snippets.Values,
            ["templates/_t.tpl"] = Snippets.Defined,
            // As notes, it need not be YAML.
            ["templates/NOTES.txt"] = snippet,
        };
        try
        {
            return (HelmChart.Of(files).Render(new HelmRelease()).Notes.Replace("templates/NOTES.txt", "templates/snippet.txt", StringComparison.Ordinal), "");
        }
        catch (ChartException exception)
        {
            return (null, exception.Message);
        }
    }
}
