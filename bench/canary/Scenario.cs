using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.CanaryBench;

/// <summary>What a verdict ought to be.</summary>
internal enum Label
{
    /// <summary>Promoted.</summary>
    Good,

    /// <summary>Rolled back.</summary>
    Bad,

    /// <summary>Either.</summary>
    Grey,
}

/// <summary>How a version answers.</summary>
/// <param name="Errors">Share of failed requests.</param>
/// <param name="P99">99th percentile of a log-normal latency, seconds.</param>
/// <param name="Client">Share of refused requests.</param>
internal sealed record Manner(double Errors = 0.005, double P99 = 0.3, double Client = 0.01);

/// <summary>A change for some minutes. What is null stays as it is.</summary>
/// <param name="Arm"><c>canary</c>, <c>stable</c> or <c>both</c>.</param>
/// <param name="From">Minutes.</param>
/// <param name="To">Minutes; null for the end.</param>
/// <param name="Errors">Share of failed requests during it.</param>
/// <param name="Latency">Factor of the latency.</param>
/// <param name="Client">Share of refused requests.</param>
/// <param name="RampMinutes">It grows over so long.</param>
/// <param name="DecayMinutes">It fades over so long.</param>
internal sealed record Change(
    string Arm, double From, double? To = null, double? Errors = null, double? Latency = null, double? Client = null, double RampMinutes = 0, double DecayMinutes = 0);

/// <summary>Failures in bursts.</summary>
/// <param name="Arm"><c>both</c> for bursts that hit both versions at once; <c>each</c> for bursts of either's own.</param>
/// <param name="EveryMinutes">Mean time from one to the next.</param>
/// <param name="Minutes">How long one lasts.</param>
/// <param name="Errors">Share of failed requests during it.</param>
internal sealed record Bursts(string Arm, double EveryMinutes, double Minutes, double Errors);

/// <summary>How the traffic varies.</summary>
/// <param name="Least">Lowest factor.</param>
/// <param name="Most">Highest factor.</param>
/// <param name="PeriodMinutes">Of a wave between them; 0: another factor each minute, by luck.</param>
internal sealed record Variation(double Least, double Most, double PeriodMinutes = 0);

/// <summary>What the canary's replicas cannot carry.</summary>
/// <param name="AboveWeight">Share of the traffic above which they are overloaded.</param>
/// <param name="Errors">Share of failed requests then.</param>
/// <param name="Latency">Factor of the latency then.</param>
internal sealed record Overload(double AboveWeight, double Errors, double Latency);

/// <summary>A time, minutes.</summary>
internal sealed record Span(double From, double To);

/// <summary>A rollout to judge.</summary>
internal sealed record Scenario(
    string Name,
    string Title,
    Label Label,
    double RequestsPerSecond = 20,
    Manner? Stable = null,
    Manner? Canary = null,
    int Gateways = 1,
    double SkewSeconds = 0,
    IReadOnlyList<Change>? Changes = null,
    Bursts? Bursts = null,
    Variation? Variation = null,
    Overload? Overload = null,
    IReadOnlyList<Span>? Unseen = null,
    Variation? Flapping = null,
    IReadOnlyList<double>? Restarts = null)
{
    /// <summary>The scenarios in a file: an array.</summary>
    public static IReadOnlyList<Scenario> Read(string path) =>
        JsonSerializer.Deserialize(File.ReadAllBytes(path), ScenarioJson.Default.IReadOnlyListScenario) ?? [];

    /// <summary>Whether a scrape at a time succeeds.</summary>
    public bool IsSeen(double minute)
    {
        foreach (var span in Unseen ?? [])
        {
            if (minute > span.From && minute <= span.To)
            {
                return false;
            }
        }

        // Flapping: seen for so many minutes, unseen for so many, in turn.
        return Flapping is not { } flap || minute % (flap.Least + flap.Most) <= flap.Least;
    }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, UseStringEnumConverter = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(IReadOnlyList<Scenario>))]
internal sealed partial class ScenarioJson : JsonSerializerContext;
