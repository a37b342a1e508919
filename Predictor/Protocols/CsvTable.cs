using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Sluice.Contracts;
using Sluice.Predictor.Inference;

namespace Sluice.Predictor.Protocols;

/// <summary>A table as comma-separated values in UTF-8, its first line the names of the columns: where each of its cells stands in the body.</summary>
/// <remarks>As RFC 4180 says: a cell in double quotes may hold commas, line ends and doubled quotes. Empty lines are passed over.</remarks>
internal sealed class CsvTable : Table
{
    private readonly ReadOnlyMemory<byte> _body;
    private readonly List<(int Start, int Length)> _cells;

    private CsvTable(IReadOnlyList<string> columns, ReadOnlyMemory<byte> body, List<(int, int)> cells)
        : base(columns) => (_body, _cells) = (body, cells);

    public override int Rows => (_cells.Count / Columns.Count) - 1;

    /// <summary>Reads a table.</summary>
    /// <exception cref="InferenceException">It is none.</exception>
    public static CsvTable Read(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
        {
            throw InferenceException.Client("The body is not valid UTF-8 text.");
        }

        var cells = new List<(int Start, int Length)>();
        var (at, line, width) = (0, 0, 0);
        while (at < body.Length)
        {
            var first = cells.Count;
            ReadLine(body.Span, ref at, line, cells);
            if (cells.Count - first == 1 && cells[first].Length == 0)
            {
                cells.RemoveAt(first); // an empty line
                continue;
            }

            width = line == 0 ? cells.Count : width;
            if (cells.Count - first != width)
            {
                throw InferenceException.Client($"csv: row {line} has {cells.Count - first} cells, the header has {width}.");
            }

            line++;
        }

        return width == 0
            ? throw InferenceException.Client("csv: the header is missing, a line with the names of the columns.")
            : new CsvTable([.. cells.Take(width).Select(cell => Encoding.UTF8.GetString(Content(body.Span, cell)))], body, cells);
    }

    public override void WriteCell(PooledBuffer target, int row, int column, TensorSpec spec)
    {
        var content = Content(_body.Span, _cells[((row + 1) * Columns.Count) + column]);
        if (spec.Datatype == Datatype.Bytes)
        {
            target.Write("\""u8);
            target.Write(JsonEncodedText.Encode(content).EncodedUtf8Bytes);
            target.Write("\""u8);
            return;
        }

        content = content.Trim(" \t"u8);
        target.Write(IsNumber(content) ? content
            : spec.Datatype == Datatype.Bool && Ascii.EqualsIgnoreCase(content, "true"u8) ? "true"u8
            : spec.Datatype == Datatype.Bool && Ascii.EqualsIgnoreCase(content, "false"u8) ? "false"u8
            : throw InferenceException.Client(
                $"csv: row {row + 1}, column {Words.Quoted(Columns[column])} is \"{Words.Raw(content)}\", which is no {(spec.Datatype == Datatype.Bool ? "true or false" : "number")}."));
    }

    private static void ReadLine(ReadOnlySpan<byte> body, ref int at, int line, List<(int Start, int Length)> cells)
    {
        while (true)
        {
            var start = at;
            at += LengthOfCell(body[at..], line);
            cells.Add((start, at - start));
            if (at < body.Length && body[at] == ',')
            {
                at++;
                continue;
            }

            at += body[at..].StartsWith("\r\n"u8) ? 2 : at < body.Length ? 1 : 0;
            return;
        }
    }

    private static int LengthOfCell(ReadOnlySpan<byte> rest, int line)
    {
        if (!rest.StartsWith("\""u8))
        {
            var end = rest.IndexOfAny(",\r\n"u8);
            return end < 0 ? rest.Length : end;
        }

        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"' && (++i == rest.Length || rest[i] != '"'))
            {
                return i == rest.Length || rest[i] is (byte)',' or (byte)'\r' or (byte)'\n'
                    ? i
                    : throw InferenceException.Client($"csv: row {line} has text behind a closing quote.");
            }
        }

        throw InferenceException.Client($"csv: row {line} has a quote that is not closed.");
    }

    private static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> body, (int Start, int Length) cell)
    {
        var raw = body.Slice(cell.Start, cell.Length);
        if (!raw.StartsWith("\""u8))
        {
            return raw;
        }

        raw = raw[1..^1];
        return raw.Contains((byte)'"') ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(raw).Replace("\"\"", "\"", StringComparison.Ordinal)) : raw;
    }

    private static bool IsNumber(ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text);
            return reader.Read() && reader.TokenType == JsonTokenType.Number && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
