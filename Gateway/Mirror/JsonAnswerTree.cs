using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Sluice.Contracts;

namespace Sluice.Gateway.Mirror;

/// <summary>
/// Reads an answer of V1, MLflow or the plain form: JSON of no fixed shape. Nested lists of numbers with equal lengths are one part, and each other value
/// is one, so that answers with the same parts by name have the same form.
/// </summary>
/// <param name="signature">The model's.</param>
/// <param name="add">Takes each part.</param>
internal sealed class JsonAnswerTree(ModelSignature signature, Action<AnswerTensor> add)
{
    private readonly Dictionary<string, bool> _isFloating =
        signature.Outputs.DistinctBy(output => output.Name).ToDictionary(output => output.Name, output => V2Answer.FloatSize(output.Datatype) > 0, StringComparer.Ordinal);

    /// <summary>Reads all of it.</summary>
    /// <exception cref="InvalidDataException">A part is there twice, or there are too many.</exception>
    public void Read(JsonElement root)
    {
        var kinds = _isFloating.Values.Distinct().ToList();
        Read(root, "", kinds is [var all] ? all : null);
    }

    private void Read(JsonElement value, string path, bool? isFloating)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    var name = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
                    Read(property.Value, name, _isFloating.TryGetValue(property.Name, out var known) ? known : isFloating);
                }

                break;

            case JsonValueKind.Array when TryNumbers(value, path, isFloating) is { } numbers:
                add(numbers);
                break;

            case JsonValueKind.Array:
                var index = 0;
                foreach (var element in value.EnumerateArray())
                {
                    Read(element, string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]"), isFloating);
                }

                // So that a list's length is part of its form, whatever lies in it.
                add(new AnswerTensor(path + "[]", null, [index]));
                break;

            case JsonValueKind.Number:
                add(new AnswerTensor(path, null, []) { Numbers = [value.GetDouble()], Json = value, IsWhole = IsWhole(value), IsFloating = isFloating });
                break;

            default:
                add(new AnswerTensor(path, null, []) { Json = value });
                break;
        }
    }

    private static AnswerTensor? TryNumbers(JsonElement list, string path, bool? isFloating)
    {
        var shape = new List<long>();
        for (var inner = list; inner.ValueKind == JsonValueKind.Array; inner = inner[0])
        {
            shape.Add(inner.GetArrayLength());
            if (shape[^1] == 0)
            {
                break;
            }
        }

        var numbers = new List<double>();
        var isWhole = true;
        return Collect(list, 0, shape, numbers, ref isWhole)
            ? new AnswerTensor(path, null, [.. shape]) { Numbers = [.. numbers], Json = list, IsWhole = isWhole, IsFloating = isFloating }
            : null;
    }

    private static bool Collect(JsonElement value, int depth, List<long> shape, List<double> numbers, ref bool isWhole)
    {
        if (depth == shape.Count)
        {
            if (value.ValueKind != JsonValueKind.Number)
            {
                return false;
            }

            numbers.Add(value.GetDouble());
            isWhole = isWhole && IsWhole(value);
            return true;
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != shape[depth])
        {
            return false;
        }

        foreach (var element in value.EnumerateArray())
        {
            if (!Collect(element, depth + 1, shape, numbers, ref isWhole))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsWhole(JsonElement number) => !JsonMarshal.GetRawUtf8Value(number).ContainsAny(".eE"u8);
}
