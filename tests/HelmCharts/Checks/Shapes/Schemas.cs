using System.Reflection;

namespace Sluice.HelmCharts.Checks.Shapes;

/// <summary>
/// The types of <c>Checks/Schemas</c>, a file per API group. A line at the margin begins a type (<c>PodSpec</c>) or a kind (<c>kind apps/v1 Deployment</c>); the indented
/// ones are its fields, <c>name: shape</c>, with <c>!</c> behind the name where the field is required. <c>#</c> begins a comment. A kind has
/// <c>apiVersion</c>, <c>kind</c> and <c>metadata</c> without saying so.
/// </summary>
internal static class Schemas
{
    private static readonly Dictionary<string, TypeDefinition> Types = Load();

    /// <summary>The fields of a kind; null where no schema tells of it.</summary>
    public static TypeDefinition? FindKind(string apiVersion, string kind) => Types.GetValueOrDefault($"kind {apiVersion} {kind}");

    /// <summary>The fields of a type.</summary>
    public static TypeDefinition Type(string name) => Types[name];

    /// <summary>Throws where a field has a type that no file defines.</summary>
    public static void CheckNames()
    {
        foreach (var (name, type) in Types)
        {
            foreach (var (field, definition) in type.Fields)
            {
                CheckName(definition.Shape, $"{name}.{field}");
            }
        }
    }

    private static void CheckName(Shape shape, string field)
    {
        switch (shape)
        {
            case ListShape list:
                CheckName(list.Item, field);
                break;
            case MapShape map:
                CheckName(map.Value, field);
                break;
            case TypeShape type when !Types.ContainsKey(type.Name):
                throw new FormatException($"{field}: there is no type {type.Name}");
        }
    }

    private static Dictionary<string, TypeDefinition> Load()
    {
        var types = new Dictionary<string, TypeDefinition>(StringComparer.Ordinal);
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var file in assembly.GetManifestResourceNames())
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(file)!);
            Read(reader, file, types);
        }

        return types;
    }

    private static void Read(StreamReader reader, string file, Dictionary<string, TypeDefinition> types)
    {
        Dictionary<string, FieldDefinition>? fields = null;
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line.StartsWith('#'))
            {
                continue;
            }

            if (line[0] != ' ')
            {
                fields = line.StartsWith("kind ", StringComparison.Ordinal) ? FieldsOfEveryKind() : [];
                types.Add(line, new TypeDefinition(fields));
                continue;
            }

            var (name, shape) = line.Split(": ", 2) is [var left, var right] ? (left.Trim(), right.Trim()) : throw new FormatException($"{file}: '{line}' is no field");
            fields![name.TrimEnd('!')] = new FieldDefinition(Shape.Parse(shape), name.EndsWith('!'));
        }
    }

    private static Dictionary<string, FieldDefinition> FieldsOfEveryKind() => new(StringComparer.Ordinal)
    {
        ["apiVersion"] = new(new FormatShape("string"), true),
        ["kind"] = new(new FormatShape("string"), true),
        ["metadata"] = new(new TypeShape("ObjectMeta"), true),
    };
}
