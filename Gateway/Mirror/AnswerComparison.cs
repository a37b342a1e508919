using System.Text.Json;

namespace Sluice.Gateway.Mirror;

/// <summary>Compares a canary's answer with stable's. Pure. What it says names outputs and rows, never a value.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>Names, shapes and datatypes must be the same; values that are not floating must be equal.</item>
/// <item>Where the class counts: where an answer has values that are not floating, they are the class, and scores beside them may differ, as those of
/// another version do; else it is the place of the largest value along the last axis, or for a single value the side of one half that it is on. Values
/// that are as near to each other as the tolerance are a tie, and either is right.</item>
/// <item>Else floating values must be within the tolerance.</item>
/// <item>A value that is no number where stable has one makes a difference in any case.</item>
/// </list>
/// </remarks>
internal static class AnswerComparison
{
    /// <summary>What the first difference is; null when there is none.</summary>
    /// <param name="stable">The parts of stable's answer.</param>
    /// <param name="canary">Those of the canary's.</param>
    /// <param name="rule">What counts.</param>
    public static string? FindDifference(
        IReadOnlyDictionary<string, AnswerTensor> stable, IReadOnlyDictionary<string, AnswerTensor> canary, ComparisonRule rule)
    {
        var floating = new List<(AnswerTensor Stable, AnswerTensor Canary)>();
        foreach (var (name, left) in stable)
        {
            if (!canary.TryGetValue(name, out var right))
            {
                return $"'{name}' is missing";
            }

            if (left.Datatype != right.Datatype || !left.Shape.AsSpan().SequenceEqual(right.Shape))
            {
                return $"'{name}' has another datatype or shape";
            }

            if (IsFloating(left, right, rule))
            {
                floating.Add((left, right));
            }
            else if (!AreEqual(left, right))
            {
                return $"'{name}' is another";
            }
        }

        return stable.Count != canary.Count ? "there are more outputs" : FindInFloating(floating, hasClass: HasExact(stable, floating), rule);
    }

    private static string? FindInFloating(List<(AnswerTensor Stable, AnswerTensor Canary)> pairs, bool hasClass, ComparisonRule rule)
    {
        foreach (var (stable, canary) in pairs)
        {
            for (var i = 0; i < stable.Numbers!.Length; i++)
            {
                if (double.IsNaN(canary.Numbers![i]) && !double.IsNaN(stable.Numbers[i]))
                {
                    return $"'{stable.Name}' has NaN";
                }
            }
        }

        if (rule.IsClass && hasClass)
        {
            return null;
        }

        // Of several outputs those that have as many values a row as there are classes are the scores.
        var scores = pairs.Where(pair => rule.IsClass && rule.Classes > 1 && pair.Stable.Shape is [.., var last] && last == rule.Classes).ToList();
        foreach (var (stable, canary) in scores.Count > 0 ? scores : pairs)
        {
            var difference = rule.IsClass ? FindInClasses(stable, canary, rule) : FindInValues(stable, canary, rule);
            if (difference is not null)
            {
                return difference;
            }
        }

        return null;
    }

    private static string? FindInValues(AnswerTensor stable, AnswerTensor canary, ComparisonRule rule)
    {
        for (var i = 0; i < stable.Numbers!.Length; i++)
        {
            var (left, right) = (stable.Numbers[i], canary.Numbers![i]);
            if (!rule.IsNear(left, right, stable.Datatype) && !(double.IsNaN(left) && double.IsNaN(right)))
            {
                return $"'{stable.Name}' is further off than the tolerance";
            }
        }

        return null;
    }

    private static string? FindInClasses(AnswerTensor stable, AnswerTensor canary, ComparisonRule rule)
    {
        var width = WidthOf(stable, rule);
        if (width == 1 && stable.Shape is [_, .., > 1])
        {
            return FindInValues(stable, canary, rule); // as many values a row as there are no classes: they are no scores
        }

        for (var start = 0; start < stable.Numbers!.Length; start += width)
        {
            if (!IsSameClass(stable.Numbers.AsSpan(start, width), canary.Numbers.AsSpan(start, width), stable.Datatype, rule))
            {
                return $"the class of row {start / width} of '{stable.Name}' is another";
            }
        }

        return null;
    }

    // A list of one dimension is one value for each row, unless it is exactly as long as there are classes.
    private static int WidthOf(AnswerTensor tensor, ComparisonRule rule) =>
        tensor.Shape is [.., var last] && last > 1 && (rule.Classes > 1 ? last == rule.Classes : tensor.Shape.Length > 1) ? (int)last : 1;

    private static bool IsSameClass(ReadOnlySpan<double> stable, ReadOnlySpan<double> canary, string? datatype, ComparisonRule rule)
    {
        const double Half = 0.5;
        if (stable.Length == 1)
        {
            return double.IsNaN(stable[0]) || (stable[0] >= Half) == (canary[0] >= Half) || rule.IsNear(Half, stable[0], datatype);
        }

        var (left, right) = (IndexOfMax(stable), IndexOfMax(canary));

        // Where stable itself has no class there is nothing to differ from.
        return left < 0 || left == right || (right >= 0 && rule.IsNear(stable[left], stable[right], datatype));
    }

    // -1 where a value is no number.
    private static int IndexOfMax(ReadOnlySpan<double> values)
    {
        var best = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (double.IsNaN(values[i]))
            {
                return -1;
            }

            best = values[i] > values[best] ? i : best;
        }

        return best;
    }

    // Whether these are floating values is the datatype's word, else the signature's, else that of how they are written. The index of a class may come from
    // floating scores: a list of whole numbers is compared as such where the class counts.
    private static bool IsFloating(AnswerTensor stable, AnswerTensor canary, ComparisonRule rule)
    {
        if (stable.Numbers is null || canary.Numbers is null)
        {
            return false;
        }

        var areWhole = stable.IsWhole && canary.IsWhole;
        return stable.Datatype is not null || ((stable.IsFloating ?? !areWhole) && !(areWhole && rule.IsClass && WidthOf(stable, rule) == 1));
    }

    private static bool HasExact(IReadOnlyDictionary<string, AnswerTensor> parts, List<(AnswerTensor Stable, AnswerTensor Canary)> floating) =>
        parts.Values.Count(part => part.Json.ValueKind != JsonValueKind.Undefined || part.Numbers is not null || part.Raw.Length > 0) > floating.Count;

    private static bool AreEqual(AnswerTensor stable, AnswerTensor canary) =>
        stable.Json.ValueKind == JsonValueKind.Undefined || canary.Json.ValueKind == JsonValueKind.Undefined
            ? stable.Json.ValueKind == canary.Json.ValueKind && stable.Raw.Span.SequenceEqual(canary.Raw.Span)
            : JsonElement.DeepEquals(stable.Json, canary.Json);
}
