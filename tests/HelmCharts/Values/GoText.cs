using System.Globalization;
using System.Text;

namespace Sluice.HelmCharts.Values;

/// <summary>Values as Go's fmt writes them.</summary>
internal static class GoText
{
    /// <summary>What a template prints for a missing value; the engine takes it out of what was rendered, as Helm does.</summary>
    public const string NoValue = "<no value>";

    /// <summary>A value as <c>%v</c>.</summary>
    public static string Print(object? value) => value switch
    {
        null => "<nil>",
        string text => text,
        bool flag => flag ? "true" : "false",
        int number => number.ToString(CultureInfo.InvariantCulture),
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => GoNumbers.Print(number),
        ValueMap map => $"map[{string.Join(' ', map.Select(entry => $"{entry.Key}:{Print(entry.Value)}"))}]",
        List<object?> list => $"[{string.Join(' ', list.Select(Print))}]",
        byte[] bytes => $"[{string.Join(' ', bytes)}]",
        _ => value.ToString() ?? "",
    };

    /// <summary>A value as Sprig makes it text: bytes are their characters.</summary>
    public static string Of(object? value) => value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : Print(value);

    /// <summary>Text in Go's quotes, <c>%q</c>.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            quoted.Append(rune.Value switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\a' => "\\a",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\v' => "\\v",
                < ' ' or 0x7f => $"\\x{rune.Value:x2}",
                _ when IsPrintable(rune) => rune.ToString(),
                < 0x10000 => $"\\u{rune.Value:x4}",
                _ => $"\\U{rune.Value:x8}",
            });
        }

        return quoted.Append('"').ToString();
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
