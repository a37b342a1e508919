using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Functions;

/// <summary>Functions on lists. They make new ones.</summary>
internal static class Lists
{
    public static void AddTo(FunctionTable table)
    {
        table.AddVariadic("list", [], GoType.Any, a => a.ToList());
        table.Add("first", [GoType.Any], a => List(a[0], "first").FirstOrDefault());
        table.Add("last", [GoType.Any], a => List(a[0], "last").LastOrDefault());
        table.Add("rest", [GoType.Any], a => List(a[0], "rest").Skip(1).ToList());
        table.Add("initial", [GoType.Any], a => List(a[0], "initial").SkipLast(1).ToList());
        table.Add("append", [GoType.Any, GoType.Any], a => List(a[0], "append").Append(a[1]).ToList());
        table.Add("prepend", [GoType.Any, GoType.Any], a => List(a[0], "prepend").Prepend(a[1]).ToList());
        table.AddVariadic("concat", [], GoType.Any, a => a.SelectMany(list => List(list, "concat")).ToList());
        table.Add("reverse", [GoType.Any], a => List(a[0], "reverse").AsEnumerable().Reverse().ToList());
        table.Add("uniq", [GoType.Any], a => Unique(List(a[0], "uniq")));
        table.Add("compact", [GoType.Any], a => List(a[0], "compact").Where(GoTypes.IsTrue).ToList());
        table.Add("sortAlpha", [GoType.Any], a => Texts(a[0]).Order(StringComparer.Ordinal).Cast<object?>().ToList());
        table.Add("has", [GoType.Any, GoType.Any], a => a[1] is not null && List(a[1], "has").Exists(item => GoTypes.DeepEquals(item, a[0])));
        table.AddVariadic("without", [GoType.Any], GoType.Any, a => List(a[0], "without").Where(item => !a[1..].Any(other => GoTypes.DeepEquals(item, other))).ToList());
        table.AddVariadic("slice", [GoType.Any], GoType.Any, Slice);
        table.Add("toStrings", [GoType.Any], a => Texts(a[0]).Cast<object?>().ToList());
    }

    /// <summary>The items as text, nulls left out; of anything but a list, the one text that it is.</summary>
    internal static IEnumerable<string> Texts(object? value) => value switch
    {
        List<object?> list => list.Where(item => item is not null).Select(GoText.Of),
        null => [],
        _ => [GoText.Of(value)],
    };

    private static List<object?> List(object? value, string function) =>
        value as List<object?> ?? throw new FunctionException($"cannot {function} on type {GoTypes.Name(value)}");

    private static List<object?> Unique(List<object?> list)
    {
        var unique = new List<object?>();
        foreach (var item in list)
        {
            if (!unique.Exists(other => GoTypes.DeepEquals(item, other)))
            {
                unique.Add(item);
            }
        }

        return unique;
    }

    private static List<object?> Slice(object?[] arguments)
    {
        var list = List(arguments[0], "slice");
        var start = arguments.Length > 1 ? (int)Numbers.ToInt64(arguments[1]) : 0;
        var end = arguments.Length > 2 ? (int)Numbers.ToInt64(arguments[2]) : list.Count;
        return start >= 0 && start <= end && end <= list.Count
            ? list[start..end]
            : throw new FunctionException($"slice [{start}:{end}] is out of the range of a list of {list.Count}");
    }
}
