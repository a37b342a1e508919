using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sluice.Registry.Apply;

/// <summary>
/// Reads a YAML document, or a JSON one, which is YAML too, into a tree of bounded size and depth. Anchors and aliases, by which a few lines can mean
/// billions, and tags, by which a document names types, are refused.
/// </summary>
internal sealed class DocumentReader
{
    /// <summary>Bytes of a document.</summary>
    public const int Largest = 1 << 20;

    private const int Deepest = 20;
    private const int MostNodes = 100_000;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Parser _parser;
    private int _nodes;

    private DocumentReader(TextReader text) => _parser = new Parser(text);

    /// <summary>Reads a document.</summary>
    /// <param name="utf8">At most <see cref="Largest"/> bytes.</param>
    /// <exception cref="BadHttpRequestException">400: it is no document; the message names the line.</exception>
    public static DocumentNode Read(ReadOnlySpan<byte> utf8)
    {
        try
        {
            using var text = new StringReader(StrictUtf8.GetString(utf8));
            return new DocumentReader(text).ReadDocument();
        }
        catch (DecoderFallbackException exception)
        {
            throw new BadHttpRequestException("The body is not UTF-8 text.", exception);
        }
        catch (YamlException exception)
        {
            throw new BadHttpRequestException($"line {exception.Start.Line}: no YAML or JSON from column {exception.Start.Column} on: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is not (BadHttpRequestException or OutOfMemoryException))
        {
            // The parser fails on some texts that are none in ways of its own ("The scanner should contain no more tokens", found by fuzzing).
            throw new BadHttpRequestException("The body is no YAML or JSON.", exception);
        }
    }

    private DocumentNode ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
        {
            throw new BadHttpRequestException("The document is empty.");
        }

        var root = ReadNode("", depth: 0);
        _parser.Consume<DocumentEnd>();
        return _parser.TryConsume<StreamEnd>(out _) ? root : throw new BadHttpRequestException("The body has several documents; one is expected.");
    }

    private DocumentNode ReadNode(string path, int depth)
    {
        var line = _parser.Current?.Start.Line ?? 0;
        if (depth > Deepest || ++_nodes > MostNodes)
        {
            throw new BadHttpRequestException($"line {line}: the document has more than {MostNodes} values, or nests them deeper than {Deepest} levels.");
        }

        if (_parser.TryConsume<AnchorAlias>(out _))
        {
            throw new BadHttpRequestException($"line {line}, {path}: aliases (*name) are not supported; write the value out.");
        }

        if (_parser.Current is NodeEvent { Anchor.IsEmpty: false } or NodeEvent { Tag.IsEmpty: false })
        {
            throw new BadHttpRequestException($"line {line}, {path}: anchors (&name) and tags (!name) are not supported.");
        }

        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            return new DocumentScalar(line, path, Whole(scalar, path), scalar.Style is ScalarStyle.Plain);
        }

        return _parser.TryConsume<MappingStart>(out _) ? ReadMap(line, path, depth) : ReadList(line, path, depth);
    }

    private DocumentMap ReadMap(long line, string path, int depth)
    {
        var fields = new List<(string Name, DocumentNode Value)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var at = _parser.Current?.Start.Line ?? line;
            var name = ReadNode(path, depth + 1) is DocumentScalar key ? key.Text : throw new BadHttpRequestException($"line {at}, {path}: a name is expected.");
            if (!names.Add(name))
            {
                throw new BadHttpRequestException($"line {at}, {path}: '{name}' comes twice.");
            }

            fields.Add((name, ReadNode(path.Length == 0 ? name : $"{path}.{name}", depth + 1)));
        }

        return new DocumentMap(line, path, fields);
    }

    private DocumentList ReadList(long line, string path, int depth)
    {
        _parser.Consume<SequenceStart>();
        var items = new List<DocumentNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(ReadNode($"{path}[{items.Count}]", depth + 1));
        }

        return new DocumentList(line, path, items);
    }

    // "\ud800" alone is half of a character, which cannot be kept.
    private static string Whole(Scalar scalar, string path)
    {
        try
        {
            _ = StrictUtf8.GetByteCount(scalar.Value);
            return scalar.Value;
        }
        catch (EncoderFallbackException)
        {
            throw new BadHttpRequestException($"line {scalar.Start.Line}, {path}: the text is not Unicode.");
        }
    }
}
