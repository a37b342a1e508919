using Microsoft.Extensions.Primitives;
using Sluice.Contracts;
using Sluice.Gateway.Access;

namespace Sluice.Gateway.Splitting;

/// <summary>By what the caller of a request is known again.</summary>
internal static class StickyKey
{
    /// <summary>The key; empty when the model asks for none, or the request has none.</summary>
    public static ReadOnlySpan<char> Of(HttpContext context, Stickiness? stickiness) => stickiness?.Kind switch
    {
        StickinessKind.Header => context.Request.Headers[stickiness.Name!].ToString(),
        StickinessKind.Cookie => Cookie(context.Request.Headers.Cookie, stickiness.Name!),
        StickinessKind.Key => Caller.Of(context).Name,
        _ => default,
    };

    /// <summary>A cookie's value as it was sent, without making a collection of all of them; the first of several.</summary>
    public static ReadOnlySpan<char> Cookie(StringValues headers, string name)
    {
        foreach (var header in headers)
        {
            var rest = header.AsSpan();
            while (!rest.IsEmpty)
            {
                var end = rest.IndexOf(';');
                var pair = (end < 0 ? rest : rest[..end]).Trim();
                rest = end < 0 ? default : rest[(end + 1)..];
                if (pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name, StringComparison.Ordinal))
                {
                    return pair[(name.Length + 1)..].Trim('"');
                }
            }
        }

        return default;
    }
}
