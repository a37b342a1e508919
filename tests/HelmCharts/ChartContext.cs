using Sluice.HelmCharts.Functions;
using Sluice.HelmCharts.Templates;
using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts;

/// <summary>What a template's dot is: <c>.Values</c>, <c>.Release</c>, <c>.Chart</c>, <c>.Capabilities</c>, <c>.Files</c>, <c>.Template</c>.</summary>
internal static class ChartContext
{
    public static ValueMap Of(HelmRelease release, ValueMap metadata, ValueMap values, TemplateObject files, string template) => new()
    {
        ["Values"] = values,
        ["Release"] = Release(release),
        ["Chart"] = Chart(metadata),
        ["Capabilities"] = Capabilities(release),
        ["Files"] = files,
        ["Template"] = new ValueMap { ["Name"] = template, ["BasePath"] = $"{metadata["name"]}/templates" },
    };

    private static ValueMap Release(HelmRelease release) => new()
    {
        ["Name"] = release.Name,
        ["Namespace"] = release.Namespace,
        ["IsInstall"] = !release.IsUpgrade,
        ["IsUpgrade"] = release.IsUpgrade,
        ["Revision"] = release.Revision,
        ["Service"] = "Helm",
    };

    private static TemplateObject Chart(ValueMap metadata)
    {
        var text = new[] { "name", "home", "version", "description", "icon", "apiVersion", "appVersion", "kubeVersion", "type", "condition", "tags" };
        var members = text.ToDictionary(GoName, key => (object?)(metadata[key] as string ?? ""), StringComparer.Ordinal);
        members["Annotations"] = metadata["annotations"];
        members["Keywords"] = metadata["keywords"];
        members["Sources"] = metadata["sources"];
        members["Maintainers"] = metadata["maintainers"];
        members["Deprecated"] = metadata["deprecated"] is true;
        members["IsRoot"] = true;
        return new TemplateObject("chart.Metadata", members);
    }

    private static string GoName(string key) => key == "apiVersion" ? "APIVersion" : char.ToUpperInvariant(key[0]) + key[1..];

    private static TemplateObject Capabilities(HelmRelease release)
    {
        string[] versions = [.. HelmRelease.KubernetesApiVersions, .. release.ApiVersions];
        var numbers = release.KubernetesVersion.TrimStart('v').Split('.');
        return new TemplateObject("chartutil.Capabilities", new Dictionary<string, object?>
        {
            ["APIVersions"] = new TemplateObject("chartutil.VersionSet", new Dictionary<string, object?>
            {
                ["Has"] = new TemplateFunction("Has", [GoType.String], null, a => versions.Contains((string)a[0]!)),
            }),
            ["KubeVersion"] = new TemplateObject("chartutil.KubeVersion", new Dictionary<string, object?>
            {
                ["String"] = release.KubernetesVersion,
                ["Version"] = release.KubernetesVersion,
                ["GitVersion"] = release.KubernetesVersion,
                ["Major"] = numbers[0],
                ["Minor"] = numbers[1],
            }),
        });
    }
}
