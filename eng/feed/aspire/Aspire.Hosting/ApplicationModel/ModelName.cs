namespace Aspire.Hosting.ApplicationModel;

/// <summary>The rule for names of resources and endpoints: they become parts of host names, variables and DCP objects.</summary>
internal static class ModelName
{
    private const int MaxLength = 64;

    public static string Validate(string kind, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var reason =
            name.Length > MaxLength ? $"is longer than {MaxLength} characters"
            : !char.IsAsciiLetter(name[0]) ? "must start with an ASCII letter"
            : !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') ? "may contain only ASCII letters, digits and hyphens"
            : name.Contains("--", StringComparison.Ordinal) ? "may not contain consecutive hyphens"
            : name.EndsWith('-') ? "may not end with a hyphen"
            : null;
        return reason is null ? name : throw new ArgumentException($"{kind} name '{name}' {reason}.", nameof(name));
    }

    /// <summary>The form in which a name becomes part of a variable such as <c>ORDER_API_HTTP</c>.</summary>
    public static string ToVariable(string name)
    {
        var encoded = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));
        return char.IsAsciiDigit(encoded[0]) ? "_" + encoded : encoded;
    }
}
