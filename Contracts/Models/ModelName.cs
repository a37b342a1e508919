using System.Text.RegularExpressions;

namespace Sluice.Contracts;

/// <summary>The rule for a model's name, the same wherever one is read.</summary>
public static partial class ModelName
{
    /// <summary>The rule in words, for error messages.</summary>
    public const string Rule = "1 to 100 characters of A-Z a-z 0-9 . _ - and not only dots";

    /// <summary>Whether the name is allowed. Names of dots alone are not: they would be steps in a path.</summary>
    public static bool IsValid(string? name) => name is not null && Pattern().IsMatch(name);

    [GeneratedRegex(@"\A(?!\.+\z)[A-Za-z0-9._-]{1,100}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
