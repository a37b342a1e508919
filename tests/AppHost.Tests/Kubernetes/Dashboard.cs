using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Testing;

namespace Sluice.AppHost.Tests.Kubernetes;

/// <summary>The chart's dashboard for Grafana, as its JSON says.</summary>
internal sealed partial class Dashboard
{
    private Dashboard(JsonElement root)
    {
        Root = root;
        Panels = [.. root.GetProperty("panels").EnumerateArray()];
        Variables = [.. root.GetProperty("templating").GetProperty("list").EnumerateArray()];
    }

    /// <summary>The document.</summary>
    public JsonElement Root { get; }

    /// <summary>Rows and panels, in their order.</summary>
    public IReadOnlyList<JsonElement> Panels { get; }

    /// <summary>What the user chooses.</summary>
    public IReadOnlyList<JsonElement> Variables { get; }

    /// <summary>Panels that show something.</summary>
    public IEnumerable<JsonElement> Charts => Panels.Where(panel => Text(panel, "type") != "row");

    /// <summary>Every expression that Prometheus is asked, with where it stands.</summary>
    public IEnumerable<(string Place, string Expression)> Expressions =>
        Charts
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray(), (panel, target) => (Text(panel, "title"), Text(target, "expr")))
            .Concat(Root.GetProperty("annotations").GetProperty("list").EnumerateArray().Select(annotation => (Text(annotation, "name"), Text(annotation, "expr"))));

    /// <summary>The series that the variables get their choices from.</summary>
    public IEnumerable<(string Place, string Expression)> Choices =>
        Variables
            .Where(variable => Text(variable, "type") == "query")
            .Select(variable => (Text(variable, "name"), LabelValues().Match(Text(variable.GetProperty("query"), "query")).Groups["series"].Value));

    /// <summary>Reads it.</summary>
    public static Dashboard Read()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("AppHost", "Kubernetes", "chart", "files", "dashboard.json")));
        return new(document.RootElement.Clone());
    }

    /// <summary>A member that is a text and must be there.</summary>
    public static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    /// <summary>The names of the variables in a text, Grafana's own (<c>__…</c>) left out.</summary>
    public static IEnumerable<string> VariablesIn(string text) =>
        Variable().Matches(text).Select(match => match.Groups["name"].Value).Where(name => !name.StartsWith("__", StringComparison.Ordinal));

    /// <summary>The expression as it is asked when a user chose something.</summary>
    public static string WithSamples(string expression) => Variable().Replace(expression, match => match.Groups["name"].Value switch
    {
        "__rate_interval" => "1m",
        "__range" => "1h",
        var name when name.StartsWith("__", StringComparison.Ordinal) => throw new InvalidOperationException($"Not known: {name}"),
        _ => "a|b",
    });

    [GeneratedRegex(@"\$(?:\{(?<name>\w+)\}|(?<name>\w+))")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^label_values\((?<series>.+), \w+\)$")]
    private static partial Regex LabelValues();
}
