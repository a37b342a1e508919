namespace Sluice.HelmCharts.Values;

/// <summary>What a value is to Go: its kind, its truth, its name in messages.</summary>
internal static class GoTypes
{
    /// <summary>The kind as Sprig's <c>kindOf</c> names it.</summary>
    public static string Kind(object? value) => value switch
    {
        null => "invalid",
        string => "string",
        bool => "bool",
        int => "int",
        long => "int64",
        double => "float64",
        ValueMap => "map",
        List<object?> or byte[] => "slice",
        _ => "struct",
    };

    /// <summary>The type as Sprig's <c>typeOf</c> names it.</summary>
    public static string Name(object? value) => value switch
    {
        null => "<nil>",
        ValueMap => "map[string]interface {}",
        List<object?> => "[]interface {}",
        byte[] => "[]uint8",
        Templates.TemplateObject thing => thing.TypeName,
        _ => Kind(value),
    };

    /// <summary>What <c>if</c> takes for true; Sprig's <c>empty</c> is the opposite.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null => false,
        bool flag => flag,
        string text => text.Length > 0,
        int number => number != 0,
        long number => number != 0,
        double number => number != 0,
        ValueMap map => map.Count > 0,
        List<object?> list => list.Count > 0,
        byte[] bytes => bytes.Length > 0,
        Templates.TemplateObject { Items: { } items } => items.Count > 0,
        _ => true,
    };

    /// <summary>Whether two values are the same all the way down, types included.</summary>
    public static bool DeepEquals(object? left, object? right) => (left, right) switch
    {
        (ValueMap a, ValueMap b) => a.Count == b.Count && a.All(entry => b.ContainsKey(entry.Key) && DeepEquals(entry.Value, b[entry.Key])),
        (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => DeepEquals(pair.First, pair.Second)),
        _ => Equals(left, right),
    };
}
