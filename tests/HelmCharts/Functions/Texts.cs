using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Functions;

/// <summary>Functions on text, and into it.</summary>
internal static class Texts
{
    public static void AddTo(FunctionTable table)
    {
        AddShaping(table);
        AddSearching(table);
        AddEncoding(table);
    }

    private static void AddShaping(FunctionTable table)
    {
        table.AddVariadic("quote", [], GoType.Any, a => Join(a, text => GoText.Quote(text)));
        table.AddVariadic("squote", [], GoType.Any, a => Join(a, text => $"'{text}'"));
        table.Add("toString", [GoType.Any], a => GoText.Of(a[0]));
        table.Add("upper", [GoType.String], a => Text(a[0]).ToUpperInvariant());
        table.Add("lower", [GoType.String], a => Text(a[0]).ToLowerInvariant());
        table.Add("title", [GoType.String], a => Title(Text(a[0])));
        table.Add("trim", [GoType.String], a => Text(a[0]).Trim());
        table.Add("trimAll", [GoType.String, GoType.String], a => Text(a[1]).Trim(Text(a[0]).ToCharArray()));
        table.Add("trimSuffix", [GoType.String, GoType.String], a => TrimSuffix(Text(a[0]), Text(a[1])));
        table.Add("trimPrefix", [GoType.String, GoType.String], a => TrimPrefix(Text(a[0]), Text(a[1])));
        table.Add("trunc", [GoType.Int, GoType.String], a => Truncate((int)a[0]!, Text(a[1])));
        table.Add("substr", [GoType.Int, GoType.Int, GoType.String], a => Substring((int)a[0]!, (int)a[1]!, Text(a[2])));
        table.Add("replace", [GoType.String, GoType.String, GoType.String], a => Replace(Text(a[0]), Text(a[1]), Text(a[2])));
        table.Add("repeat", [GoType.Int, GoType.String], a => new StringBuilder().Insert(0, Text(a[1]), (int)a[0]!).ToString());
        table.Add("indent", [GoType.Int, GoType.String], a => Indent((int)a[0]!, Text(a[1])));
        table.Add("nindent", [GoType.Int, GoType.String], a => "\n" + Indent((int)a[0]!, Text(a[1])));
        table.Add("nospace", [GoType.String], a => string.Concat(Text(a[0]).Where(character => !char.IsWhiteSpace(character))));
    }

    private static void AddSearching(FunctionTable table)
    {
        table.Add("contains", [GoType.String, GoType.String], a => Text(a[1]).Contains(Text(a[0]), StringComparison.Ordinal));
        table.Add("hasPrefix", [GoType.String, GoType.String], a => Text(a[1]).StartsWith(Text(a[0]), StringComparison.Ordinal));
        table.Add("hasSuffix", [GoType.String, GoType.String], a => Text(a[1]).EndsWith(Text(a[0]), StringComparison.Ordinal));
        table.Add("splitList", [GoType.String, GoType.String], a => Split(Text(a[0]), Text(a[1])));
        table.Add("split", [GoType.String, GoType.String], a => NumberedParts(Split(Text(a[0]), Text(a[1]))));
        table.Add("join", [GoType.String, GoType.Any], a => string.Join(Text(a[0]), Lists.Texts(a[1])));
        table.Add("regexMatch", [GoType.String, GoType.String], a => Regex(a[0]).IsMatch(Text(a[1])));
        table.Add("regexFind", [GoType.String, GoType.String], a => Regex(a[0]).Match(Text(a[1])).Value);
        table.Add("regexReplaceAll", [GoType.String, GoType.String, GoType.String], a => Regex(a[0]).Replace(Text(a[1]), Text(a[2])));
        table.Add("semverCompare", [GoType.String, GoType.String], a => VersionConstraint.Parse(Text(a[0])).Admits(Text(a[1])));
        table.Add("base", [GoType.String], a => Text(a[0]).TrimEnd('/') is var path && path.Length == 0 ? "." : path[(path.LastIndexOf('/') + 1)..]);
    }

    private static void AddEncoding(FunctionTable table)
    {
        table.Add("b64enc", [GoType.String], a => Convert.ToBase64String(Encoding.UTF8.GetBytes(Text(a[0]))));
        table.Add("b64dec", [GoType.String], a => FromBase64(Text(a[0])));
        table.Add("sha256sum", [GoType.String], a => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text(a[0])))));
    }

    private static string Text(object? value) => (string)value!;

    private static string Join(object?[] values, Func<string, string> shape) =>
        string.Join(' ', values.Where(value => value is not null).Select(value => shape(GoText.Of(value))));

    private static string Title(string text)
    {
        var letters = text.ToCharArray();
        for (var i = 0; i < letters.Length; i++)
        {
            if (i == 0 || !(char.IsLetterOrDigit(letters[i - 1]) || letters[i - 1] is '_' or '\''))
            {
                letters[i] = char.ToUpperInvariant(letters[i]);
            }
        }

        return new string(letters);
    }

    private static string TrimSuffix(string suffix, string text) => text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text;

    private static string TrimPrefix(string prefix, string text) => text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;

    private static string Truncate(int length, string text) =>
        length < 0 && text.Length + length > 0 ? text[(text.Length + length)..]
        : length >= 0 && text.Length > length ? text[..length]
        : text;

    private static string Substring(int start, int end, string text) =>
        start < 0 ? text[..end] : end < 0 || end > text.Length ? text[start..] : text[start..end];

    private static string Replace(string old, string replacement, string text) => old.Length == 0
        ? throw new FunctionException("replace of an empty text is not supported")
        : text.Replace(old, replacement, StringComparison.Ordinal);

    private static string Indent(int spaces, string text)
    {
        var pad = new string(' ', spaces);
        return pad + text.Replace("\n", "\n" + pad, StringComparison.Ordinal);
    }

    private static List<object?> Split(string separator, string text) => separator.Length == 0
        ? throw new FunctionException("split by an empty text is not supported")
        : [.. text.Split(separator)];

    private static ValueMap NumberedParts(List<object?> parts)
    {
        var map = new ValueMap();
        for (var i = 0; i < parts.Count; i++)
        {
            map[$"_{i}"] = parts[i];
        }

        return map;
    }

    private static Regex Regex(object? pattern)
    {
        try
        {
            return new Regex(Text(pattern), RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5));
        }
        catch (ArgumentException exception)
        {
            throw new FunctionException(exception.Message);
        }
    }

    private static string FromBase64(string text)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(text));
        }
        catch (FormatException exception)
        {
            throw new FunctionException($"b64dec: {exception.Message}"); // Sprig returns the message as if it were the value
        }
    }
}
