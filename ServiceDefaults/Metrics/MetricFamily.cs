using System.Globalization;
using System.Text;

namespace Sluice.ServiceDefaults.Metrics;

/// <summary>The types of the Prometheus text format that we render.</summary>
public enum MetricType
{
    /// <summary>Only grows, or starts over at 0.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Cumulative buckets, a sum and a count.</summary>
    Histogram,
}

/// <summary>Name, type and help of series that differ in their labels. Made once, it holds the bytes that every page repeats.</summary>
public sealed class MetricFamily
{
    /// <param name="name">As Prometheus sees it, with the unit; a counter's ends in <c>_total</c>.</param>
    /// <param name="type">Its type.</param>
    /// <param name="help">A sentence for people.</param>
    /// <exception cref="ArgumentException">The name is none, or not one of this type.</exception>
    public MetricFamily(string name, MetricType type, string help)
        : this(name, type, help, strict: true)
    {
    }

    internal MetricFamily(string name, MetricType type, string? help, bool strict)
    {
        if (!PrometheusNames.IsMetricName(name))
        {
            throw new ArgumentException($"'{name}' is no name of a metric.", nameof(name));
        }

        if (strict && type == MetricType.Counter && !name.EndsWith(PrometheusNames.TotalSuffix, StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{name}' is a counter: its name must end in {PrometheusNames.TotalSuffix}.", nameof(name));
        }

        Name = name;
        Type = type;
        NameBytes = Encoding.ASCII.GetBytes(name);
        Header = MakeHeader(name, type, help);
    }

    /// <summary>The family as which an instrument would be shown: what a source writes under it takes the instrument's place.</summary>
    /// <param name="instrument">Its name, with dots.</param>
    /// <param name="unit">Its unit, such as <c>s</c>; null for none.</param>
    /// <param name="type">Its type.</param>
    /// <param name="help">A sentence for people.</param>
    public static MetricFamily OfInstrument(string instrument, string? unit, MetricType type, string help) =>
        new(PrometheusNames.OfInstrument(instrument, unit, type), type, help);

    /// <summary>The name that the page shows.</summary>
    public string Name { get; }

    /// <summary>Its type.</summary>
    public MetricType Type { get; }

    internal byte[] NameBytes { get; }

    /// <summary>The lines HELP (where there is one) and TYPE.</summary>
    internal byte[] Header { get; }

    private static byte[] MakeHeader(string name, MetricType type, string? help)
    {
        var header = new MetricsWriter();
        if (!string.IsNullOrEmpty(help))
        {
            header.Raw("# HELP "u8);
            header.Text(name);
            header.Raw(" "u8);
            header.Help(help);
            header.Raw("\n"u8);
        }

        header.Text(string.Create(CultureInfo.InvariantCulture, $"# TYPE {name} {TypeWord(type)}\n"));
        return header.Written.ToArray();
    }

    private static string TypeWord(MetricType type) => type switch
    {
        MetricType.Counter => "counter",
        MetricType.Gauge => "gauge",
        MetricType.Histogram => "histogram",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}
