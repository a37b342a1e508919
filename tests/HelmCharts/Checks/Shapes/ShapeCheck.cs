using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Checks.Shapes;

/// <summary>Whether an object has the fields of its kind, and no others.</summary>
internal static class ShapeCheck
{
    public static IReadOnlyList<string> FindProblems(RenderedDocument document)
    {
        if (Schemas.FindKind(document.ApiVersion, document.Kind) is not { } type)
        {
            return [$"no schema tells of {document.ApiVersion} {document.Kind}"];
        }

        var problems = new List<string>();
        CheckFields(type, document.Content, "", problems);
        problems.AddRange(document.Content.Map("metadata").Map("annotations").Keys.Where(key => !Formats.IsLabelKey(key))
            .Select(key => $"metadata.annotations: '{key}' is not {Formats.Description("labelKey")}"));
        return problems;
    }

    private static void Check(Shape shape, object? value, string path, List<string> problems)
    {
        switch (shape, value)
        {
            case (ListShape list, List<object?> items):
                for (var i = 0; i < items.Count; i++)
                {
                    Check(list.Item, items[i], $"{path}[{i}]", problems);
                }

                break;
            case (MapShape map, ValueMap entries):
                foreach (var (key, entry) in entries)
                {
                    if (map.Value is FormatShape { Name: "labelValue" } && !Formats.IsLabelKey(key))
                    {
                        problems.Add($"{path}: '{key}' is not {Formats.Description("labelKey")}");
                    }

                    Check(map.Value, entry, $"{path}.{key}", problems);
                }

                break;
            case (TypeShape type, ValueMap fields):
                CheckFields(Schemas.Type(type.Name), fields, path, problems);
                break;
            case (EnumShape choices, string text) when choices.Values.Contains(text):
            case (WholeShape limits, long number) when number >= limits.Least && number <= limits.Greatest:
            case (FormatShape format, _) when Formats.Is(format.Name, value):
                break;
            default:
                problems.Add($"{path}: {Describe(shape)} was expected, not {Show(value)}");
                break;
        }
    }

    private static void CheckFields(TypeDefinition type, ValueMap map, string path, List<string> problems)
    {
        foreach (var (key, value) in map)
        {
            var inner = ReadLog.PathOf(path, key);
            if (!type.Fields.TryGetValue(key, out var field))
            {
                problems.Add($"{inner}: unknown field; known are {string.Join(", ", type.Fields.Keys)}");
            }
            else
            {
                Check(field.Shape, value, inner, problems);
            }
        }

        foreach (var (name, field) in type.Fields.Where(field => field.Value.IsRequired && !map.ContainsKey(field.Key)))
        {
            problems.Add($"{ReadLog.PathOf(path, name)}: required, {Describe(field.Shape)}");
        }
    }

    private static string Describe(Shape shape) => shape switch
    {
        ListShape => "a list",
        MapShape or TypeShape => "a map",
        EnumShape choices => string.Join(" or ", choices.Values),
        WholeShape { Least: long.MinValue } => "a whole number",
        WholeShape limits => $"a whole number from {limits.Least}" + (limits.Greatest == long.MaxValue ? "" : $" to {limits.Greatest}"),
        FormatShape format => Formats.Description(format.Name),
        _ => shape.ToString(),
    };

    private static string Show(object? value) => value is string text ? $"'{text}'" : $"{GoText.Print(value)} ({GoTypes.Kind(value)})";
}
