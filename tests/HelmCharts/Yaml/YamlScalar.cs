using System.Globalization;
using System.Text.RegularExpressions;

namespace Sluice.HelmCharts.Yaml;

/// <summary>What a scalar without quotes is to Go's YAML library, which Helm, kubectl and the API server read by: YAML 1.1, so <c>on</c> is true.</summary>
internal static partial class YamlScalar
{
    private static readonly HashSet<string> Trues = ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"];
    private static readonly HashSet<string> Falses = ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"];
    private static readonly HashSet<string> Nulls = ["", "~", "null", "Null", "NULL"];

    /// <summary>null, bool, long, double or the text itself.</summary>
    public static object? Resolve(string text)
    {
        if (Nulls.Contains(text))
        {
            return null;
        }

        if (Trues.Contains(text) || Falses.Contains(text))
        {
            return Trues.Contains(text);
        }

        return text[0] is '+' or '-' or '.' or (>= '0' and <= '9') ? ResolveNumber(text) : text;
    }

    /// <summary>Whether the text, written without quotes, would be read as that text again.</summary>
    public static bool IsPlainText(string text) =>
        Resolve(text) is string && !Base60().IsMatch(text) && !Timestamp().IsMatch(text);

    private static object ResolveNumber(string text)
    {
        switch (text.ToUpperInvariant())
        {
            case ".NAN":
                return double.NaN;
            case ".INF" or "+.INF":
                return double.PositiveInfinity;
            case "-.INF":
                return double.NegativeInfinity;
        }

        var plain = text.Replace("_", "", StringComparison.Ordinal);
        if (Whole(plain) is { } whole)
        {
            return whole;
        }

        return Float().IsMatch(plain) && double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : text;
    }

    /// <summary>A whole number in Go's notation: 0x, 0o, 0b, and a leading 0 for octal.</summary>
    internal static long? Whole(string text)
    {
        var negative = text.StartsWith('-');
        var digits = text.AsSpan(negative || text.StartsWith('+') ? 1 : 0);
        var (radix, start) = digits switch
        {
            ['0', 'x' or 'X', ..] => (16, 2),
            ['0', 'o' or 'O', ..] => (8, 2),
            ['0', 'b' or 'B', ..] => (2, 2),
            ['0', _, ..] => (8, 1),
            _ => (10, 0),
        };
        if (digits.Length == start)
        {
            return null;
        }

        var value = Int128.Zero;
        foreach (var digit in digits[start..])
        {
            var weight = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : int.MaxValue;
            value = value * radix + weight;
            if (weight >= radix || value > (Int128)long.MaxValue + 1)
            {
                return null;
            }
        }

        value = negative ? -value : value;
        return value > long.MaxValue ? null : (long)value;
    }

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Float();

    /// <summary>Numbers of base 60, like 190:20:30, of YAML 1.1: text to us, a number to others, so it is quoted.</summary>
    [GeneratedRegex(@"^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$")]
    private static partial Regex Base60();

    [GeneratedRegex(@"^\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?.*)?$")]
    private static partial Regex Timestamp();
}
