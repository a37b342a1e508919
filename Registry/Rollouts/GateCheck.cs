using System.Globalization;
using Sluice.Contracts;

namespace Sluice.Registry.Rollouts;

/// <summary>Whether a version may be tried: its registered figures against the model's gates. Pure.</summary>
internal static class GateCheck
{
    /// <summary>Every gate that the version does not pass, with figures.</summary>
    /// <param name="gates">The model's gates.</param>
    /// <param name="canary">The version's figures.</param>
    /// <param name="stable">The stable version's figures.</param>
    public static IReadOnlyList<string> Refusals(
        IReadOnlyList<Gate> gates, IReadOnlyDictionary<string, double> canary, IReadOnlyDictionary<string, double> stable) =>
        [.. gates.SelectMany(gate => Refusals(gate, canary, stable))];

    private static IEnumerable<string> Refusals(Gate gate, IReadOnlyDictionary<string, double> canary, IReadOnlyDictionary<string, double> stable)
    {
        if (!canary.TryGetValue(gate.Metric, out var figure))
        {
            yield return $"{gate.Metric}: the version has no such figure";
            yield break;
        }

        if (gate.Min is { } min && figure < min)
        {
            yield return $"{gate.Metric}: {Text(figure)} is less than {Text(min)}";
        }

        if (gate.Max is { } max && figure > max)
        {
            yield return $"{gate.Metric}: {Text(figure)} is more than {Text(max)}";
        }

        if (gate.MaxDrop is { } maxDrop && stable.TryGetValue(gate.Metric, out var before)
            && (gate.HigherIsBetter ? before - figure : figure - before) > maxDrop)
        {
            yield return $"{gate.Metric}: {Text(figure)} is worse than the stable version's {Text(before)} by more than {Text(maxDrop)}";
        }
    }

    private static string Text(double figure) => figure.ToString("0.######", CultureInfo.InvariantCulture);
}
