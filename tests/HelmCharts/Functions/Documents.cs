using System.Text.Json;
using Sluice.HelmCharts.Values;
using Sluice.HelmCharts.Yaml;

namespace Sluice.HelmCharts.Functions;

/// <summary>YAML and JSON, there and back.</summary>
internal static class Documents
{
    public static void AddTo(FunctionTable table)
    {
        table.Add("toYaml", [GoType.Any], a => GoYamlWriter.Write(a[0]));
        table.Add("fromYaml", [GoType.String], a => FromYaml((string)a[0]!, "a map", value => value is ValueMap or null) ?? new ValueMap());
        table.Add("fromYamlArray", [GoType.String], a => FromYaml((string)a[0]!, "a list", value => value is List<object?> or null) ?? new List<object?>());
        table.Add("toJson", [GoType.Any], a => GoJson.Write(a[0], pretty: false));
        table.Add("toPrettyJson", [GoType.Any], a => GoJson.Write(a[0], pretty: true));
        table.Add("fromJson", [GoType.String], a => FromJson((string)a[0]!));
    }

    /// <summary>Helm puts what went wrong under the key Error, where nobody looks: here it is an error.</summary>
    private static object? FromYaml(string text, string expected, Func<object?, bool> fits)
    {
        try
        {
            var value = YamlReader.AsHelm(YamlReader.ReadOne(text, "the text"));
            return fits(value) ? value : throw new FunctionException($"{expected} was expected, not {GoTypes.Name(value)}");
        }
        catch (ChartException exception)
        {
            throw new FunctionException(exception.Message);
        }
    }

    private static object? FromJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return FromJson(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new FunctionException(exception.Message);
        }
    }

    private static object? FromJson(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var map = new ValueMap();
                foreach (var property in element.EnumerateObject())
                {
                    map[property.Name] = FromJson(property.Value);
                }

                return map;
            case JsonValueKind.Array:
                return element.EnumerateArray().Select(FromJson).ToList();
            case JsonValueKind.String:
                return element.GetString();
            case JsonValueKind.Number:
                return element.GetDouble();
            default:
                return element.ValueKind == JsonValueKind.Null ? null : element.GetBoolean();
        }
    }
}
