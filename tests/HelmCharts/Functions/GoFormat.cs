using System.Globalization;
using System.Text;
using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Functions;

/// <summary>
/// <c>printf</c>, as far as charts use it. Where Go would write a mistake into the text (<c>%!d(float64=3)</c>), this is an error.
/// </summary>
internal static class GoFormat
{
    public static string Format(string format, object?[] arguments)
    {
        var text = new StringBuilder();
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }

            var verb = Verb.Read(format, ref i);
            if (verb.Letter == '%')
            {
                text.Append('%');
                continue;
            }

            if (next == arguments.Length)
            {
                throw new FunctionException($"printf \"{format}\" has too few arguments");
            }

            text.Append(verb.Pad(verb.Write(arguments[next++])));
        }

        return next == arguments.Length ? text.ToString() : throw new FunctionException($"printf \"{format}\" has too many arguments");
    }

    private readonly record struct Verb(char Letter, bool Left, bool Zero, bool Plus, int Width, int? Precision)
    {
        public static Verb Read(string format, ref int i)
        {
            var flags = i + 1;
            while (++i < format.Length && format[i] is '-' or '0' or '+')
            {
            }

            var text = format[flags..Math.Min(i, format.Length)];
            var width = Number(format, ref i) ?? 0;
            int? precision = null;
            if (i < format.Length && format[i] == '.')
            {
                i++;
                precision = Number(format, ref i) ?? 0;
            }

            return i < format.Length
                ? new Verb(format[i], text.Contains('-', StringComparison.Ordinal), text.Contains('0', StringComparison.Ordinal), text.Contains('+', StringComparison.Ordinal), width, precision)
                : throw new FunctionException($"printf \"{format}\" ends within a verb");
        }

        public string Write(object? value) => (Letter, value) switch
        {
            ('v', double number) when Precision is not null => Fixed(number),
            ('v', _) => GoText.Print(value),
            ('s', string or byte[]) => Cut(GoText.Of(value)),
            ('q', string text) => GoText.Quote(text),
            ('d', int or long) => Whole(value).ToString(Plus ? "+0;-0" : "0", CultureInfo.InvariantCulture),
            ('x', int or long) => Whole(value).ToString("x", CultureInfo.InvariantCulture),
            ('x', string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text)),
            ('t', bool flag) => flag ? "true" : "false",
            ('f', double number) => Fixed(number),
            ('g', double number) => GoNumbers.Print(number),
            ('T', _) => GoTypes.Name(value),
            _ => throw new FunctionException($"printf cannot write {GoText.Print(value)}, which is {GoTypes.Name(value)}, as %{Letter}"),
        };

        public string Pad(string text) =>
            Left ? text.PadRight(Width)
            : Zero && Letter != 's' && text.StartsWith('-') ? "-" + text[1..].PadLeft(Width - 1, '0')
            : text.PadLeft(Width, Zero ? '0' : ' ');

        private string Fixed(double number) => number.ToString("F" + (Precision ?? 6).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

        private string Cut(string text) => Precision is { } length && length < text.Length ? text[..length] : text;

        private static long Whole(object? value) => value is int number ? number : (long)value!;

        private static int? Number(string format, ref int i)
        {
            var start = i;
            while (i < format.Length && char.IsAsciiDigit(format[i]))
            {
                i++;
            }

            return i > start ? int.Parse(format.AsSpan(start, i - start), CultureInfo.InvariantCulture) : null;
        }
    }
}
