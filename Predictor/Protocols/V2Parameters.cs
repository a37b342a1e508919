using System.Text.Json;
using Sluice.Predictor.Inference;

namespace Sluice.Predictor.Protocols;

/// <summary>Where in a v2 request a <c>parameters</c> object stands.</summary>
internal enum V2Scope
{
    Request,
    Input,
    Output,
}

/// <summary>The parameters that mean something to us. Others are accepted when they are strings, numbers or booleans.</summary>
/// <remarks>What would change the form of the bodies, or the meaning of the answer, and is not offered is refused: passing it over would mislead.</remarks>
internal readonly record struct V2Parameters
{
    private static readonly string[] NotOffered = ["classification", "shared_memory_region", "shared_memory_offset", "shared_memory_byte_size"];

    /// <summary>Of an input: its bytes behind the JSON.</summary>
    public long? BinaryDataSize { get; private init; }

    /// <summary>Of an output: whether it is wanted as binary.</summary>
    public bool? BinaryData { get; private init; }

    /// <summary>Of a request: whether all outputs are wanted as binary.</summary>
    public bool? BinaryDataOutput { get; private init; }

    /// <summary>Of a request: the time it has; null for none.</summary>
    public TimeSpan? Timeout { get; private init; }

    /// <summary>False for a parameter that asks for something that is not offered, on whatever wire.</summary>
    public static bool IsOffered(string key) => Array.IndexOf(NotOffered, key) < 0;

    /// <summary>Reads the object that the reader stands on.</summary>
    /// <exception cref="InferenceException">A value is not of the kind that its key asks for.</exception>
    public static V2Parameters Read(ref Utf8JsonReader reader, string what, V2Scope scope)
    {
        JsonBody.RequireObject(ref reader, what);
        var parameters = default(V2Parameters);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = JsonBody.ReadName(ref reader, what);
            reader.Read();
            var full = $"{what}.{Words.Cut(key)}";
            parameters = scope switch
            {
                V2Scope.Request => parameters.WithRequest(ref reader, key, full),
                V2Scope.Input when key == "binary_data_size" => parameters with { BinaryDataSize = ReadWhole(ref reader, full, "bytes") },
                V2Scope.Output when key == "binary_data" => parameters with { BinaryData = ReadBool(ref reader, full) },
                _ => parameters.WithOther(ref reader, key, full),
            };
        }

        return parameters;
    }

    private V2Parameters WithRequest(ref Utf8JsonReader reader, string key, string full)
    {
        switch (key)
        {
            case "binary_data_output":
                return this with { BinaryDataOutput = ReadBool(ref reader, full) };
            case "timeout":
                var microseconds = ReadWhole(ref reader, full, "microseconds");
                return this with { Timeout = microseconds == 0 ? null : TimeSpan.FromTicks(Math.Min(microseconds, long.MaxValue / TimeSpan.TicksPerMicrosecond) * TimeSpan.TicksPerMicrosecond) };
            case "priority":
                ReadWhole(ref reader, full, "which 1 is the highest of and 0 the default");
                return this;
            case "sequence_start" or "sequence_end":
                ReadBool(ref reader, full);
                return this;
            case "sequence_id" when reader.TokenType != JsonTokenType.String:
                ReadWhole(ref reader, full, "or a string");
                return this;
            case "headers":
                throw InferenceException.Client($"{full} is reserved for the server.");
            case not null when key.StartsWith("triton_", StringComparison.Ordinal):
                throw InferenceException.Client($"{full}: keys that begin with triton_ are reserved.");
            default:
                return WithOther(ref reader, key!, full);
        }
    }

    private V2Parameters WithOther(ref Utf8JsonReader reader, string key, string full)
    {
        if (!IsOffered(key))
        {
            throw InferenceException.Client($"{full} is not offered by this server.");
        }

        return reader.TokenType is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False
            ? this
            : throw InferenceException.Client($"{full}: a parameter is a string, a number or a boolean.");
    }

    private static bool ReadBool(ref Utf8JsonReader reader, string full) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw InferenceException.Client($"{full} must be true or false."),
    };

    private static long ReadWhole(ref Utf8JsonReader reader, string full, string unit) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) && value >= 0
            ? value
            : throw InferenceException.Client($"{full} must be a whole number, zero or more: {unit}.");
}
