using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Inference;

namespace Sluice.Predictor.Protocols;

/// <summary>A table in JSON: where each of its cells stands in the body.</summary>
internal sealed class JsonTable : Table
{
    private readonly ReadOnlyMemory<byte> _body;
    private readonly List<(int Start, int Length)> _cells;

    private JsonTable(IReadOnlyList<string> columns, ReadOnlyMemory<byte> body, List<(int, int)> cells)
        : base(columns) => (_body, _cells) = (body, cells);

    public override int Rows => Columns.Count == 0 ? 0 : _cells.Count / Columns.Count;

    /// <summary>Reads a list of objects; the first one says which columns there are.</summary>
    public static JsonTable OfRecords(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, string field)
    {
        JsonBody.RequireArray(ref reader, field);
        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        var names = new List<string>();
        var cells = new List<(int Start, int Length)>();
        for (var row = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; row++)
        {
            JsonBody.RequireObject(ref reader, $"{field}[{row}]");
            ReadRecord(ref reader, $"{field}[{row}]", row == 0, columns, names, cells);
        }

        return new JsonTable(names, body, cells);
    }

    /// <summary>Reads <c>{"columns": […], "data": [[…], …], "index": …}</c>; without columns, those are nameless.</summary>
    public static JsonTable OfSplit(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, string field)
    {
        JsonBody.RequireObject(ref reader, field);
        List<string>? columns = null;
        List<(int, int)>? cells = null;
        var width = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("columns"u8))
            {
                reader.Read();
                columns = ReadColumns(ref reader, $"{field}.columns");
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                reader.Read();
                (cells, width) = ReadCells(ref reader, $"{field}.data");
            }
            else
            {
                reader.Skip();
            }
        }

        _ = cells ?? throw InferenceException.Client($"{field}.data is missing: a list of rows.");
        if (columns is not null && cells.Count > 0 && columns.Count != width)
        {
            throw InferenceException.Client($"{field}: the rows of data have {width} cells, columns has {columns.Count} names.");
        }

        return new JsonTable(columns ?? [.. Enumerable.Repeat("", width)], body, cells);
    }

    public override void WriteCell(PooledBuffer target, int row, int column, TensorSpec spec)
    {
        var (start, length) = _cells[(row * Columns.Count) + column];
        target.Write(_body.Span.Slice(start, length));
    }

    private static void ReadRecord(
        ref Utf8JsonReader reader, string what, bool first, Dictionary<string, int> columns, List<string> names, List<(int Start, int Length)> cells)
    {
        var start = cells.Count;
        var found = 0;
        cells.AddRange(Enumerable.Repeat((-1, 0), first ? 0 : names.Count));
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonBody.ReadName(ref reader, what);
            if (first && columns.TryAdd(name, names.Count))
            {
                names.Add(name);
                cells.Add((-1, 0));
            }

            if (!columns.TryGetValue(name, out var column) || cells[start + column].Start >= 0)
            {
                throw InferenceException.Client($"{what}: the column {Words.Quoted(name)} is {(columns.ContainsKey(name) ? "there twice" : "not in the first row")}.");
            }

            reader.Read();
            cells[start + column] = ReadCell(ref reader);
            found++;
        }

        if (found < names.Count)
        {
            throw InferenceException.Client($"{what}: the column {Words.Quoted(names[cells.FindIndex(start, cell => cell.Start < 0) - start])} is missing.");
        }

        if (names.Count == 0)
        {
            throw InferenceException.Client($"{what} has no columns.");
        }
    }

    private static List<string> ReadColumns(ref Utf8JsonReader reader, string what)
    {
        JsonBody.RequireArray(ref reader, what);
        var names = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            names.Add(reader.TokenType == JsonTokenType.Number ? Words.Raw(reader.ValueSpan) : JsonBody.ReadString(ref reader, $"{what}[{names.Count}]"));
        }

        return names;
    }

    private static (List<(int Start, int Length)> Cells, int Width) ReadCells(ref Utf8JsonReader reader, string what)
    {
        JsonBody.RequireArray(ref reader, what);
        var cells = new List<(int Start, int Length)>();
        var width = 0;
        for (var row = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; row++)
        {
            JsonBody.RequireArray(ref reader, $"{what}[{row}]");
            var start = cells.Count;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                cells.Add(ReadCell(ref reader));
            }

            width = row == 0 ? cells.Count : width;
            if (cells.Count - start != width || width == 0)
            {
                throw InferenceException.Client($"{what}[{row}] has {cells.Count - start} cells, the first row has {width}; a row has one or more, as many as the others.");
            }
        }

        return (cells, width);
    }

    private static (int Start, int Length) ReadCell(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return (start, (int)reader.BytesConsumed - start);
    }
}
