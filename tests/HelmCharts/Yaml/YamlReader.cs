using Sluice.HelmCharts.Values;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Sluice.HelmCharts.Yaml;

/// <summary>Reads YAML into <see cref="ValueMap"/>s with the types that Helm and Kubernetes see.</summary>
internal static class YamlReader
{
    /// <summary>The one document of a text; null for an empty one.</summary>
    /// <exception cref="ChartException">It is not YAML, has a key twice, or more than one document.</exception>
    public static object? ReadOne(string text, string name, int firstLine = 1)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException exception)
        {
            var line = (int)exception.Start.Line;
            throw new ChartException(name, firstLine + line - 1, $"not YAML: {Reason(exception)}\n{LinesAround(text, line, firstLine)}", exception);
        }
        catch (InvalidOperationException exception)
        {
            // The library loses its way, and does not say where, when a bracket is not closed.
            var line = LastReadableLine(text);
            throw new ChartException(name, firstLine + line - 1, $"not YAML: perhaps a bracket is not closed\n{LinesAround(text, line, firstLine)}", exception);
        }

        return stream.Documents.Count switch
        {
            0 => null,
            1 => Convert(stream.Documents[0].RootNode, name, firstLine, text),
            _ => throw new ChartException(name, firstLine, $"one document was expected, not {stream.Documents.Count}"),
        };
    }

    /// <summary>The same value as Helm gets it by way of JSON: every number is a float64.</summary>
    public static object? AsHelm(object? value)
    {
        switch (value)
        {
            case long number:
                return (double)number;
            case ValueMap map:
                var result = new ValueMap();
                foreach (var (key, item) in map)
                {
                    result[key] = AsHelm(item);
                }

                return result;
            case List<object?> list:
                return list.ConvertAll(AsHelm);
            default:
                return value;
        }
    }

    private static object? Convert(YamlNode node, string name, int firstLine, string text)
    {
        switch (node)
        {
            case YamlScalarNode { Style: ScalarStyle.Plain or ScalarStyle.Any } scalar when scalar.Tag.IsEmpty:
                return YamlScalar.Resolve(scalar.Value ?? "");
            case YamlScalarNode scalar:
                return scalar.Value ?? "";
            case YamlSequenceNode sequence:
                return sequence.Children.Select(child => Convert(child, name, firstLine, text)).ToList();
            case YamlMappingNode mapping:
                var map = new ValueMap();
                foreach (var (key, value) in mapping.Children)
                {
                    map[KeyOf(key, name, firstLine, text)] = Convert(value, name, firstLine, text);
                }

                return map;
            default:
                throw new ChartException(name, firstLine, $"{node.NodeType} is not supported");
        }
    }

    private static string KeyOf(YamlNode node, string name, int firstLine, string text)
    {
        if (node is YamlScalarNode { Value: { } key } scalar && key != "<<" && (scalar.Style != ScalarStyle.Plain || YamlScalar.Resolve(key) is string or long))
        {
            return key;
        }

        var line = (int)node.Start.Line;
        throw new ChartException(name, firstLine + line - 1, $"a key that is text was expected; {node} is not, without quotes\n{LinesAround(text, line, firstLine)}");
    }

    private static int LastReadableLine(string text)
    {
        var parser = new Parser(new StringReader(text));
        var line = 1L;
        try
        {
            while (parser.MoveNext())
            {
                line = parser.Current!.End.Line;
            }
        }
        catch (Exception exception) when (exception is YamlException or InvalidOperationException)
        {
            // This is the place.
        }

        return (int)line;
    }

    private static string Reason(YamlException exception) => (exception.InnerException ?? exception).Message;

    /// <summary>The lines around a place, numbered, with a mark at the place.</summary>
    internal static string LinesAround(string text, int line, int firstLine)
    {
        var lines = text.Split('\n');
        var from = Math.Max(0, line - 4);
        return string.Join('\n', lines[from..Math.Min(lines.Length, line + 3)].Select((content, i) =>
            $"{(from + i + 1 == line ? '>' : ' ')} {from + i + firstLine,4} | {content}"));
    }
}
