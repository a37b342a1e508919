using System.Text.Json;

namespace Sluice.HelmCharts.Schema;

/// <summary>The keywords of JSON Schema that <see cref="ValuesSchema"/> checks.</summary>
internal static class SchemaKeywords
{
    private static readonly HashSet<string> Annotations =
        ["$schema", "$id", "$comment", "title", "description", "default", "examples", "format", "deprecated", "readOnly"];

    private static readonly HashSet<string> Plain =
    [
        "$ref", "type", "enum", "const", "required", "minProperties", "maxProperties", "minItems", "maxItems", "uniqueItems", "minLength", "maxLength",
        "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    ];

    private static readonly HashSet<string> OfOneSchema = ["items", "additionalProperties", "propertyNames", "not", "if", "then", "else"];
    private static readonly HashSet<string> OfManySchemas = ["allOf", "anyOf", "oneOf"];
    private static readonly HashSet<string> OfNamedSchemas = ["properties", "patternProperties", "definitions", "$defs"];
    private static readonly HashSet<string> Types = ["null", "boolean", "string", "number", "integer", "object", "array"];

    /// <summary>Refuses a schema with a keyword, a type or a reference that would not be checked.</summary>
    public static void Check(JsonElement schema, string path, string file)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return;
        }

        if (schema.ValueKind != JsonValueKind.Object)
        {
            throw new ChartException(file, 0, $"{path}: a schema was expected");
        }

        foreach (var keyword in schema.EnumerateObject())
        {
            CheckKeyword(keyword, $"{path}/{keyword.Name}", file);
        }
    }

    private static void CheckKeyword(JsonProperty keyword, string path, string file)
    {
        if (OfOneSchema.Contains(keyword.Name))
        {
            Check(keyword.Value, path, file);
        }
        else if (OfManySchemas.Contains(keyword.Name))
        {
            foreach (var part in keyword.Value.EnumerateArray())
            {
                Check(part, path, file);
            }
        }
        else if (OfNamedSchemas.Contains(keyword.Name))
        {
            foreach (var part in keyword.Value.EnumerateObject())
            {
                Check(part.Value, $"{path}/{part.Name}", file);
            }
        }
        else if (!Plain.Contains(keyword.Name) && !Annotations.Contains(keyword.Name))
        {
            throw new ChartException(file, 0, $"{path}: this keyword is not checked by the renderer");
        }

        CheckValue(keyword, path, file);
    }

    private static void CheckValue(JsonProperty keyword, string path, string file)
    {
        if (keyword.NameEquals("$ref") && !keyword.Value.GetString()!.StartsWith("#/", StringComparison.Ordinal))
        {
            throw new ChartException(file, 0, $"{path}: only references within the file are followed");
        }

        if (keyword.NameEquals("type"))
        {
            var names = keyword.Value.ValueKind == JsonValueKind.Array ? keyword.Value.EnumerateArray().ToArray() : [keyword.Value];
            if (Array.Find(names, name => !Types.Contains(name.GetString()!)) is { ValueKind: JsonValueKind.String } unknown)
            {
                throw new ChartException(file, 0, $"{path}: there is no type {unknown}");
            }
        }
    }
}
