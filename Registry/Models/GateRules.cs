using Sluice.Contracts;
using Sluice.Registry.Http;

namespace Sluice.Registry.Models;

/// <summary>The rules for a model's gates.</summary>
internal static class GateRules
{
    /// <summary>The form in words, for errors.</summary>
    public const string Form =
        """an array of {"metric": name, "min": number, "max": number, "maxDrop": number from 0, "higherIsBetter": true or false (true)}, with at least one of min, max, maxDrop""";

    private const int MostGates = 100;

    /// <summary>The first gate that breaks a rule, and the rule; null when none does.</summary>
    /// <param name="field">What the gates are called where they stand.</param>
    /// <param name="gates">The gates.</param>
    public static FieldProblem? FindProblem(string field, IReadOnlyList<Gate> gates)
    {
        if (gates.Count > MostGates)
        {
            return new FieldProblem(field, $"at most {MostGates} are allowed");
        }

        var metrics = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < gates.Count; i++)
        {
            // What is null in JSON is null here, whatever the type says.
            var at = $"{field}[{i}]";
            if ((gates[i] is null ? new FieldProblem(at, "a gate is expected") : FindProblem(at, gates[i])) is { } problem)
            {
                return problem;
            }

            if (!metrics.Add(gates[i].Metric))
            {
                return new FieldProblem($"{at}.metric", $"there is another gate of {gates[i].Metric}; one a metric is expected");
            }
        }

        return null;
    }

    private static FieldProblem? FindProblem(string at, Gate gate) =>
        FieldProblem.Unless(
            gate.Metric is { Length: > 0 and <= FactRules.LongestKey }, $"{at}.metric", $"a metric's name of 1 to {FactRules.LongestKey} characters is expected")
        ?? FieldProblem.Unless(gate.Min is not null || gate.Max is not null || gate.MaxDrop is not null, at, "at least one of min, max, maxDrop is expected")
        ?? FieldProblem.Unless(gate.Min is null || double.IsFinite(gate.Min.Value), $"{at}.min", "a finite number is expected")
        ?? FieldProblem.Unless(gate.Max is null || double.IsFinite(gate.Max.Value), $"{at}.max", "a finite number is expected")
        ?? FieldProblem.Unless(!(gate.Min > gate.Max), $"{at}.max", $"at least min ({gate.Min}) is expected, else nothing passes")
        ?? FieldProblem.Unless(
            gate.MaxDrop is null || (double.IsFinite(gate.MaxDrop.Value) && gate.MaxDrop >= 0), $"{at}.maxDrop", "a finite number from 0 is expected");
}
