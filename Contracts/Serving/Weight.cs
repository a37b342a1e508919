using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Contracts;

/// <summary>A share of a model's traffic in whole basis points, 0 to 10,000. In JSON it is that integer.</summary>
[JsonConverter(typeof(Weight.WeightJsonConverter))]
public readonly record struct Weight : IComparable<Weight>
{
    /// <summary>The number of basis points that is all of the traffic.</summary>
    public const int Whole = 10_000;

    /// <param name="basisPoints">0 to 10,000.</param>
    /// <exception cref="ArgumentOutOfRangeException">Outside that range.</exception>
    public Weight(int basisPoints)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(basisPoints);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(basisPoints, Whole);
        BasisPoints = basisPoints;
    }

    /// <summary>No traffic.</summary>
    public static Weight None => default;

    /// <summary>All of the traffic.</summary>
    public static Weight All => new(Whole);

    /// <summary>0 to 10,000.</summary>
    public int BasisPoints { get; }

    /// <inheritdoc />
    public int CompareTo(Weight other) => BasisPoints.CompareTo(other.BasisPoints);

    /// <summary>In per cent, e.g. <c>5 %</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{BasisPoints / 100m:0.##} %");

    /// <summary>Whether one share is smaller.</summary>
    public static bool operator <(Weight left, Weight right) => left.BasisPoints < right.BasisPoints;

    /// <summary>Whether one share is larger.</summary>
    public static bool operator >(Weight left, Weight right) => left.BasisPoints > right.BasisPoints;

    /// <summary>Whether one share is smaller or the same.</summary>
    public static bool operator <=(Weight left, Weight right) => left.BasisPoints <= right.BasisPoints;

    /// <summary>Whether one share is larger or the same.</summary>
    public static bool operator >=(Weight left, Weight right) => left.BasisPoints >= right.BasisPoints;

    /// <summary>Public for the generated JSON of records elsewhere that have weights.</summary>
    public sealed class WeightJsonConverter : JsonConverter<Weight>
    {
        /// <inheritdoc />
        public override Weight Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var points) && points is >= 0 and <= Whole
                ? new Weight(points)
                : throw new JsonException("A weight is a whole number of basis points, 0 to 10000.");

        /// <inheritdoc />
        public override void Write(Utf8JsonWriter writer, Weight value, JsonSerializerOptions options) => writer.WriteNumberValue(value.BasisPoints);
    }
}
