using Microsoft.Net.Http.Headers;

namespace Sluice.Predictor.Inference;

/// <summary>What a caller says of compressed answers.</summary>
internal static class AcceptedEncoding
{
    public const string Gzip = "gzip";
    public const string Deflate = "deflate";

    /// <summary>The encoding that the caller likes best of those we have; null when it takes none, or likes the plain answer better.</summary>
    public static string? Of(HttpRequest request)
    {
        var accepted = request.Headers.AcceptEncoding;
        if (accepted.Count == 0 || !StringWithQualityHeaderValue.TryParseList(accepted, out var values))
        {
            return null;
        }

        var (gzip, deflate) = (QualityOf(values, Gzip) ?? 0, QualityOf(values, Deflate) ?? 0);
        var best = Math.Max(gzip, deflate);
        var plain = values.FirstOrDefault(value => value.Value.Equals("identity", StringComparison.OrdinalIgnoreCase)) is { } identity ? identity.Quality ?? 1 : 0;
        return best <= 0 || plain > best ? null : gzip >= deflate ? Gzip : Deflate;
    }

    private static double? QualityOf(IList<StringWithQualityHeaderValue> values, string encoding)
    {
        double? any = null;
        foreach (var value in values)
        {
            if (value.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase))
            {
                return value.Quality ?? 1;
            }

            any = value.Value == "*" ? value.Quality ?? 1 : any;
        }

        return any;
    }
}
