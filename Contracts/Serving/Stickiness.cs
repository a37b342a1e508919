using System.Text.Json.Serialization;

namespace Sluice.Contracts;

/// <summary>By what a caller is known again, so that a split of the traffic sends it to the same version each time.</summary>
public enum StickinessKind
{
    /// <summary>By nothing: each request is drawn anew.</summary>
    None,

    /// <summary>By the value of a request header.</summary>
    Header,

    /// <summary>By the value of a cookie.</summary>
    Cookie,

    /// <summary>By the API key that it uses.</summary>
    Key,
}

/// <summary>Who stays on the same version while a model's traffic is split. A request that lacks what it asks for is drawn by the weight alone.</summary>
/// <param name="Kind">By what callers are known.</param>
/// <param name="Name">The name of the header or cookie; null for the other kinds.</param>
public sealed record Stickiness([property: JsonRequired] StickinessKind Kind, string? Name = null)
{
    private const int LongestName = 100;
    private const string NameMarks = "!#$%&'*+-.^_`|~";

    /// <summary>The member that is not as it must be, and what is expected of it; null when all are.</summary>
    public (string Member, string Expected)? FindProblem() => Kind switch
    {
        StickinessKind.Header or StickinessKind.Cookie => IsName(Name) ? null : ("name", "the name of a header or cookie is expected, of 1 to 100 characters"),
        StickinessKind.None or StickinessKind.Key => Name is null ? null : ("name", "only a header or a cookie has a name"),
        _ => ("kind", "none, header, cookie or key is expected"),
    };

    // What HTTP calls a token: names of headers and cookies are nothing else.
    private static bool IsName(string? name) =>
        name is { Length: > 0 and <= LongestName } && name.All(c => char.IsAsciiLetterOrDigit(c) || NameMarks.Contains(c, StringComparison.Ordinal));
}
