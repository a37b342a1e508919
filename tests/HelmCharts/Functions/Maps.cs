using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Functions;

/// <summary>Functions on maps. <c>set</c>, <c>unset</c>, <c>merge</c> and <c>mergeOverwrite</c> change the first one, as Sprig's do.</summary>
internal static class Maps
{
    public static void AddTo(FunctionTable table)
    {
        table.AddVariadic("dict", [], GoType.Any, Make);
        table.Add("get", [GoType.Map, GoType.String], a => Map(a[0]).ContainsKey((string)a[1]!) ? Map(a[0])[(string)a[1]!] : "");
        table.Add("set", [GoType.Map, GoType.String, GoType.Any], Set);
        table.Add("unset", [GoType.Map, GoType.String], a =>
        {
            Map(a[0]).Remove((string)a[1]!);
            return a[0];
        });
        table.Add("hasKey", [GoType.Map, GoType.String], a => Map(a[0]).ContainsKey((string)a[1]!));
        table.AddVariadic("keys", [], GoType.Map, a => a.SelectMany(map => Map(map).Select(entry => (object?)entry.Key)).ToList());
        table.Add("values", [GoType.Map], a => Map(a[0]).Select(entry => entry.Value).ToList());
        table.AddVariadic("pluck", [GoType.String], GoType.Map, a =>
            a[1..].Where(map => Map(map).ContainsKey((string)a[0]!)).Select(map => Map(map)[(string)a[0]!]).ToList());
        table.AddVariadic("pick", [GoType.Map], GoType.String, a => Where(Map(a[0]), key => a.Skip(1).Contains(key)));
        table.AddVariadic("omit", [GoType.Map], GoType.String, a => Where(Map(a[0]), key => !a.Skip(1).Contains(key)));
        table.AddVariadic("merge", [GoType.Map], GoType.Map, a => Fold(a, overwrite: false));
        table.AddVariadic("mergeOverwrite", [GoType.Map], GoType.Map, a => Fold(a, overwrite: true));
        table.Add("deepCopy", [GoType.Any], a => ValueMap.CopyOf(a[0]));
        table.AddVariadic("dig", [GoType.String], GoType.Any, Dig);
    }

    private static ValueMap Map(object? value) => (ValueMap?)value ?? [];

    private static ValueMap Make(object?[] arguments)
    {
        var map = new ValueMap();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            map[GoText.Of(arguments[i])] = i + 1 < arguments.Length ? arguments[i + 1] : "";
        }

        return map;
    }

    private static object? Set(object?[] arguments)
    {
        var map = (ValueMap?)arguments[0] ?? throw new FunctionException("assignment to entry in nil map");
        map[(string)arguments[1]!] = arguments[2];
        return map;
    }

    private static ValueMap Where(ValueMap map, Func<string, bool> takes)
    {
        var result = new ValueMap();
        foreach (var key in map.Keys.Where(takes))
        {
            result[key] = map[key];
        }

        return result;
    }

    private static object? Fold(object?[] maps, bool overwrite)
    {
        foreach (var source in maps[1..])
        {
            Merge(Map(maps[0]), Map(source), overwrite);
        }

        return maps[0];
    }

    /// <summary>
    /// By default what is there wins, unless it is empty: false, 0 and "" count as not there. Overwriting, what comes wins.
    /// </summary>
    private static void Merge(ValueMap target, ValueMap source, bool overwrite)
    {
        foreach (var (key, value) in source)
        {
            if (target.ContainsKey(key) && target[key] is ValueMap inner && value is ValueMap innerSource)
            {
                Merge(inner, innerSource, overwrite);
            }
            else if (!target.ContainsKey(key) || overwrite || !GoTypes.IsTrue(target[key]))
            {
                target[key] = value;
            }
        }
    }

    /// <summary><c>dig "a" "b" default map</c>.</summary>
    private static object? Dig(object?[] arguments)
    {
        if (arguments.Length < 3)
        {
            throw new FunctionException("dig needs at least three arguments");
        }

        var value = arguments[^1];
        foreach (var key in arguments[..^2])
        {
            if (value is not ValueMap map)
            {
                throw new FunctionException($"dig: {GoTypes.Name(value)} has no keys");
            }

            if (!map.ContainsKey((string)key!))
            {
                return arguments[^2];
            }

            value = map[(string)key!];
        }

        return value;
    }
}
