using System.Globalization;
using System.Text.Json;

namespace Sluice.CanaryJudge.Sources.Prometheus;

/// <summary>One series of an answer: raw samples with the times of their scrapes, ascending.</summary>
/// <param name="Labels">All of them, the name as <c>__name__</c>.</param>
/// <param name="Samples">Any values, NaN and the infinities too.</param>
internal sealed record PrometheusSeries(IReadOnlyDictionary<string, string> Labels, IReadOnlyList<Sample> Samples);

/// <summary>
/// What came of a question. Either all of it can be relied on, or nothing: an answer with an error, a warning (as of a store that could not be
/// asked) or of another form is none, whatever data it has.
/// </summary>
/// <param name="Series">The series; empty where there is a problem.</param>
/// <param name="Problem">Why the answer is none; null when it is one.</param>
/// <param name="MayPass">Whether it is worth asking again.</param>
internal sealed record PrometheusAnswer(IReadOnlyList<PrometheusSeries> Series, string? Problem = null, bool MayPass = false)
{
    private const int LongestWords = 200;

    /// <summary>No answer.</summary>
    public static PrometheusAnswer Failed(string problem, bool mayPass) => new([], problem, mayPass);

    /// <summary>Reads an answer to an instant query with a range selector.</summary>
    /// <param name="status">Its HTTP status.</param>
    /// <param name="mediaType">What it is said to be; null when it is not said.</param>
    /// <param name="body">The body.</param>
    public static PrometheusAnswer Read(int status, string? mediaType, ReadOnlyMemory<byte> body)
    {
        var mayPass = status is >= 500 or 408 or 429;
        if (mediaType != "application/json")
        {
            return Failed($"it answered {status} as {mediaType ?? "nothing named"}, which is not Prometheus' way", mayPass);
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return FindProblem(status, root) is { } problem ? Failed(problem, mayPass) : new(ReadMatrix(root.GetProperty("data")));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            return Failed(status is >= 200 and < 300 ? "its answer is not of the form expected" : $"it answered {status}", mayPass);
        }
    }

    // The API's own error may stand beside data, and a proxy's 502 beside a success that it cached.
    private static string? FindProblem(int status, JsonElement root)
    {
        if (root.GetProperty("status").GetString() != "success")
        {
            return $"it answered {status}, {Words(root, "errorType")}: {Words(root, "error")}";
        }

        return status is < 200 or >= 300 ? $"it answered {status}"
            : root.TryGetProperty("warnings", out var warnings) && warnings.ValueKind == JsonValueKind.Array && warnings.GetArrayLength() > 0
                ? $"its answer comes with a warning: {Cut(warnings[0].ToString())}"
            : root.GetProperty("data").GetProperty("resultType").GetString() != "matrix" ? "its answer is no range of samples"
            : null;
    }

    private static List<PrometheusSeries> ReadMatrix(JsonElement data)
    {
        var series = new List<PrometheusSeries>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in data.GetProperty("result").EnumerateArray())
        {
            var labels = item.GetProperty("metric").EnumerateObject().ToDictionary(
                label => label.Name, label => label.Value.GetString() ?? throw new FormatException("A label is null."), StringComparer.Ordinal);
            if (!seen.Add(LabelText.Of(labels)))
            {
                throw new FormatException("A series stands twice.");
            }

            // A native histogram has "histograms" in place of "values"; none of ours is one.
            series.Add(new(labels, [.. item.GetProperty("values").EnumerateArray().Select(ReadSample)]));
        }

        return series;
    }

    private static Sample ReadSample(JsonElement pair)
    {
        if (pair.GetArrayLength() != 2)
        {
            throw new FormatException("A sample is a time and a value.");
        }

        return new(DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Round(pair[0].GetDouble() * 1000)), ReadValue(pair[1].GetString()));
    }

    private static double ReadValue(string? text) => text switch
    {
        "NaN" => double.NaN,
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text ?? "", NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture),
    };

    private static string Words(JsonElement root, string property) => root.TryGetProperty(property, out var words) ? Cut(words.ToString()) : $"no {property}";

    private static string Cut(string words) => words.Length <= LongestWords ? words : string.Concat(words.AsSpan(0, LongestWords), "…");
}

/// <summary>Labels in one text, to compare and to show them.</summary>
internal static class LabelText
{
    /// <summary>By name: <c>instance="g1:8090",job="gateway"</c>.</summary>
    public static string Of(IEnumerable<KeyValuePair<string, string>> labels) =>
        string.Join(',', labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}=\"{label.Value}\""));
}
