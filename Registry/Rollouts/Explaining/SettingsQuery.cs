using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Judging;
using Sluice.Registry.Http;

namespace Sluice.Registry.Rollouts.Explaining;

/// <summary>Settings to try, as a query names them: <c>?maxErrorRate=0.01&amp;rule=Checks</c>. What is not named stays as it was.</summary>
internal static class SettingsQuery
{
    private const string Rule = "rule";

    /// <summary>The names a query may have.</summary>
    public static IReadOnlyList<string> Names { get; } = [Rule, .. JudgingJson.Default.JudgeSettings.Properties.Where(property => property.Set is not null || property.AssociatedParameter is not null).Select(property => property.Name)];

    /// <summary>The opening with what the query says instead.</summary>
    /// <param name="opening">The rollout's.</param>
    /// <param name="query">Of the request.</param>
    /// <param name="others">Names that are not of settings.</param>
    public static (Opening? Opening, FieldProblem? Problem) Apply(Opening opening, IQueryCollection query, params string[] others)
    {
        var settings = JsonSerializer.SerializeToNode(opening.Settings, JudgingJson.Default.JudgeSettings)!.AsObject();
        var rule = opening.Rule;
        foreach (var (key, values) in query.Where(pair => !others.Contains(pair.Key, StringComparer.OrdinalIgnoreCase)))
        {
            var (name, value) = (Names.FirstOrDefault(known => known.Equals(key, StringComparison.OrdinalIgnoreCase)), values.ToString());
            if (name is null)
            {
                return (null, new FieldProblem(key, $"is no setting; {string.Join(", ", Names)} are"));
            }

            if (name != Rule)
            {
                settings[name] = Node(value);
            }
            else if (!Enum.TryParse(value, ignoreCase: true, out rule) || !Enum.IsDefined(rule) || char.IsAsciiDigit(value[0]))
            {
                return (null, new FieldProblem(Rule, "Sequential, Checks or None is expected"));
            }
        }

        return Read(settings) is var (read, problem) && read is null ? (null, problem) : (opening with { Rule = rule, Settings = read! }, null);
    }

    private static (JudgeSettings? Settings, FieldProblem? Problem) Read(JsonObject json)
    {
        try
        {
            var settings = json.Deserialize(JudgingJson.Default.JudgeSettings)!;
            return SettingsRules.FindProblem(settings) is { } problem && problem.Split(':', 2) is [var name, var words] ? (null, new FieldProblem(name, words.Trim())) : (settings, null);
        }
        catch (JsonException exception)
        {
            return (null, new FieldProblem((exception.Path ?? "").TrimStart('$', '.'), "a value of the setting's kind is expected"));
        }
    }

    private static JsonNode? Node(string value) =>
        bool.TryParse(value, out var flag) ? flag
        : value is "" or "null" ? null
        : long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole
        : double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
        : value;
}
