using System.Globalization;
using System.Text.Json;
using Sluice.Contracts;

namespace Sluice.Predictor.Protocols;

/// <summary>FP32: rounded once, from the decimal digits; too large is refused, too small is zero.</summary>
internal readonly struct Fp32Json : IJsonElement<float>
{
    public static string Expected => $"a number that fits {Datatype.Fp32}";

    public static bool TryRead(ref Utf8JsonReader reader, out float value)
    {
        value = 0;
        return reader.TokenType == JsonTokenType.Number && reader.TryGetSingle(out value) && float.IsFinite(value);
    }

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

    public static bool TryRead(ref Utf8JsonReader reader, out double value)
    {
        value = 0;
        return reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out value) && double.IsFinite(value);
    }

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

/// <summary>FP16, which golden vectors write in JSON and no protocol does: requests and answers carry it as binary.</summary>
internal readonly struct Fp16Json : IJsonElement<Half>
{
    public static string Expected => $"a number that fits {Datatype.Fp16}";

    public static bool TryRead(ref Utf8JsonReader reader, out Half value)
    {
        value = default;
        return reader.TokenType == JsonTokenType.Number
            && Half.TryParse(reader.ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && Half.IsFinite(value);
    }

    public static bool TryWrite(Utf8JsonWriter writer, Half value) => Fp32Json.TryWrite(writer, (float)value);
}

/// <summary>BF16, as <see cref="Fp16Json"/>: the upper half of an FP32, rounded to the nearest, at a tie to the even one.</summary>
internal readonly struct Bf16Json : IJsonElement<ushort>
{
    private const ushort Infinity = 0x7F80;

    public static string Expected => $"a number that fits {Datatype.Bf16}";

    public static bool TryRead(ref Utf8JsonReader reader, out ushort value)
    {
        value = 0;
        if (!Fp32Json.TryRead(ref reader, out var wide))
        {
            return false;
        }

        var bits = BitConverter.SingleToUInt32Bits(wide);
        value = (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        return (value & Infinity) != Infinity;
    }

    public static bool TryWrite(Utf8JsonWriter writer, ushort value) => Fp32Json.TryWrite(writer, BitConverter.UInt32BitsToSingle((uint)value << 16));
}
