namespace Sluice.ServiceDefaults.Metrics;

/// <summary>Labels of a series, escaped and encoded once: made with the object that the series speaks of, kept in it.</summary>
public sealed class MetricLabels
{
    private readonly (string Name, string Value)[] _labels;

    private MetricLabels((string Name, string Value)[] labels)
    {
        _labels = labels;
        var writer = new MetricsWriter();
        for (var i = 0; i < labels.Length; i++)
        {
            Check(labels, i);
            writer.Raw(i == 0 ? ""u8 : ","u8);
            writer.Text(labels[i].Name);
            writer.Raw("=\""u8);
            writer.LabelValue(labels[i].Value);
            writer.Raw("\""u8);
        }

        Bytes = writer.Written.ToArray();
    }

    /// <summary>No labels.</summary>
    public static MetricLabels None { get; } = new([]);

    /// <summary>What stands between the braces.</summary>
    internal byte[] Bytes { get; }

    /// <summary>Labels in the order they are to be shown in; any text can be a value.</summary>
    /// <exception cref="ArgumentException">A name is none, stands twice, or is <c>le</c>, which belongs to the buckets of histograms.</exception>
    public static MetricLabels Of(params (string Name, string Value)[] labels) => new([.. labels]);

    /// <summary>These and one more.</summary>
    public MetricLabels And(string name, string value) => new([.. _labels, (name, value)]);

    private static void Check((string Name, string Value)[] labels, int index)
    {
        var name = labels[index].Name;
        if (!PrometheusNames.IsLabelName(name) || name == "le" || Array.FindIndex(labels, label => label.Name == name) != index)
        {
            throw new ArgumentException($"'{name}' cannot be a label's name here: it is none, stands twice, or is reserved.", nameof(labels));
        }
    }
}
