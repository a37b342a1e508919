using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Functions;

/// <summary>Go's builtins: logic, comparison, size, access, printing.</summary>
internal static class Comparisons
{
    public static void AddTo(FunctionTable table)
    {
        table.AddVariadic("and", [GoType.Any], GoType.Any, _ => null); // the evaluator does it: it must not evaluate all arguments
        table.AddVariadic("or", [GoType.Any], GoType.Any, _ => null);
        table.Add("not", [GoType.Any], a => !GoTypes.IsTrue(a[0]));
        table.AddVariadic("eq", [GoType.Any], GoType.Any, a => AreEqualToAny(a));
        table.Add("ne", [GoType.Any, GoType.Any], a => !AreEqual(a[0], a[1]));
        table.Add("lt", [GoType.Any, GoType.Any], a => Compare(a[0], a[1]) < 0);
        table.Add("le", [GoType.Any, GoType.Any], a => Compare(a[0], a[1]) <= 0);
        table.Add("gt", [GoType.Any, GoType.Any], a => Compare(a[0], a[1]) > 0);
        table.Add("ge", [GoType.Any, GoType.Any], a => Compare(a[0], a[1]) >= 0);
        table.Add("len", [GoType.Any], a => Length(a[0]));
        table.AddVariadic("index", [GoType.Any], GoType.Any, Index);
        table.AddVariadic("print", [], GoType.Any, Print);
        table.AddVariadic("println", [], GoType.Any, a => string.Join(' ', a.Select(GoText.Print)) + "\n");
        table.AddVariadic("printf", [GoType.String], GoType.Any, a => GoFormat.Format((string)a[0]!, a[1..]));
    }

    private static object? AreEqualToAny(object?[] arguments) => arguments.Length < 2
        ? throw new FunctionException("missing argument for comparison")
        : arguments[1..].Any(other => AreEqual(arguments[0], other));

    /// <summary>Whole numbers compare with whole numbers, everything else with its own type: a number of values.yaml is equal to no literal without a point.</summary>
    private static bool AreEqual(object? left, object? right)
    {
        if (left is ValueMap or List<object?> || right is ValueMap or List<object?>)
        {
            throw new FunctionException($"uncomparable type {GoTypes.Name(left is ValueMap or List<object?> ? left : right)}");
        }

        if (left is null || right is null)
        {
            return left is null && right is null;
        }

        return IsWhole(left) && IsWhole(right) ? Whole(left) == Whole(right)
            : left.GetType() == right.GetType() ? left.Equals(right)
            : throw Incompatible(left, right);
    }

    private static int Compare(object? left, object? right)
    {
        if (left is not (int or long or double or string) || right is not (int or long or double or string))
        {
            throw new FunctionException($"invalid type for comparison: {GoTypes.Name(left)} and {GoTypes.Name(right)}");
        }

        return IsWhole(left) && IsWhole(right) ? Whole(left).CompareTo(Whole(right))
            : left is double a && right is double b ? a.CompareTo(b)
            : left is string s && right is string t ? string.CompareOrdinal(s, t)
            : throw Incompatible(left, right);
    }

    private static bool IsWhole(object? value) => value is int or long;

    private static long Whole(object value) => value is int number ? number : (long)value;

    private static FunctionException Incompatible(object? left, object? right) => new(
        $"incompatible types for comparison: {GoTypes.Name(left)} and {GoTypes.Name(right)}"
        + (left is double || right is double ? " (numbers of values are float64: convert with int)" : ""));

    private static object Length(object? value) => value switch
    {
        string text => System.Text.Encoding.UTF8.GetByteCount(text),
        ValueMap map => map.Count,
        List<object?> list => list.Count,
        byte[] bytes => bytes.Length,
        null => throw new FunctionException("len of nil pointer"),
        _ => throw new FunctionException($"len of type {GoTypes.Name(value)}"),
    };

    private static object? Index(object?[] arguments)
    {
        var item = arguments[0];
        foreach (var index in arguments[1..])
        {
            item = (item, index) switch
            {
                (null, _) => throw new FunctionException("index of nil"),
                (ValueMap map, string key) => map[key],
                (ValueMap, _) => throw new FunctionException($"an index of a map is a string, not {GoTypes.Name(index)}"),
                (List<object?> list, int or long) when Whole(index) is >= 0 and var place && place < list.Count => list[(int)place],
                (List<object?> list, int or long) => throw new FunctionException($"index out of range: {GoText.Print(index)} of {list.Count}"),
                (List<object?>, _) => throw new FunctionException($"cannot index a list with type {GoTypes.Name(index)}"),
                _ => throw new FunctionException($"can't index item of type {GoTypes.Name(item)}"),
            };
        }

        return item;
    }

    /// <summary>Puts spaces only between two that are no strings.</summary>
    private static string Print(object?[] arguments)
    {
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < arguments.Length; i++)
        {
            text.Append(i > 0 && arguments[i] is not string && arguments[i - 1] is not string ? " " : "").Append(GoText.Print(arguments[i]));
        }

        return text.ToString();
    }
}
