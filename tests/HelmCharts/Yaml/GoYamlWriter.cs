using System.Globalization;
using System.Text;
using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Yaml;

/// <summary>Writes YAML as Helm's <c>toYaml</c> does: block style, sorted keys, lists at the level of their key, quotes only where they are needed.</summary>
internal static class GoYamlWriter
{
    /// <summary>The YAML of a value, without a line break at the end.</summary>
    public static string Write(object? value)
    {
        var writer = new StringBuilder();
        WriteNode(writer, value, indent: 0, Place.Root);
        return writer.ToString()[..^1];
    }

    private enum Place
    {
        Root,
        Item,
        Value,
    }

    /// <summary>Writes a node; the cursor stands where its text begins, behind the key's colon or the item's dash.</summary>
    private static void WriteNode(StringBuilder writer, object? value, int indent, Place place)
    {
        switch (value)
        {
            case ValueMap { Count: > 0 } map:
                WriteMap(writer, map, indent, place);
                break;
            case List<object?> { Count: > 0 } list:
                WriteList(writer, list, indent, place);
                break;
            default:
                writer.Append(place == Place.Root ? "" : " ");
                WriteScalar(writer, value, indent, place);
                writer.Append('\n');
                break;
        }
    }

    private static void WriteMap(StringBuilder writer, ValueMap map, int indent, Place place)
    {
        // A map in a list begins beside the dash, any other on a line of its own.
        var inner = place == Place.Root ? 0 : indent + 2;
        var first = place == Place.Item;
        writer.Append(place switch { Place.Item => " ", Place.Value => "\n", _ => "" });
        foreach (var (key, item) in map.OrderBy(entry => entry.Key, GoKeyOrder.Instance))
        {
            writer.Append(' ', first ? 0 : inner);
            first = false;
            GoYamlText.WriteKey(writer, key);
            writer.Append(':');
            WriteNode(writer, item, inner, Place.Value);
        }
    }

    private static void WriteList(StringBuilder writer, List<object?> list, int indent, Place place)
    {
        var inner = place == Place.Item ? indent + 2 : indent;
        var first = place == Place.Item;
        writer.Append(place switch { Place.Item => " ", Place.Value => "\n", _ => "" });
        foreach (var item in list)
        {
            writer.Append(' ', first ? 0 : inner).Append('-');
            first = false;
            WriteNode(writer, item, inner, Place.Item);
        }
    }

    private static void WriteScalar(StringBuilder writer, object? value, int indent, Place place)
    {
        var text = value switch
        {
            null => "null",
            bool flag => flag ? "true" : "false",
            ValueMap => "{}",
            List<object?> => "[]",
            int number => number.ToString(CultureInfo.InvariantCulture),
            long number => number.ToString(CultureInfo.InvariantCulture),
            double number => Number(number),
            byte[] => throw new FunctionException("bytes cannot be written as YAML: make them a string"),
            _ => null,
        };
        if (text is not null)
        {
            writer.Append(text);
            return;
        }

        GoYamlText.Write(writer, value as string ?? throw new FunctionException($"{value!.GetType().Name} cannot be written as YAML"), place == Place.Root ? 2 : indent + 2);
    }

    /// <summary>Numbers take a way through JSON, which writes whole ones without an exponent.</summary>
    private static string Number(double number) =>
        double.IsInteger(number) && Math.Abs(number) < ulong.MaxValue ? GoNumbers.Format(number, exponentFrom: 21) : GoNumbers.Print(number);
}
