using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Schema;

/// <summary>
/// values.schema.json. It understands the keywords of <see cref="SchemaKeywords"/>, and refuses a schema with any other, so that nobody believes that
/// something is checked which is not.
/// </summary>
internal sealed class ValuesSchema
{
    private readonly JsonElement _root;

    private ValuesSchema(JsonElement root) => _root = root;

    public static ValuesSchema Parse(string json, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement.Clone();
            SchemaKeywords.Check(root, "#", file);
            return new ValuesSchema(root);
        }
        catch (JsonException exception)
        {
            throw new ChartException(file, (int)(exception.LineNumber ?? 0) + 1, exception.Message, exception);
        }
    }

    /// <summary>What does not fit, each with its path.</summary>
    public IReadOnlyList<string> FindProblems(object? value)
    {
        var problems = new List<string>();
        Check(_root, value, "", problems);
        return problems;
    }

    private bool Fits(JsonElement schema, object? value)
    {
        var problems = new List<string>();
        Check(schema, value, "", problems);
        return problems.Count == 0;
    }

    private void Check(JsonElement schema, object? value, string path, List<string> problems)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            AddUnless(schema.ValueKind == JsonValueKind.True, "nothing is allowed here", path, problems);
            return;
        }

        if (schema.TryGetProperty("$ref", out var reference))
        {
            Check(Resolve(reference.GetString()!), value, path, problems);
        }

        CheckAny(schema, value, path, problems);
        CheckCombinations(schema, value, path, problems);
        switch (value)
        {
            case ValueMap map:
                CheckMap(schema, map, path, problems);
                break;
            case List<object?> list:
                CheckList(schema, list, path, problems);
                break;
            case string text:
                CheckText(schema, text, path, problems);
                break;
            case int or long or double:
                CheckNumber(schema, Convert.ToDouble(value, CultureInfo.InvariantCulture), path, problems);
                break;
        }
    }

    private static void CheckAny(JsonElement schema, object? value, string path, List<string> problems)
    {
        if (schema.TryGetProperty("type", out var type))
        {
            var types = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(item => item.GetString()!).ToArray() : [type.GetString()!];
            AddUnless(types.Any(name => IsOfType(value, name)), $"{string.Join(" or ", types)} was expected, not {GoTypes.Kind(value)} {GoText.Print(value)}", path, problems);
        }

        if (schema.TryGetProperty("enum", out var values))
        {
            AddUnless(values.EnumerateArray().Any(item => IsSame(item, value)), $"{GoText.Print(value)} is none of {values.GetRawText()}", path, problems);
        }

        if (schema.TryGetProperty("const", out var constant))
        {
            AddUnless(IsSame(constant, value), $"{constant.GetRawText()} was expected, not {GoText.Print(value)}", path, problems);
        }
    }

    private void CheckCombinations(JsonElement schema, object? value, string path, List<string> problems)
    {
        if (schema.TryGetProperty("allOf", out var all))
        {
            foreach (var part in all.EnumerateArray())
            {
                Check(part, value, path, problems);
            }
        }

        if (schema.TryGetProperty("anyOf", out var any))
        {
            AddUnless(any.EnumerateArray().Any(part => Fits(part, value)), "fits none of anyOf", path, problems);
        }

        if (schema.TryGetProperty("oneOf", out var one))
        {
            var count = one.EnumerateArray().Count(part => Fits(part, value));
            AddUnless(count == 1, $"fits {count} of oneOf", path, problems);
        }

        if (schema.TryGetProperty("not", out var not))
        {
            AddUnless(!Fits(not, value), "fits what it must not (not)", path, problems);
        }

        if (schema.TryGetProperty("if", out var condition) && schema.TryGetProperty(Fits(condition, value) ? "then" : "else", out var consequence))
        {
            Check(consequence, value, path, problems);
        }
    }

    private void CheckMap(JsonElement schema, ValueMap map, string path, List<string> problems)
    {
        foreach (var name in Items(schema, "required").Select(item => item.GetString()!).Where(name => !map.ContainsKey(name)))
        {
            problems.Add($"{At(path)}: {name} is required");
        }

        AddUnless(map.Count >= Limit(schema, "minProperties", 0), "too few keys", path, problems);
        AddUnless(map.Count <= Limit(schema, "maxProperties", double.MaxValue), "too many keys", path, problems);
        var properties = schema.TryGetProperty("properties", out var found) ? found : default;
        var patterns = schema.TryGetProperty("patternProperties", out found) ? found.EnumerateObject().ToArray() : [];
        foreach (var (key, value) in map)
        {
            var inner = ReadLog.PathOf(path, key);
            if (schema.TryGetProperty("propertyNames", out var names))
            {
                Check(names, key, inner, problems);
            }

            var known = properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(key, out found);
            if (known)
            {
                Check(found, value, inner, problems);
            }

            foreach (var pattern in patterns.Where(pattern => Matches(pattern.Name, key)))
            {
                known = true;
                Check(pattern.Value, value, inner, problems);
            }

            if (!known && schema.TryGetProperty("additionalProperties", out var additional))
            {
                Check(additional, value, inner, problems);
            }
        }
    }

    private void CheckList(JsonElement schema, List<object?> list, string path, List<string> problems)
    {
        AddUnless(list.Count >= Limit(schema, "minItems", 0), "too few items", path, problems);
        AddUnless(list.Count <= Limit(schema, "maxItems", double.MaxValue), "too many items", path, problems);
        if (schema.TryGetProperty("uniqueItems", out var unique) && unique.GetBoolean())
        {
            AddUnless(!list.Where((item, i) => list.Take(i).Any(other => GoTypes.DeepEquals(item, other))).Any(), "an item is there twice", path, problems);
        }

        if (schema.TryGetProperty("items", out var items))
        {
            for (var i = 0; i < list.Count; i++)
            {
                Check(items, list[i], $"{path}[{i}]", problems);
            }
        }
    }

    private static void CheckText(JsonElement schema, string text, string path, List<string> problems)
    {
        var length = text.EnumerateRunes().Count();
        AddUnless(length >= Limit(schema, "minLength", 0), $"'{text}' is too short", path, problems);
        AddUnless(length <= Limit(schema, "maxLength", double.MaxValue), $"'{text}' is too long", path, problems);
        if (schema.TryGetProperty("pattern", out var pattern))
        {
            AddUnless(Matches(pattern.GetString()!, text), $"'{text}' does not match {pattern}", path, problems);
        }
    }

    private static void CheckNumber(JsonElement schema, double number, string path, List<string> problems)
    {
        var text = GoNumbers.Print(number);
        AddUnless(number >= Limit(schema, "minimum", double.MinValue), $"{text} is below the minimum", path, problems);
        AddUnless(number <= Limit(schema, "maximum", double.MaxValue), $"{text} is above the maximum", path, problems);
        AddUnless(number > Limit(schema, "exclusiveMinimum", double.NegativeInfinity), $"{text} is not above the minimum", path, problems);
        AddUnless(number < Limit(schema, "exclusiveMaximum", double.PositiveInfinity), $"{text} is not below the maximum", path, problems);
    }

    private JsonElement Resolve(string reference)
    {
        var element = _root;
        foreach (var step in reference.Split('/').Skip(1))
        {
            element = element.GetProperty(step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
        }

        return element;
    }

    private static bool IsOfType(object? value, string type) => type switch
    {
        "null" => value is null,
        "boolean" => value is bool,
        "string" => value is string,
        "number" => value is int or long or double,
        "integer" => value is int or long || (value is double number && double.IsInteger(number)),
        "object" => value is ValueMap,
        "array" => value is List<object?>,
        _ => false,
    };

    private static bool IsSame(JsonElement expected, object? value) => (expected.ValueKind, value) switch
    {
        (JsonValueKind.String, string text) => expected.GetString() == text,
        (JsonValueKind.Number, int or long or double) => expected.GetDouble() == Convert.ToDouble(value, CultureInfo.InvariantCulture),
        (JsonValueKind.True, true) or (JsonValueKind.False, false) or (JsonValueKind.Null, null) => true,
        _ => false,
    };

    private static bool Matches(string pattern, string text) => Regex.IsMatch(text, pattern, RegexOptions.ECMAScript, TimeSpan.FromSeconds(5));

    private static IEnumerable<JsonElement> Items(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var items) ? items.EnumerateArray() : Enumerable.Empty<JsonElement>();

    private static double Limit(JsonElement schema, string keyword, double otherwise) => schema.TryGetProperty(keyword, out var limit) ? limit.GetDouble() : otherwise;

    private static void AddUnless(bool holds, string problem, string path, List<string> problems)
    {
        if (!holds)
        {
            problems.Add($"{At(path)}: {problem}");
        }
    }

    private static string At(string path) => path.Length == 0 ? "(root)" : path;
}
