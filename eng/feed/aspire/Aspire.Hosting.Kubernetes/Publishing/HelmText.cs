using System.Text.RegularExpressions;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>The texts by which a chart's templates name its values, and what can be said of such texts.</summary>
internal static partial class HelmText
{
    public const string Parameters = "parameters";
    public const string Secrets = "secrets";
    public const string Config = "config";

    /// <summary>A name as a key of values.yaml, where an expression could not take a hyphen.</summary>
    public static string Key(string name) => name.Replace('-', '_');

    /// <summary>A name as that of an object in a cluster.</summary>
    public static string ObjectName(string resource, string part) => $"{resource.ToLowerInvariant()}-{part}";

    /// <summary>The expression for a value in a section of values.yaml.</summary>
    public static string Value(string section, string resource, string key) => $"{{{{ .Values.{section}.{Key(resource)}.{Key(key)} }}}}";

    /// <summary>Whether a text takes something from values.yaml.</summary>
    public static bool HasValue(string text) => Expression().IsMatch(text) && text.Contains(".Values.", StringComparison.Ordinal);

    /// <summary>Whether a text takes a secret from values.yaml.</summary>
    public static bool HasSecret(string text) => Expression().IsMatch(text) && text.Contains($".Values.{Secrets}.", StringComparison.Ordinal);

    /// <summary>Whether a text is one expression that yields a number, or begins with a condition; such texts are written without quotes.</summary>
    public static bool IsNumeric(string text) => Condition().IsMatch(text) || NumberAlone().IsMatch(text);

    /// <summary>The text with its numbers made texts: a config map takes nothing else.</summary>
    public static string WithNumbersAsText(string text) => Number().Replace(text, "${inner} | toString }}");

    [GeneratedRegex(@"\{\{\s*[^{}]+?\}\}")]
    private static partial Regex Expression();

    [GeneratedRegex(@"^\{\{\s*if\b")]
    private static partial Regex Condition();

    [GeneratedRegex(@"^\{\{[^{}]*\|\s*(int|int64|float64)\s*\}\}$")]
    private static partial Regex NumberAlone();

    [GeneratedRegex(@"(?<inner>\{\{[^}]*\|\s*(?:int|int64|float64))\s*\}\}")]
    private static partial Regex Number();
}
