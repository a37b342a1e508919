using System.Text;

namespace Sluice.ServiceDefaults.Metrics;

/// <summary>Names of instruments, units and tags as Prometheus has them, by OpenTelemetry's rules for that.</summary>
internal static class PrometheusNames
{
    /// <summary>What a counter's name ends in.</summary>
    public const string TotalSuffix = "_total";

    /// <summary>
    /// The name of a family: invalid characters become <c>_</c>, the unit is appended unless the name ends in it, and so is <c>_total</c> for a
    /// counter. <c>sluice.judge.data.age</c> in <c>s</c> is <c>sluice_judge_data_age_seconds</c>.
    /// </summary>
    public static string OfInstrument(string instrument, string? unit, MetricType type)
    {
        var name = Sanitize(instrument);
        if (type == MetricType.Counter && name.EndsWith(TotalSuffix, StringComparison.Ordinal))
        {
            name = name[..^TotalSuffix.Length]; // so that the unit comes before it
        }

        var suffix = OfUnit(unit ?? "", type);
        if (suffix.Length > 0 && name != suffix && !name.EndsWith("_" + suffix, StringComparison.Ordinal))
        {
            name = $"{name}_{suffix}";
        }

        return type == MetricType.Counter ? name + TotalSuffix : name;
    }

    /// <summary>The name of a label: invalid characters become <c>_</c>.</summary>
    public static string OfTag(string tag) => Sanitize(tag).Replace(':', '_');

    /// <summary>Whether a text is a name of a metric.</summary>
    public static bool IsMetricName(string name) => IsLabelName(name.Replace(':', '_'));

    /// <summary>Whether a text is a name of a label.</summary>
    public static bool IsLabelName(string name) => name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static string OfUnit(string unit, MetricType type)
    {
        unit = WithoutAnnotations(unit);
        if (unit == "1")
        {
            return type == MetricType.Gauge ? "ratio" : "";
        }

        var slash = unit.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return Words(unit);
        }

        var (of, per) = (Words(unit[..slash]), unit[(slash + 1)..]);
        per = PerWord(per);
        return per.Length == 0 ? of : of.Length == 0 ? $"per_{per}" : $"{of}_per_{per}";
    }

    // {request} and the like say what is counted, which the name says already.
    private static string WithoutAnnotations(string unit)
    {
        for (var open = unit.IndexOf('{', StringComparison.Ordinal); open >= 0; open = unit.IndexOf('{', StringComparison.Ordinal))
        {
            var close = unit.IndexOf('}', open);
            unit = unit.Remove(open, (close < 0 ? unit.Length : close + 1) - open);
        }

        return unit;
    }

    private static string Words(string unit) => unit switch
    {
        "" or "1" => "",
        "d" => "days",
        "h" => "hours",
        "min" => "minutes",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "By" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "GiBy" => "gibibytes",
        "TiBy" => "tebibytes",
        "KBy" or "kBy" => "kilobytes",
        "MBy" => "megabytes",
        "GBy" => "gigabytes",
        "TBy" => "terabytes",
        "m" => "meters",
        "V" => "volts",
        "A" => "amperes",
        "J" => "joules",
        "W" => "watts",
        "g" => "grams",
        "Cel" => "celsius",
        "Hz" => "hertz",
        "%" => "percent",
        _ => Sanitize(unit).Trim('_'),
    };

    private static string PerWord(string unit) => unit switch
    {
        "s" => "second",
        "m" or "min" => "minute",
        "h" => "hour",
        "d" => "day",
        "w" => "week",
        "mo" => "month",
        "y" => "year",
        _ => Words(unit),
    };

    private static string Sanitize(string name)
    {
        var clean = new StringBuilder(name.Length + 1);
        foreach (var c in name)
        {
            var valid = char.IsAsciiLetterOrDigit(c) || c == ':' ? c : '_';
            if (clean.Length == 0 && char.IsAsciiDigit(valid))
            {
                clean.Append('_');
            }

            if (valid != '_' || clean.Length == 0 || clean[^1] != '_')
            {
                clean.Append(valid);
            }
        }

        return clean.Length == 0 ? "_" : clean.ToString();
    }
}
