using System.Numerics;
using System.Text.Json;
using Sluice.Contracts;

namespace Sluice.Predictor.Protocols;

/// <summary>How the elements of one datatype are written in JSON.</summary>
/// <typeparam name="T">The element.</typeparam>
internal interface IJsonElement<T>
    where T : unmanaged
{
    /// <summary>What an element must be, for messages.</summary>
    public static abstract string Expected { get; }

    /// <summary>Reads the number the reader stands on, straight from its bytes; false when it is not one of this datatype.</summary>
    public static abstract bool TryRead(ref Utf8JsonReader reader, out T value);

    /// <summary>Writes a number; false when JSON has none for it (NaN, infinity).</summary>
    public static abstract bool TryWrite(Utf8JsonWriter writer, T value);
}

/// <summary>FP32: rounded once, from the decimal digits; too large is refused, too small is zero.</summary>
internal readonly struct Fp32Json : IJsonElement<float>
{
    public static string Expected => $"a number that fits {Datatype.Fp32}";

    public static bool TryRead(ref Utf8JsonReader reader, out float value) => reader.TryGetSingle(out value) && float.IsFinite(value);

    public static bool TryWrite(Utf8JsonWriter writer, float value)
    {
        if (!float.IsFinite(value))
        {
            return false;
        }

        writer.WriteNumberValue(value);
        return true;
    }
}

/// <summary>FP64: as <see cref="Fp32Json"/>.</summary>
internal readonly struct Fp64Json : IJsonElement<double>
{
    public static string Expected => $"a number that fits {Datatype.Fp64}";

    public static bool TryRead(ref Utf8JsonReader reader, out double value) => reader.TryGetDouble(out value) && double.IsFinite(value);

    public static bool TryWrite(Utf8JsonWriter writer, double value)
    {
        if (!double.IsFinite(value))
        {
            return false;
        }

        writer.WriteNumberValue(value);
        return true;
    }
}

/// <summary>INT32: exact; 7.0 and 7e0 are 7, as languages with one kind of number write it.</summary>
internal readonly struct Int32Json : IJsonElement<int>
{
    public static string Expected => $"a whole number from {int.MinValue} to {int.MaxValue} ({Datatype.Int32})";

    public static bool TryRead(ref Utf8JsonReader reader, out int value) =>
        reader.TryGetInt32(out value) || WholeNumber.TryRead(ref reader, out value);

    public static bool TryWrite(Utf8JsonWriter writer, int value)
    {
        writer.WriteNumberValue(value);
        return true;
    }
}

/// <summary>INT64: as <see cref="Int32Json"/>; never by way of a double, which has 53 bits.</summary>
internal readonly struct Int64Json : IJsonElement<long>
{
    public static string Expected => $"a whole number from {long.MinValue} to {long.MaxValue} ({Datatype.Int64})";

    public static bool TryRead(ref Utf8JsonReader reader, out long value) =>
        reader.TryGetInt64(out value) || WholeNumber.TryRead(ref reader, out value);

    public static bool TryWrite(Utf8JsonWriter writer, long value)
    {
        writer.WriteNumberValue(value);
        return true;
    }
}

/// <summary>Whole numbers with a fraction of zeros or an exponent.</summary>
internal static class WholeNumber
{
    // A decimal holds 28 digits; of a longer text it would drop some, and with them perhaps a fraction.
    private const int LongestExact = 28;

    public static bool TryRead<T>(ref Utf8JsonReader reader, out T value)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        value = default;
        if (reader.ValueSpan.Length > LongestExact || !reader.TryGetDecimal(out var exact) || !decimal.IsInteger(exact)
            || exact < decimal.CreateChecked(T.MinValue) || exact > decimal.CreateChecked(T.MaxValue))
        {
            return false;
        }

        value = T.CreateChecked(exact);
        return true;
    }
}
