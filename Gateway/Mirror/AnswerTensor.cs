using System.Text.Json;

namespace Sluice.Gateway.Mirror;

/// <summary>A part of an answer that is compared as one: an output of v2; of the other protocols a list of numbers, or a value.</summary>
/// <param name="Name">The output's name, or the way to it in the JSON.</param>
/// <param name="Datatype">What the answer says it is; null where the protocol does not say.</param>
/// <param name="Shape">Its dimensions.</param>
internal sealed record AnswerTensor(string Name, string? Datatype, long[] Shape)
{
    /// <summary>The values as numbers; null for what is not floating, or no number.</summary>
    public double[]? Numbers { get; init; }

    /// <summary>The values in JSON; undefined for binary ones, and for floating ones with a datatype.</summary>
    public JsonElement Json { get; init; }

    /// <summary>The values as binary; for what is not floating.</summary>
    public ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>Whether the numbers are written as whole ones, each of them.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Whether the model's signature says that these are floating values; null where it does not say.</summary>
    public bool? IsFloating { get; init; }
}
