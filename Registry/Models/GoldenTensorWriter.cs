using System.Text.Json;
using Sluice.Contracts;

namespace Sluice.Registry.Models;

/// <summary>Checks one tensor of a golden vector against its place in the signature, and writes it as shape and flat data.</summary>
/// <param name="writer">Where it goes.</param>
/// <param name="spec">What it must fit.</param>
/// <param name="where">Its place, for errors.</param>
internal sealed class GoldenTensorWriter(Utf8JsonWriter writer, TensorSpec spec, string where)
{
    private const float LargestBf16 = 3.3895314e38f;

    private readonly string _expected = Expectation(spec.Datatype);
    private long _count;

    /// <summary>Writes it.</summary>
    /// <exception cref="BadHttpRequestException">422: it does not fit.</exception>
    public void Write(JsonElement tensor)
    {
        var isNested = tensor.ValueKind != JsonValueKind.Object;
        var data = isNested ? tensor : Part(tensor, "data");
        var shape = isNested ? ShapeOf(data) : ReadShape(Part(tensor, "shape"));
        CheckShape(shape);
        writer.WriteStartObject();
        writer.WriteStartArray("shape");
        foreach (var size in shape)
        {
            writer.WriteNumberValue(size);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("data");
        WriteData(data, isNested ? where : $"{where}.data", isNested ? shape : []);
        writer.WriteEndArray();
        writer.WriteEndObject();
        CheckCount(shape);
    }

    /// <summary>A text of a JSON element; null when it is half of a surrogate pair, which the element says only when it is read.</summary>
    public static string? TryRead(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private JsonElement Part(JsonElement tensor, string name)
    {
        foreach (var field in tensor.EnumerateObject())
        {
            if (!field.NameEquals("shape") && !field.NameEquals("data"))
            {
                throw GoldenVectors.Wrong(where, "a field is neither shape nor data");
            }
        }

        return tensor.TryGetProperty(name, out var part) && part.ValueKind == JsonValueKind.Array
            ? part
            : throw GoldenVectors.Wrong($"{where}.{name}", "an array is expected");
    }

    private List<long> ReadShape(JsonElement shape)
    {
        var sizes = new List<long>();
        foreach (var size in shape.EnumerateArray())
        {
            sizes.Add(size.ValueKind == JsonValueKind.Number && size.TryGetInt64(out var number) && number > 0
                ? number
                : throw GoldenVectors.Wrong($"{where}.shape[{sizes.Count}]", "a whole number from 1 is expected"));
            if (sizes.Count > spec.Shape.Count)
            {
                break;
            }
        }

        return sizes;
    }

    private static List<long> ShapeOf(JsonElement nested)
    {
        var shape = new List<long>();
        for (var level = nested; level.ValueKind == JsonValueKind.Array; level = level[0])
        {
            shape.Add(level.GetArrayLength());
            if (shape[^1] == 0)
            {
                break;
            }
        }

        return shape;
    }

    private void CheckShape(List<long> shape)
    {
        if (shape.Count != spec.Shape.Count || spec.Shape.Where((size, i) => size >= 0 && size != shape[i]).Any() || shape.Contains(0))
        {
            throw GoldenVectors.Wrong(
                where, $"its shape is [{string.Join(", ", shape)}{(shape.Count > spec.Shape.Count ? ", …" : "")}]; the signature has [{string.Join(", ", spec.Shape)}], and no dimension may be 0");
        }
    }

    // Flat data has one level; nested data has one a dimension, each as long as the shape says.
    private void WriteData(JsonElement data, string at, IReadOnlyList<long> levels, int level = 0)
    {
        if (data.ValueKind != JsonValueKind.Array)
        {
            WriteValue(data, at);
            return;
        }

        if (level >= Math.Max(levels.Count, 1) || (levels.Count > 0 && data.GetArrayLength() != levels[level]))
        {
            throw GoldenVectors.Wrong(at, level >= Math.Max(levels.Count, 1) ? $"{_expected} is expected" : $"{levels[level]} elements are expected, as before");
        }

        var i = 0;
        foreach (var element in data.EnumerateArray())
        {
            // The place is only put into words where something is wrong: there may be a million of these.
            if (element.ValueKind == JsonValueKind.Array)
            {
                WriteData(element, $"{at}[{i}]", levels, level + 1);
            }
            else if (level + 1 < levels.Count)
            {
                throw GoldenVectors.Wrong($"{at}[{i}]", "an array is expected, as before");
            }
            else
            {
                WriteValue(element, at, i);
            }

            i++;
        }
    }

    private void WriteValue(JsonElement value, string at, int? index = null)
    {
        if (!Fits(value))
        {
            throw GoldenVectors.Wrong(index is null ? at : $"{at}[{index}]", $"{_expected} is expected");
        }

        value.WriteTo(writer);
        _count++;
    }

    private void CheckCount(List<long> shape)
    {
        UInt128 expected = 1;
        foreach (var size in shape)
        {
            expected = expected > (ulong)long.MaxValue ? expected : expected * (ulong)size;
        }

        if (expected != (UInt128)_count)
        {
            throw GoldenVectors.Wrong(where, $"its shape [{string.Join(", ", shape)}] asks for {expected} elements, the data has {_count}");
        }
    }

    private bool Fits(JsonElement value) => (spec.Datatype, value.ValueKind) switch
    {
        (Datatype.Bool, var kind) => kind is JsonValueKind.True or JsonValueKind.False,
        (Datatype.Bytes, var kind) => kind is JsonValueKind.String && TryRead(value.GetString) is not null,
        (_, not JsonValueKind.Number) => false,
        (Datatype.UInt8, _) => value.TryGetByte(out _),
        (Datatype.UInt16, _) => value.TryGetUInt16(out _),
        (Datatype.UInt32, _) => value.TryGetUInt32(out _),
        (Datatype.UInt64, _) => value.TryGetUInt64(out _),
        (Datatype.Int8, _) => value.TryGetSByte(out _),
        (Datatype.Int16, _) => value.TryGetInt16(out _),
        (Datatype.Int32, _) => value.TryGetInt32(out _),
        (Datatype.Int64, _) => value.TryGetInt64(out _),
        (Datatype.Fp16, _) => value.TryGetDouble(out var number) && Half.IsFinite((Half)number),
        (Datatype.Bf16, _) => value.TryGetDouble(out var number) && Math.Abs(number) <= LargestBf16,
        (Datatype.Fp32, _) => value.TryGetDouble(out var number) && float.IsFinite((float)number),
        _ => value.TryGetDouble(out var number) && double.IsFinite(number),
    };

    private static string Expectation(string datatype) => datatype switch
    {
        Datatype.Bool => "true or false",
        Datatype.Bytes => "a text",
        Datatype.Fp16 or Datatype.Bf16 or Datatype.Fp32 or Datatype.Fp64 => $"a finite number within {datatype}",
        _ => $"a whole number within {datatype}",
    };
}
