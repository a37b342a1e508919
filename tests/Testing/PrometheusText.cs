using System.Globalization;
using System.Text;

namespace Sluice.Testing;

/// <summary>One series of a page.</summary>
/// <param name="Name">With <c>_bucket</c>, <c>_sum</c>, <c>_count</c> where it has one.</param>
/// <param name="Labels">Name and value, unescaped, in the page's order.</param>
/// <param name="Value">The value.</param>
public sealed record PrometheusSample(string Name, IReadOnlyList<KeyValuePair<string, string>> Labels, double Value)
{
    /// <summary>The value of a label; null when there is none.</summary>
    public string? this[string label] => Labels.FirstOrDefault(pair => pair.Key == label).Value;

    /// <summary>Whether it has all of these labels.</summary>
    public bool Has(params (string Name, string Value)[] labels) => labels.All(label => this[label.Name] == label.Value);
}

/// <summary>One family of a page.</summary>
public sealed record PrometheusFamily(string Name, string Type, string? Help, IReadOnlyList<PrometheusSample> Samples);

/// <summary>
/// Reads Prometheus' text format 0.0.4 as strictly as it is written down, and more so: HELP before TYPE, a family in one place, no series twice,
/// counters that end in _total, buckets that rise to a +Inf that equals the count, no empty lines, a newline at the end.
/// </summary>
public sealed class PrometheusText
{
    private readonly string[] _lines;
    private int _line;

    private PrometheusText(string text)
    {
        if (text.Length > 0 && text[^1] != '\n')
        {
            throw new FormatException("The last line has no newline.");
        }

        _lines = text.Length == 0 ? [] : text[..^1].Split('\n');
    }

    /// <summary>Reads a page.</summary>
    /// <exception cref="FormatException">It is not valid; the message names the line.</exception>
    public static IReadOnlyDictionary<string, PrometheusFamily> Parse(string text)
    {
        var page = new PrometheusText(text);
        try
        {
            return page.ReadFamilies();
        }
        catch (Exception exception) when (exception is FormatException or IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            throw new FormatException($"Line {page._line + 1}, '{page._lines.ElementAtOrDefault(page._line)}': {exception.Message}", exception);
        }
    }

    private Dictionary<string, PrometheusFamily> ReadFamilies()
    {
        var families = new Dictionary<string, PrometheusFamily>(StringComparer.Ordinal);
        while (_line < _lines.Length)
        {
            var family = ReadFamily();
            Demand(families.TryAdd(family.Name, family), $"the family {family.Name} stands in two places");
        }

        return families;
    }

    private PrometheusFamily ReadFamily()
    {
        string? help = null;
        var parts = _lines[_line].Split(' ', 4);
        if (parts is ["#", "HELP", ..])
        {
            help = Unescape(parts[3], quoted: false);
            var named = parts[2];
            parts = _lines[++_line].Split(' ');
            Demand(parts is ["#", "TYPE", _, _] && parts[2] == named, "TYPE of the same family must follow HELP");
        }

        Demand(parts is ["#", "TYPE", _, "counter" or "gauge" or "histogram"], "a family begins with HELP or TYPE");
        var (name, type) = (parts[2], parts[3]);
        Demand(IsName(name, colons: true), "that is no name");
        Demand(type != "counter" || name.EndsWith("_total", StringComparison.Ordinal), "a counter's name ends in _total");
        _line++;
        var samples = new List<PrometheusSample>();
        for (; _line < _lines.Length && !_lines[_line].StartsWith('#'); _line++)
        {
            samples.Add(ReadSample(_lines[_line], name, type));
        }

        Demand(samples.Count > 0, "the family before has no series");
        Demand(samples.DistinctBy(sample => sample.Name + string.Join(',', sample.Labels.OrderBy(label => label.Key, StringComparer.Ordinal))).Count() == samples.Count,
            $"a series of {name} stands twice");
        if (type == "histogram")
        {
            CheckHistogram(name, samples);
        }

        return new(name, type, help, samples);
    }

    private static PrometheusSample ReadSample(string line, string family, string type)
    {
        var end = line.IndexOfAny(['{', ' ']);
        var name = line[..end];
        var allowed = type == "histogram" ? new[] { family + "_bucket", family + "_sum", family + "_count" } : [family];
        Demand(allowed.Contains(name), $"the series is not one of {family}");
        var labels = new List<KeyValuePair<string, string>>();
        if (line[end] == '{')
        {
            end = ReadLabels(line, end + 1, labels);
        }

        Demand(line[end] == ' ', "one space before the value");
        return new(name, labels, ReadValue(line[(end + 1)..]));
    }

    private static int ReadLabels(string line, int at, List<KeyValuePair<string, string>> labels)
    {
        while (true)
        {
            var equals = line.IndexOf('=', at);
            var name = line[at..equals];
            Demand(IsName(name, colons: false), $"'{name}' is no name of a label");
            Demand(line[equals + 1] == '"', "a value stands in quotes");
            var end = equals + 2;
            while (line[end] != '"')
            {
                end += line[end] == '\\' ? 2 : 1;
            }

            Demand(labels.TrueForAll(label => label.Key != name), $"the label {name} stands twice");
            labels.Add(new(name, Unescape(line[(equals + 2)..end], quoted: true)));
            if (line[end + 1] == '}')
            {
                return end + 2;
            }

            Demand(line[end + 1] == ',', "labels are parted by commas");
            at = end + 2;
        }
    }

    private static double ReadValue(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.Parse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture),
    };

    private static string Unescape(string text, bool quoted)
    {
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                plain.Append(text[i]);
                continue;
            }

            plain.Append(text[++i] switch
            {
                '\\' => '\\',
                'n' => '\n',
                '"' when quoted => '"',
                var other => throw new FormatException($"\\{other} is no escape"),
            });
        }

        return plain.ToString();
    }

    private static void CheckHistogram(string name, List<PrometheusSample> samples)
    {
        foreach (var series in samples.GroupBy(sample => string.Join(',', sample.Labels.Where(label => label.Key != "le"))))
        {
            var buckets = series.Where(sample => sample.Name == name + "_bucket").ToList();
            var edges = buckets.ConvertAll(bucket => ReadValue(bucket["le"] ?? throw new FormatException("a bucket has no le")));
            var last = buckets.LastOrDefault() ?? throw new FormatException($"{name} has no buckets");
            Demand(edges.SequenceEqual(edges.Order().Distinct()), $"the buckets of {name} are not in order");
            Demand(buckets.Select(bucket => bucket.Value).SequenceEqual(buckets.Select(bucket => bucket.Value).Order()), $"the buckets of {name} do not accumulate");
            Demand(double.IsPositiveInfinity(edges[^1]), $"{name} has no +Inf");
            Demand(series.Single(sample => sample.Name == name + "_count").Value.Equals(last.Value), $"the count of {name} is not its +Inf");
            Demand(series.Count(sample => sample.Name == name + "_sum") == 1, $"{name} has no sum");
        }
    }

    private static bool IsName(string name, bool colons) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_' || (colons && c == ':'));

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FormatException(otherwise);
        }
    }
}
