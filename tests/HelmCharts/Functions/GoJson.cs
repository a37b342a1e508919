using System.Globalization;
using System.Text;
using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Functions;

/// <summary>JSON as Go's encoding/json writes it: sorted keys, and &lt;, &gt; and &amp; escaped.</summary>
internal static class GoJson
{
    public static string Write(object? value, bool pretty)
    {
        var writer = new StringBuilder();
        Write(writer, value, pretty ? "\n" : null);
        return writer.ToString();
    }

    /// <param name="writer">Where to.</param>
    /// <param name="value">What.</param>
    /// <param name="line">The line break and indentation of this level; null for everything on one line.</param>
    private static void Write(StringBuilder writer, object? value, string? line)
    {
        switch (value)
        {
            case ValueMap map:
                WriteItems(writer, '{', '}', map.ToList(), line, (entry, inner) =>
                {
                    WriteText(writer, entry.Key);
                    writer.Append(line is null ? ":" : ": ");
                    Write(writer, entry.Value, inner);
                });
                break;
            case List<object?> list:
                WriteItems(writer, '[', ']', list, line, (item, inner) => Write(writer, item, inner));
                break;
            case string text:
                WriteText(writer, text);
                break;
            case byte[] bytes:
                WriteText(writer, Convert.ToBase64String(bytes));
                break;
            case double number:
                writer.Append(Number(number));
                break;
            default:
                writer.Append(value switch
                {
                    null => "null",
                    bool flag => flag ? "true" : "false",
                    int or long => Convert.ToString(value, CultureInfo.InvariantCulture),
                    _ => throw new FunctionException($"{GoTypes.Name(value)} cannot be written as JSON"),
                });
                break;
        }
    }

    private static void WriteItems<T>(StringBuilder writer, char open, char close, List<T> items, string? line, Action<T, string?> write)
    {
        var inner = line is null ? null : line + "  ";
        writer.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            writer.Append(i > 0 ? "," : "").Append(inner);
            write(items[i], inner);
        }

        writer.Append(items.Count > 0 ? line : "").Append(close);
    }

    private static string Number(double number)
    {
        var magnitude = Math.Abs(number);
        if (magnitude is 0 or (>= 1e-6 and < 1e21))
        {
            // Between 1e-6 and 1e-4, JSON has digits where Format has an exponent.
            return magnitude is > 0 and < 1e-4 ? number.ToString("0.####################", CultureInfo.InvariantCulture) : GoNumbers.Format(number, 21);
        }

        var text = GoNumbers.Format(number, 21);
        return text.Contains("e-0", StringComparison.Ordinal) ? text.Replace("e-0", "e-", StringComparison.Ordinal) : text;
    }

    private static void WriteText(StringBuilder writer, string text)
    {
        writer.Append('"');
        foreach (var character in text)
        {
            writer.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' or '<' or '>' or '&' or '\u2028' or '\u2029' => "\\u" + ((int)character).ToString("x4", CultureInfo.InvariantCulture),
                _ => character.ToString(),
            });
        }

        writer.Append('"');
    }
}
