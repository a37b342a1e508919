using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.Extensions;

namespace Sluice.Registry.Http;

/// <summary>A part of a list, and where the next one begins.</summary>
/// <param name="Items">In the list's order.</param>
/// <param name="Next">The name of the last item, behind which the next part begins; null when this was the last part.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? Next)
{
    /// <summary>Says in the answer where the next part is: <c>Link: &lt;…&gt;; rel="next"</c> (RFC 8288).</summary>
    public void LinkNext(HttpContext context)
    {
        if (Next is null)
        {
            return;
        }

        var query = new QueryBuilder(context.Request.Query.Where(pair => pair.Key != PageRange.Cursor));
        query.Add(PageRange.Cursor, PageRange.CursorAt(Next));
        context.Response.Headers.Link = $"<{context.Request.PathBase}{context.Request.Path}{query}>; rel=\"next\"";
    }
}

/// <summary>
/// Which part of a list a request asks for: <c>limit</c> items behind <c>cursor</c>. A cursor names the last item that was seen, so what comes or goes
/// in between neither repeats nor hides another item.
/// </summary>
/// <param name="Limit">Items at most.</param>
/// <param name="After">The name of the item before the first; null to begin with the first.</param>
internal sealed record PageRange(int Limit, string? After)
{
    /// <summary>The query parameter that says where to begin.</summary>
    public const string Cursor = "cursor";

    /// <summary>The whole list.</summary>
    public static readonly PageRange All = new(int.MaxValue - 1, null);

    private const int DefaultLimit = 100;
    private const int MostItems = 1000;
    private const int LongestCursor = 400;

    /// <summary>Reads <c>limit</c> and <c>cursor</c>.</summary>
    /// <exception cref="BadHttpRequestException">400: one of them is not as expected.</exception>
    public static PageRange Of(IQueryCollection query)
    {
        var limit = DefaultLimit;
        if (query["limit"] is [var text] && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is > 0 and <= MostItems))
        {
            throw new BadHttpRequestException($"limit: '{text}' is none; a whole number of 1 to {MostItems} is expected.");
        }

        return new PageRange(limit, query[Cursor] is [{ Length: > 0 } cursor] ? NameIn(cursor) : null);
    }

    /// <summary>The cursor behind an item.</summary>
    public static string CursorAt(string name) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(name));

    /// <summary>Whether an item lies behind the cursor, in a list by name in ordinal order.</summary>
    public bool IsBehind(string name) => After is null || string.CompareOrdinal(name, After) > 0;

    /// <summary>Whether an item lies behind the cursor, in a list by number.</summary>
    public bool IsBehind(int number) => After is null
        || number > (int.TryParse(After, NumberStyles.None, CultureInfo.InvariantCulture, out var after) ? after : throw Strange());

    /// <summary>The first items behind the cursor.</summary>
    /// <param name="items">All that are behind it, in order; read no further than needed.</param>
    /// <param name="nameOf">An item's name, or number.</param>
    /// <param name="show">What is made of an item that is shown.</param>
    public Page<TShown> Take<T, TShown>(IEnumerable<T> items, Func<T, string> nameOf, Func<T, TShown> show)
    {
        var taken = items.Take(Limit + 1).ToList();
        return taken.Count > Limit
            ? new Page<TShown>([.. taken.Take(Limit).Select(show)], nameOf(taken[Limit - 1]))
            : new Page<TShown>([.. taken.Select(show)], null);
    }

    private static string NameIn(string cursor) =>
        cursor.Length <= LongestCursor && Base64Url.IsValid(cursor) ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)) : throw Strange();

    private static BadHttpRequestException Strange() => new($"{Cursor}: none of this list; the Link header of the page before has it.");
}
