using System.Buffers;
using System.Text.Json;

namespace Sluice.Registry.Apply;

/// <summary>The same document as JSON, for rules that are written for it.</summary>
internal static class DocumentJson
{
    /// <summary>A text, whatever its quotes, or null.</summary>
    public static JsonElement Text(DocumentNode node) => node switch
    {
        DocumentScalar { IsNull: true } => Build(writer => writer.WriteNullValue()),
        DocumentScalar scalar => Build(writer => writer.WriteStringValue(scalar.Text)),
        _ => throw node.Wrong("a text is expected"),
    };

    /// <summary>An object of these fields.</summary>
    public static JsonElement Object(IReadOnlyDictionary<string, JsonElement> fields) => Build(writer =>
    {
        writer.WriteStartObject();
        foreach (var (name, value) in fields)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    });

    /// <summary>A list of these items.</summary>
    public static JsonElement List(IEnumerable<JsonElement> items) => Build(writer =>
    {
        writer.WriteStartArray();
        foreach (var item in items)
        {
            item.WriteTo(writer);
        }

        writer.WriteEndArray();
    });

    /// <summary>Any node. A plain scalar is what JSON would read it as, else a text.</summary>
    public static JsonElement Of(DocumentNode node) => Build(writer => Write(writer, node));

    private static void Write(Utf8JsonWriter writer, DocumentNode node)
    {
        switch (node)
        {
            case DocumentMap map:
                writer.WriteStartObject();
                foreach (var (name, value) in map.Fields)
                {
                    writer.WritePropertyName(name);
                    Write(writer, value);
                }

                writer.WriteEndObject();
                break;
            case DocumentList list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case DocumentScalar scalar:
                WriteScalar(writer, scalar);
                break;
        }
    }

    private static void WriteScalar(Utf8JsonWriter writer, DocumentScalar scalar)
    {
        if (scalar.IsNull)
        {
            writer.WriteNullValue();
        }
        else if (scalar.IsPlain && (scalar.Text is "true" or "false" || IsNumber(scalar.Text)))
        {
            writer.WriteRawValue(scalar.Text);
        }
        else
        {
            writer.WriteStringValue(scalar.Text);
        }
    }

    private static bool IsNumber(string text)
    {
        try
        {
            return JsonElement.Parse(text).ValueKind == JsonValueKind.Number;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static JsonElement Build(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            write(writer);
        }

        return JsonElement.Parse(bytes.WrittenSpan);
    }
}
