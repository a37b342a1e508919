using System.Globalization;
using Sluice.Contracts;

namespace Sluice.CanaryJudge.Sources.Prometheus;

/// <summary>The questions: which gateway's page each scrape read, the series of a model, and, for the record, what was predicted.</summary>
internal static class GatewaySelectors
{
    /// <summary>The series that tells whose page it is on.</summary>
    public const string Info = "sluice_gateway_info";

    private const string OfModel =
        "sluice_gateway_requests_total|sluice_gateway_request_duration_seconds_bucket|sluice_gateway_request_duration_seconds_count|sluice_gateway_mirror_total"
        + "|sluice_gateway_route_weight_ratio|sluice_gateway_route_generation";

    // Before the last sample that is known lies another scrape or two, at the slowest pace that Prometheus itself works well with.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    /// <summary>How far to look back from a time, so that what is later than another one, and the last scrape before it, is there.</summary>
    public static TimeSpan RangeOf(DateTimeOffset at, DateTimeOffset since)
    {
        var back = at - since;
        return (back < TimeSpan.Zero ? TimeSpan.Zero : back > Longest - Margin ? Longest - Margin : back) + Margin;
    }

    /// <summary>Whose pages were read.</summary>
    public static string OfInfo(TimeSpan range) => Info + Text(range);

    /// <summary>The series of a model, and of its two versions where they are by version.</summary>
    /// <exception cref="ArgumentException">The name is no model's: nothing else may get into the question.</exception>
    public static string Of(MetricsQuery query, TimeSpan range) => ModelName.IsValid(query.Model)
        ? string.Create(CultureInfo.InvariantCulture, $$"""{__name__=~"{{OfModel}}",model="{{query.Model}}",version=~"{{query.Stable}}|{{query.Canary}}|"}{{Text(range)}}""")
        : throw new ArgumentException($"'{query.Model}' is not a model's name.", nameof(query));

    /// <summary>What the predictors counted of a model's predictions.</summary>
    public static string OfPredictions(MetricsQuery query, TimeSpan range) => string.Create(
        CultureInfo.InvariantCulture, $$"""sluice_predictor_predictions_total{model="{{query.Model}}",version=~"{{query.Stable}}|{{query.Canary}}"}{{Text(range)}}""");

    private static string Text(TimeSpan range) => string.Create(CultureInfo.InvariantCulture, $"[{range.TotalMilliseconds:0}ms]");
}
