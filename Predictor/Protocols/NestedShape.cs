using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Inference;

namespace Sluice.Predictor.Protocols;

/// <summary>Finds the shape of nested lists that do not say theirs.</summary>
internal static class NestedShape
{
    private const int MaxRank = 32;

    /// <summary>
    /// The shape of the tensor that the list the reader stands on is, and the shape of the list itself. That all lists are alike is checked when they
    /// are read.
    /// </summary>
    /// <param name="reader">A copy: the caller's stays where it is.</param>
    /// <param name="spec">The input.</param>
    /// <param name="field">Where the list stands, for messages.</param>
    /// <param name="oneRow">Whether one dimension less than the model declares is one row, where the model's first dimension may be 1.</param>
    /// <exception cref="InferenceException">The lists do not fit the input.</exception>
    public static (long[] Shape, long[] Nesting) Of(Utf8JsonReader reader, TensorSpec spec, string field, bool oneRow)
    {
        var nested = Measure(ref reader, spec, field);
        if (ShapeText.Fits(nested, spec.Shape))
        {
            return (nested, nested);
        }

        long[] row = [1, .. nested];
        return oneRow && ShapeText.Fits(row, spec.Shape)
            ? (row, nested)
            : throw InferenceException.Client(
                $"{field}: the lists have the shape {ShapeText.Of(nested)}, the input {spec.Name} takes {ShapeText.Of(spec.Shape)} (-1 is any size).");
    }

    // The first list of each level tells the level's size.
    internal static long[] Measure(ref Utf8JsonReader reader, TensorSpec spec, string field)
    {
        var counts = new List<long> { 0 };
        var depth = 1;
        var known = 0; // levels from the innermost outwards are settled when their first list ends
        while (depth > 0 && reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndArray)
            {
                known = known == 0 ? depth : Math.Min(known, depth);
                depth--;
                continue;
            }

            if (known == 0 || depth < known)
            {
                counts[depth - 1]++;
            }

            if (reader.TokenType == JsonTokenType.StartArray)
            {
                depth++;
                if (depth > MaxRank)
                {
                    throw InferenceException.Client($"{field}: the lists of the input {spec.Name} are nested more than {MaxRank} deep.");
                }

                if (counts.Count < depth)
                {
                    counts.Add(0);
                }
            }
            else if (reader.TokenType == JsonTokenType.StartObject)
            {
                reader.Skip();
            }
        }

        return [.. counts];
    }
}
