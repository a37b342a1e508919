using Sluice.HelmCharts.Yaml;

namespace Sluice.HelmCharts.Values;

/// <summary>Values that somebody gives a chart on top of its own: a file (<c>-f</c>) or a single one (<c>--set</c>).</summary>
public sealed class ValuesLayer
{
    private readonly Action<ValueMap> _apply;

    private ValuesLayer(Action<ValueMap> apply) => _apply = apply;

    /// <summary>Values of a YAML text. A key with null takes the chart's own value away.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="name">What errors call it.</param>
    public static ValuesLayer FromYaml(string yaml, string name = "values")
    {
        var map = ReadYaml(yaml, name);
        return new ValuesLayer(values => ValuesMerge.Overlay(values, map.Copy()));
    }

    /// <summary>Values of a YAML file.</summary>
    public static ValuesLayer FromFile(string path) => FromYaml(File.ReadAllText(path), Path.GetFileName(path));

    /// <summary>
    /// One value, as <c>--set a.b[0]=c</c>: true, false, null and whole numbers are such, anything else is text. <c>\.</c> is a dot within a key.
    /// </summary>
    public static ValuesLayer Set(string assignment)
    {
        var equals = assignment.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            throw new ArgumentException($"'{assignment}' is not of the form path=value.", nameof(assignment));
        }

        return SetTo(assignment[..equals], SetPath.Typed(assignment[(equals + 1)..]));
    }

    /// <summary>One value as text, as <c>--set-string</c>.</summary>
    /// <param name="path">A path as in <see cref="Set"/>.</param>
    /// <param name="text">The text.</param>
    public static ValuesLayer SetText(string path, string text) => SetTo(path, text);

    /// <summary>Values of YAML as Helm reads them: every number is a float64.</summary>
    internal static ValueMap ReadYaml(string yaml, string name) => YamlReader.ReadOne(yaml, name) switch
    {
        null => [],
        ValueMap map => (ValueMap)YamlReader.AsHelm(map)!,
        _ => throw new ChartException(name, 1, "values are a map"),
    };

    internal void ApplyTo(ValueMap values) => _apply(values);

    private static ValuesLayer SetTo(string path, object? value)
    {
        var parsed = SetPath.Parse(path);
        return new ValuesLayer(values => parsed.Assign(values, value));
    }
}
