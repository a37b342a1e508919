using System.Globalization;
using System.Text;

namespace Sluice.CanaryJudge.Sources.Scraping;

/// <summary>One line of a page that is a sample.</summary>
internal sealed record PageSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>
/// Reads the samples of one model out of a page in Prometheus' text format 0.0.4. A gateway may show a thousand models: lines of others are told by a search for
/// the label, and not taken apart.
/// </summary>
internal static class PageReader
{
    /// <summary>The samples of a model.</summary>
    /// <param name="page">The page.</param>
    /// <param name="names">The names that are wanted.</param>
    /// <param name="model">The value of the label <c>model</c>, which needs no escapes.</param>
    /// <exception cref="FormatException">The page is cut off, or a line that is wanted is not of the format.</exception>
    public static IReadOnlyList<PageSample> Read(string page, IReadOnlyList<string> names, string model)
    {
        if (page.Length == 0 || page[^1] != '\n')
        {
            throw new FormatException("the page is cut off: its last line has no end");
        }

        var samples = new List<PageSample>();
        var mark = $"{GatewaySeries.ModelLabel}=\"{model}\"";
        foreach (var range in page.AsSpan(..^1).Split('\n'))
        {
            var line = page.AsSpan(range);
            if (!line.Contains(mark, StringComparison.Ordinal) || line[0] == '#')
            {
                continue;
            }

            var name = NameOf(line, names);
            if (name is not null && ReadLine(line[name.Length..], name) is var sample && sample.Labels.GetValueOrDefault(GatewaySeries.ModelLabel) == model)
            {
                samples.Add(sample);
            }
        }

        return samples;
    }

    private static string? NameOf(ReadOnlySpan<char> line, IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            if (line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is '{' or ' ')
            {
                return name;
            }
        }

        return null;
    }

    private static PageSample ReadLine(ReadOnlySpan<char> rest, string name)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var at = rest[0] == '{' ? ReadLabels(rest, labels, name) : 0;
        var value = rest[at..].Trim(' ');
        var end = value.IndexOf(' '); // a time may follow; ours is that of the scrape
        return new PageSample(name, labels, ReadValue(end < 0 ? value : value[..end], name));
    }

    // From the brace on; returns where the value begins.
    private static int ReadLabels(ReadOnlySpan<char> rest, Dictionary<string, string> labels, string name)
    {
        var at = 1;
        while (true)
        {
            var equals = rest[at..].IndexOf('=');
            if (equals <= 0 || at + equals + 1 >= rest.Length || rest[at + equals + 1] != '"')
            {
                throw Malformed(name);
            }

            var label = rest.Slice(at, equals).Trim(' ').ToString();
            at = ReadText(rest, at + equals + 2, out var value);
            if (at >= rest.Length || !labels.TryAdd(label, value))
            {
                throw Malformed(name);
            }

            at += rest[at] == ',' ? 1 : 0;
            if (at < rest.Length && rest[at] == '}')
            {
                return at + 1;
            }

            if (rest[at - 1] != ',')
            {
                throw Malformed(name);
            }
        }
    }

    // Behind the opening quote; returns the place behind the closing one, or the end where there is none.
    private static int ReadText(ReadOnlySpan<char> rest, int at, out string value)
    {
        var text = new StringBuilder();
        for (; at < rest.Length && rest[at] != '"'; at++)
        {
            var isEscape = rest[at] == '\\' && at + 1 < rest.Length;
            text.Append(isEscape ? rest[++at] switch { 'n' => '\n', var other => other } : rest[at]);
        }

        value = text.ToString();
        return at + 1;
    }

    private static double ReadValue(ReadOnlySpan<char> text, string name) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.TryParse(text, NumberStyles.Float & ~NumberStyles.AllowLeadingWhite & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var value) ? value : throw Malformed(name),
    };

    private static FormatException Malformed(string name) => new($"a line of {name} is not of the text format");
}
