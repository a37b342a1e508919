using Sluice.HelmCharts.Checks;
using Sluice.Testing;

namespace Sluice.HelmCharts.Tests.Checks;

/// <summary>The objects of objects.yaml, and what becomes of them when a text is replaced.</summary>
internal static class GoodObjects
{
    public static readonly ObjectCheckOptions Options = new()
    {
        Namespace = "shop",
        External = new HashSet<string> { "Secret/shop-tls", "Secret/registry-login" },
        SecretValues = ["hunter2"],
    };

    private static readonly string Text = File.ReadAllText(Repository.PathOf("tests", "HelmCharts.Tests", "Checks", "objects.yaml"));

    /// <summary>What is found once the text, which must be there, is replaced by another everywhere within the objects of a kind and name.</summary>
    public static IReadOnlyList<string> ProblemsWith(string kind, string name, string text, string replacement, ObjectCheckOptions? options = null)
    {
        var objects = Text.Split("\n---\n");
        var place = Array.FindIndex(objects, yaml => RenderedDocument.ReadAll(yaml, "objects.yaml")[0] is var found && found.Kind == kind && found.Name == name);
        Assert.Contains(text, objects[place], StringComparison.Ordinal);
        objects[place] = objects[place].Replace(text, replacement, StringComparison.Ordinal);
        return Problems(string.Join("\n---\n", objects), options);
    }

    public static IReadOnlyList<string> Problems(string? yaml = null, ObjectCheckOptions? options = null) =>
        ObjectCheck.FindProblems(RenderedDocument.ReadAll(yaml ?? Text, "objects.yaml"), options ?? Options);
}
