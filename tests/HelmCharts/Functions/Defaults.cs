using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Functions;

/// <summary>What to take when something is missing, and what a value is.</summary>
internal static class Defaults
{
    public static void AddTo(FunctionTable table)
    {
        table.AddVariadic("default", [GoType.Any], GoType.Any, a => a.Length > 1 && GoTypes.IsTrue(a[1]) ? a[1] : a[0]);
        table.Add("empty", [GoType.Any], a => !GoTypes.IsTrue(a[0]));
        table.AddVariadic("coalesce", [], GoType.Any, a => Array.Find(a, GoTypes.IsTrue));
        table.AddVariadic("all", [], GoType.Any, a => a.All(GoTypes.IsTrue));
        table.AddVariadic("any", [], GoType.Any, a => a.Any(GoTypes.IsTrue));
        table.Add("ternary", [GoType.Any, GoType.Any, GoType.Bool], a => a[2] is true ? a[0] : a[1]);
        table.Add("required", [GoType.String, GoType.Any], a => a[1] is null or "" ? throw new FunctionException((string)a[0]!) : a[1]);
        table.Add("fail", [GoType.String], a => throw new FunctionException((string)a[0]!));
        table.Add("kindOf", [GoType.Any], a => GoTypes.Kind(a[0]));
        table.Add("kindIs", [GoType.String, GoType.Any], a => GoTypes.Kind(a[1]) == (string)a[0]!);
        table.Add("typeOf", [GoType.Any], a => GoTypes.Name(a[0]));
        table.Add("typeIs", [GoType.String, GoType.Any], a => GoTypes.Name(a[1]) == (string)a[0]!);
        table.Add("deepEqual", [GoType.Any, GoType.Any], a => GoTypes.DeepEquals(a[0], a[1]));
    }
}
