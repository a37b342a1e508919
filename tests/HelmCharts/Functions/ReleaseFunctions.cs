using Sluice.HelmCharts.Templates;
using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Functions;

/// <summary>Functions that need the chart's templates or the cluster: <c>include</c>, <c>tpl</c>, <c>lookup</c>, <c>randAlphaNum</c>.</summary>
internal static class ReleaseFunctions
{
    public static void AddTo(FunctionTable table, Engine engine, HelmRelease release)
    {
        table.Add("include", [GoType.String, GoType.Any], a => engine.Include((string)a[0]!, a[1]));
        table.Add("tpl", [GoType.String, GoType.Any], a => engine.EvaluateText((string)a[0]!, a[1]));
        table.Add("lookup", [GoType.String, GoType.String, GoType.String, GoType.String], a =>
            Lookup(release.ClusterObjects, (string)a[0]!, (string)a[1]!, (string)a[2]!, (string)a[3]!));
        table.Add("randAlphaNum", [GoType.Int], a => release.RandomText((int)a[0]!));
    }

    /// <summary>The object, or a list of all where no name is given; an empty map where there is none, as <c>helm template</c> always gives.</summary>
    private static ValueMap Lookup(IReadOnlyList<ValueMap> objects, string apiVersion, string kind, string @namespace, string name)
    {
        var found = objects.Where(candidate => Matches(candidate, apiVersion, kind, @namespace)).ToList();
        if (name.Length > 0)
        {
            return found.Find(candidate => Metadata(candidate, "name") == name)?.Copy() ?? [];
        }

        return found.Count == 0 ? [] : new ValueMap { ["items"] = found.Select(candidate => (object?)candidate.Copy()).ToList() };
    }

    private static bool Matches(ValueMap candidate, string apiVersion, string kind, string @namespace) =>
        candidate["apiVersion"] is string version && version == apiVersion && candidate["kind"] is string itsKind && itsKind == kind
        && (@namespace.Length == 0 || Metadata(candidate, "namespace") is null || Metadata(candidate, "namespace") == @namespace);

    private static string? Metadata(ValueMap candidate, string key) => (candidate["metadata"] as ValueMap)?[key] as string;
}
