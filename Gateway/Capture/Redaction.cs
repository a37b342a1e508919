using System.Globalization;
using System.Text.Json;
using Sluice.Contracts;

namespace Sluice.Gateway.Capture;

/// <summary>Writes JSON without the values that are not to be kept. Pure.</summary>
/// <remarks>
/// A name leaves out the member of that name, the <c>data</c> of a tensor of that name, and the cells of a table's column of that name; a pointer
/// (RFC 6901) leaves out what it points to. What is left out shows as <see cref="LeftOut"/>.
/// </remarks>
internal sealed class Redaction
{
    /// <summary>Stands in for a value.</summary>
    public const string LeftOut = "[redacted]";

    private readonly HashSet<string> _names;
    private readonly HashSet<string> _pointers;

    public Redaction(IEnumerable<string> redact)
    {
        var all = redact.ToLookup(name => name.StartsWith('/'));
        (_names, _pointers) = (all[false].ToHashSet(StringComparer.Ordinal), all[true].ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>Whether anything is left out.</summary>
    public bool IsOn => _names.Count + _pointers.Count > 0;

    /// <summary>
    /// Whether a body in JSON can be redacted: values of a tensor that is to be left out may come without its name, as the rows of V1, and then all of the
    /// body has to be.
    /// </summary>
    /// <param name="body">The body.</param>
    /// <param name="protocol">Its protocol; v2 names every tensor.</param>
    /// <param name="tensors">The model's inputs, or its outputs.</param>
    public bool Covers(JsonElement body, InferenceProtocol protocol, IReadOnlyList<TensorSpec> tensors) =>
        protocol == InferenceProtocol.V2 || tensors.All(tensor => !_names.Contains(tensor.Name) || Has(body, tensor.Name));

    /// <summary>Writes a body.</summary>
    public void Write(Utf8JsonWriter writer, JsonElement body)
    {
        if (IsOn)
        {
            Write(writer, body, "");
        }
        else
        {
            body.WriteTo(writer);
        }
    }

    private void Write(Utf8JsonWriter writer, JsonElement value, string pointer)
    {
        if (_pointers.Contains(pointer))
        {
            writer.WriteStringValue(LeftOut);
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            WriteObject(writer, value, pointer);
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            WriteList(writer, value, pointer, columns: null);
        }
        else
        {
            value.WriteTo(writer);
        }
    }

    private void WriteObject(Utf8JsonWriter writer, JsonElement value, string pointer)
    {
        var isNamed = value.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String && _names.Contains(name.GetString()!);
        var columns = ColumnsOf(value);
        writer.WriteStartObject();
        foreach (var member in value.EnumerateObject())
        {
            writer.WritePropertyName(member.Name);
            var inner = $"{pointer}/{member.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
            if (_names.Contains(member.Name) || (isNamed && member.Name == "data"))
            {
                writer.WriteStringValue(LeftOut);
            }
            else if (member.Name == "data" && columns.Count > 0 && member.Value.ValueKind == JsonValueKind.Array && !_pointers.Contains(inner))
            {
                WriteRows(writer, member.Value, inner, columns);
            }
            else
            {
                Write(writer, member.Value, inner);
            }
        }

        writer.WriteEndObject();
    }

    private void WriteRows(Utf8JsonWriter writer, JsonElement rows, string pointer, HashSet<int> columns)
    {
        writer.WriteStartArray();
        var index = 0;
        foreach (var row in rows.EnumerateArray())
        {
            if (row.ValueKind == JsonValueKind.Array)
            {
                WriteList(writer, row, string.Create(CultureInfo.InvariantCulture, $"{pointer}/{index}"), columns);
            }
            else
            {
                writer.WriteStringValue(LeftOut); // no row: what it is the columns do not tell
            }

            index++;
        }

        writer.WriteEndArray();
    }

    private void WriteList(Utf8JsonWriter writer, JsonElement list, string pointer, HashSet<int>? columns)
    {
        writer.WriteStartArray();
        var index = 0;
        foreach (var element in list.EnumerateArray())
        {
            if (columns?.Contains(index) is true)
            {
                writer.WriteStringValue(LeftOut);
            }
            else
            {
                Write(writer, element, string.Create(CultureInfo.InvariantCulture, $"{pointer}/{index}"));
            }

            index++;
        }

        writer.WriteEndArray();
    }

    // The places of a table's columns that are left out.
    private HashSet<int> ColumnsOf(JsonElement value)
    {
        var places = new HashSet<int>();
        if (value.TryGetProperty("columns", out var columns) && columns.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var column in columns.EnumerateArray())
            {
                if (column.ValueKind == JsonValueKind.String && _names.Contains(column.GetString()!))
                {
                    places.Add(index);
                }

                index++;
            }
        }

        return places;
    }

    private static bool Has(JsonElement value, string name) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(member => member.Name == name || Has(member.Value, name)
            || (member.Name == "columns" && member.Value.ValueKind == JsonValueKind.Array
                && member.Value.EnumerateArray().Any(column => column.ValueKind == JsonValueKind.String && column.ValueEquals(name)))),
        JsonValueKind.Array => value.EnumerateArray().Any(element => Has(element, name)),
        _ => false,
    };
}
