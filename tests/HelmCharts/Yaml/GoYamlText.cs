using System.Globalization;
using System.Text;

namespace Sluice.HelmCharts.Yaml;

/// <summary>Text as Go's YAML library writes it: plain where it is read as the same text again, else quoted; several lines as a literal block.</summary>
internal static class GoYamlText
{
    private const int LineWidth = 80;
    private const int LongestSimpleKey = 128;

    /// <summary>Writes a key. One that is too long to stand before its colon is not supported.</summary>
    public static void WriteKey(StringBuilder writer, string key)
    {
        if (key.Length > LongestSimpleKey)
        {
            throw new FunctionException($"a key longer than {LongestSimpleKey} characters is not supported");
        }

        var traits = TextTraits.Of(key);
        if (key.Length > 0 && YamlScalar.IsPlainText(key) && traits.PlainAllowed)
        {
            writer.Append(key);
        }
        else if (YamlScalar.IsPlainText(key) && traits.SingleQuotesAllowed && !traits.HasBreaks)
        {
            writer.Append('\'').Append(key.Replace("'", "''", StringComparison.Ordinal)).Append('\'');
        }
        else
        {
            WriteDoubleQuoted(writer, key, indent: 0, mayWrap: false);
        }
    }

    /// <summary>Writes a value.</summary>
    /// <param name="writer">Where to; what stands on its last line counts for the width of the line.</param>
    /// <param name="text">The text.</param>
    /// <param name="indent">Of the lines that follow the first one.</param>
    public static void Write(StringBuilder writer, string text, int indent)
    {
        var traits = TextTraits.Of(text);
        if (text.Contains('\n', StringComparison.Ordinal) && traits.BlockAllowed)
        {
            WriteLiteral(writer, text, indent);
        }
        else if (!text.Contains('\n', StringComparison.Ordinal) && YamlScalar.IsPlainText(text) && traits.PlainAllowed)
        {
            WriteWrapped(writer, text, indent);
        }
        else if (!text.Contains('\n', StringComparison.Ordinal) && YamlScalar.IsPlainText(text) && traits.SingleQuotesAllowed)
        {
            writer.Append('\'');
            WriteWrapped(writer, text.Replace("'", "''", StringComparison.Ordinal), indent);
            writer.Append('\'');
        }
        else
        {
            WriteDoubleQuoted(writer, text, indent, mayWrap: true);
        }
    }

    private static void WriteLiteral(StringBuilder writer, string text, int indent)
    {
        writer.Append('|');
        if (text[0] is ' ' or '\n')
        {
            writer.Append('2'); // the reader cannot see the indentation by the first line
        }

        if (!text.EndsWith('\n'))
        {
            writer.Append('-');
        }
        else if (text.Length == 1 || text[^2] == '\n')
        {
            writer.Append('+');
        }

        foreach (var line in (text.EndsWith('\n') ? text[..^1] : text).Split('\n'))
        {
            writer.Append('\n').Append(' ', line.Length == 0 ? 0 : indent).Append(line);
        }
    }

    /// <summary>Long lines go on below at a space; the line's width is looked at before a word, so words may stand out.</summary>
    private static void WriteWrapped(StringBuilder writer, string text, int indent)
    {
        var column = Column(writer);
        for (var i = 0; i < text.Length; i++)
        {
            var single = text[i] == ' ' && (i == 0 || text[i - 1] != ' ') && i + 1 < text.Length && text[i + 1] != ' ' && i > 0;
            if (single && column > LineWidth)
            {
                writer.Append('\n').Append(' ', indent);
                column = indent;
            }
            else
            {
                writer.Append(text[i]);
                column++;
            }
        }
    }

    private static void WriteDoubleQuoted(StringBuilder writer, string text, int indent, bool mayWrap)
    {
        writer.Append('"');
        var column = Column(writer);
        var afterSpace = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == ' ')
            {
                if (mayWrap && !afterSpace && column > LineWidth && i > 0 && i < text.Length - 1)
                {
                    writer.Append('\n').Append(' ', indent);
                    column = indent;
                    if (text[i + 1] == ' ')
                    {
                        writer.Append('\\');
                        column++;
                    }
                }
                else
                {
                    writer.Append(' ');
                    column++;
                }

                afterSpace = true;
                continue;
            }

            var written = Escaped(text, ref i);
            writer.Append(written);
            column += written.Length;
            afterSpace = false;
        }

        writer.Append('"');
    }

    private static string Escaped(string text, ref int i)
    {
        var character = text[i];
        if (char.IsHighSurrogate(character) && i + 1 < text.Length)
        {
            // is_printable of the library ends at U+FFFD: what lies beyond is escaped.
            return "\\U" + char.ConvertToUtf32(character, text[++i]).ToString("X8", CultureInfo.InvariantCulture);
        }

        return character switch
        {
            '\0' => "\\0",
            '\a' => "\\a",
            '\b' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\v' => "\\v",
            '\f' => "\\f",
            '\r' => "\\r",
            '\u001b' => "\\e",
            '"' => "\\\"",
            '\\' => "\\\\",
            '\u0085' => "\\N",
            '\u00a0' => "\\_",
            '\u2028' => "\\L",
            '\u2029' => "\\P",
            _ when TextTraits.IsPrintable(character) => character.ToString(),
            _ when character <= '\u00ff' => "\\x" + ((int)character).ToString("X2", CultureInfo.InvariantCulture),
            _ => "\\u" + ((int)character).ToString("X4", CultureInfo.InvariantCulture),
        };
    }

    private static int Column(StringBuilder writer)
    {
        var column = 0;
        while (column < writer.Length && writer[writer.Length - 1 - column] != '\n')
        {
            column++;
        }

        return column;
    }
}
