using System.Collections;
using System.Globalization;
using OpenTelemetry;

namespace Sluice.ServiceDefaults.Metrics;

/// <summary>Writes an SDK series' tags as labels, ordered by name. Keeps its arrays and names from page to page.</summary>
internal sealed class TagText
{
    private const int Longest = 40; // characters of a formatted number; what is longer is made a string first

    // A comparison, not a comparer: to sort by a comparer makes a delegate of it each time.
    private static readonly Comparison<(string Name, object? Value)> ByName = static (left, right) => string.CompareOrdinal(left.Name, right.Name);

    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal); // tags are named by code: there are few
    private (string Name, object? Value)[] _tags = new (string, object?)[8];

    /// <summary>Writes what stands between the braces.</summary>
    public void Write(MetricsWriter writer, ReadOnlyTagCollection tags)
    {
        var count = Sort(tags);
        for (var i = 0; i < count; i++)
        {
            if (i > 0 && _tags[i].Name == _tags[i - 1].Name)
            {
                writer.Raw(";"u8); // names that became one: their values are joined, as OpenTelemetry's rules ask
            }
            else
            {
                writer.Raw(i == 0 ? ""u8 : "\","u8);
                writer.Text(_tags[i].Name);
                writer.Raw("=\""u8);
            }

            Value(writer, _tags[i].Value);
        }

        writer.Raw(count == 0 ? ""u8 : "\""u8);
    }

    private int Sort(ReadOnlyTagCollection tags)
    {
        if (_tags.Length < tags.Count)
        {
            _tags = new (string, object?)[tags.Count];
        }

        var count = 0;
        foreach (var (key, value) in tags)
        {
            _tags[count++] = (NameOf(key), value);
        }

        _tags.AsSpan(0, count).Sort(ByName);
        return count;
    }

    private string NameOf(string tag)
    {
        if (!_names.TryGetValue(tag, out var name))
        {
            _names[tag] = name = PrometheusNames.OfTag(tag);
        }

        return name;
    }

    private static void Value(MetricsWriter writer, object? value)
    {
        Span<char> text = stackalloc char[Longest];
        switch (value)
        {
            case string words:
                writer.LabelValue(words);
                break;
            case bool yes:
                writer.LabelValue(yes ? "true" : "false");
                break;
            case ISpanFormattable number when number.TryFormat(text, out var length, default, CultureInfo.InvariantCulture):
                writer.LabelValue(text[..length]);
                break;
            case IEnumerable several:
                writer.LabelValue(string.Join(',', several.Cast<object?>().Select(each => Convert.ToString(each, CultureInfo.InvariantCulture))));
                break;
            default:
                writer.LabelValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}
