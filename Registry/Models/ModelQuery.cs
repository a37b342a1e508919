using Sluice.Registry.Access;
using Sluice.Registry.Http;

namespace Sluice.Registry.Models;

/// <summary>A tag that is searched for: <c>key</c> for any value, or <c>key=value</c>.</summary>
internal sealed record TagFilter(string Key, string? Value)
{
    /// <summary>Reads every <c>tag</c> of a query; all of them must hold.</summary>
    public static IReadOnlyList<TagFilter> Of(IQueryCollection query) => [.. query["tag"].Where(tag => !string.IsNullOrEmpty(tag)).Select(tag => Parse(tag!))];

    /// <summary>Whether the tags have it.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> tags) => tags.TryGetValue(Key, out var value) && (Value is null || Value == value);

    private static TagFilter Parse(string text) => text.IndexOf('=', StringComparison.Ordinal) is var at and >= 0
        ? new TagFilter(text[..at], text[(at + 1)..])
        : new TagFilter(text, null);
}

/// <summary>Which models a request asks for.</summary>
/// <param name="Range">Which part of them.</param>
/// <param name="Name">A part of the name, whatever its case; null for any.</param>
/// <param name="Alias">An alias that the model has; null for any.</param>
/// <param name="Tags">Tags that the model has, all of them.</param>
/// <param name="Caller">Who asks: a key for one model sees no other.</param>
internal sealed record ModelQuery(PageRange Range, string? Name, string? Alias, IReadOnlyList<TagFilter> Tags, Caller Caller)
{
    /// <summary>Reads <c>name</c>, <c>alias</c>, <c>tag</c>, <c>limit</c> and <c>cursor</c>.</summary>
    /// <exception cref="BadHttpRequestException">400: one of them is not as expected.</exception>
    public static ModelQuery Of(IQueryCollection query, Caller caller) =>
        new(PageRange.Of(query), One(query, "name"), One(query, "alias"), TagFilter.Of(query), caller);

    /// <summary>Whether a model is asked for and lies behind the cursor.</summary>
    public bool Matches(ModelRecord model) =>
        Range.IsBehind(model.Name)
        && Caller.Covers(model.Name)
        && (Name is null || model.Name.Contains(Name, StringComparison.OrdinalIgnoreCase))
        && (Alias is null || model.Aliases.ContainsKey(Alias))
        && Tags.All(tag => tag.Matches(model.Tags));

    private static string? One(IQueryCollection query, string parameter) => query[parameter] switch
    {
        [] or [null or ""] => null,
        [var text] => text,
        _ => throw new BadHttpRequestException($"{parameter}: given several times; once is expected."),
    };
}
