using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Sluice.Predictor.Protocols;

/// <summary>
/// Whole numbers of any size and sign: exact, never by way of a double, which has 53 bits, and never wrapped. 7.0 and 7e0 are 7, as languages with one
/// kind of number write it.
/// </summary>
/// <typeparam name="T">The element.</typeparam>
internal readonly struct WholeJson<T> : IJsonElement<T>
    where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    // A decimal holds 28 digits; of a longer text it would drop some, and with them perhaps a fraction.
    private const int LongestExact = 28;

    public static string Expected => string.Create(CultureInfo.InvariantCulture, $"a whole number from {T.MinValue} to {T.MaxValue}");

    public static bool TryRead(ref Utf8JsonReader reader, out T value)
    {
        value = default;
        return reader.TokenType == JsonTokenType.Number
            && (T.TryParse(reader.ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) || TryReadOtherwise(ref reader, out value));
    }

    public static bool TryWrite(Utf8JsonWriter writer, T value)
    {
        if (typeof(T) == typeof(ulong))
        {
            writer.WriteNumberValue(ulong.CreateTruncating(value));
        }
        else
        {
            writer.WriteNumberValue(long.CreateTruncating(value));
        }

        return true;
    }

    private static bool TryReadOtherwise(ref Utf8JsonReader reader, out T value)
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

/// <summary>BOOL: true and false; 0 and 1 are taken too, as tables write them. Any other number is refused.</summary>
internal readonly struct BoolJson : IJsonElement<byte>
{
    public static string Expected => "true or false";

    public static bool TryRead(ref Utf8JsonReader reader, out byte value)
    {
        value = reader.TokenType == JsonTokenType.True ? (byte)1 : (byte)0;
        return reader.TokenType switch
        {
            JsonTokenType.True or JsonTokenType.False => true,
            JsonTokenType.Number => WholeJson<byte>.TryRead(ref reader, out value) && value <= 1,
            _ => false,
        };
    }

    public static bool TryWrite(Utf8JsonWriter writer, byte value)
    {
        writer.WriteBooleanValue(value != 0);
        return true;
    }
}
