using System.Text.RegularExpressions;

namespace Sluice.HelmCharts.Checks.Shapes;

/// <summary>The formats that schemas name in lower case: what a scalar must look like.</summary>
internal static partial class Formats
{
    private static readonly Dictionary<string, Format> Known = new(StringComparer.Ordinal)
    {
        ["any"] = new("anything", _ => true),
        ["string"] = new("text (in quotes, if it looks like something else)", value => value is string),
        ["bool"] = new("true or false", value => value is bool),
        ["stringOrInt"] = new("text or a whole number", value => value is string or long),
        ["quantity"] = new("a quantity like 500m or 2Gi", value => Quantity.Parse(value) is not null),
        ["label"] = new("a name of at most 63 lower-case letters, digits and dashes", value => IsText(value, 63, Label())),
        ["serviceName"] = new("a name of at most 63 lower-case letters, digits and dashes that begins with a letter", value => IsText(value, 63, ServiceName())),
        ["subdomain"] = new("a name of at most 253 lower-case letters, digits, dashes and dots", value => IsText(value, 253, Subdomain())),
        ["host"] = new("a host name, perhaps with *. in front", value => value is string text && IsText(text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text, 253, Subdomain())),
        ["portName"] = new("a port's name of at most 15 lower-case letters, digits and dashes, one letter at least", value => IsText(value, 15, Label()) && ((string)value!).Any(char.IsAsciiLetter)),
        ["port"] = new("a port from 1 to 65535", value => value is long and >= 1 and <= 65535),
        ["portOrName"] = new("a port from 1 to 65535, or a port's name", value => value is string ? Is("portName", value) : Is("port", value)),
        ["intOrPercent"] = new("a whole number or a percentage", value => value is long and >= 0 || IsText(value, 5, Percent())),
        ["labelKey"] = new("a label's key, perhaps with a domain and a slash in front", value => value is string text && IsLabelKey(text)),
        ["labelValue"] = new("a label's value: text of at most 63 letters, digits, dashes, dots and underscores", value => IsText(value, 63, LabelValue())),
        ["envName"] = new("a name of an environment variable", value => IsText(value, int.MaxValue, EnvironmentName())),
        ["configKey"] = new("a key of letters, digits, dashes, dots and underscores", value => IsText(value, 253, ConfigKey())),
        ["path"] = new("a path that begins with /", value => value is string text && text.StartsWith('/')),
        ["relativePath"] = new("a path within the volume", value => value is string { Length: > 0 } text && !text.StartsWith('/') && !text.Split('/').Contains("..")),
        ["image"] = new("an image: name, and a tag or digest", value => IsText(value, int.MaxValue, Image())),
        ["base64"] = new("text in base64", value => value is string text && Convert.TryFromBase64String(text, new byte[text.Length], out _)),
        ["cidr"] = new("a range of addresses like 10.0.0.0/8", value => value is string text && System.Net.IPNetwork.TryParse(text, out _)),
        ["duration"] = new("a duration like 30s or 1m30s", value => IsText(value, int.MaxValue, Duration())),
        ["gatewayDuration"] = new("a duration like 30s or 1m30s", value => IsText(value, int.MaxValue, GatewayDuration())),
    };

    /// <summary>Whether there is a format of a name.</summary>
    public static bool Exists(string name) => Known.ContainsKey(name);

    /// <summary>Whether a value has a format.</summary>
    public static bool Is(string name, object? value) => Known[name].Fits(value);

    /// <summary>What a format asks for.</summary>
    public static string Description(string name) => Known[name].Description;

    /// <summary>A key of labels, annotations and taints.</summary>
    public static bool IsLabelKey(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return IsText(key[(slash + 1)..], 63, LabelName()) && (slash < 0 || IsText(key[..slash], 253, Subdomain()));
    }

    private static bool IsText(object? value, int longest, Regex form) => value is string text && text.Length <= longest && form.IsMatch(text);

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label();

    [GeneratedRegex(@"^[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex ServiceName();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\z")]
    private static partial Regex LabelName();

    [GeneratedRegex(@"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?\z")]
    private static partial Regex LabelValue();

    [GeneratedRegex(@"^[-._a-zA-Z][-._a-zA-Z0-9]*\z")]
    private static partial Regex EnvironmentName();

    [GeneratedRegex(@"^[-._a-zA-Z0-9]+\z")]
    private static partial Regex ConfigKey();

    [GeneratedRegex(@"^\d+%\z")]
    private static partial Regex Percent();

    [GeneratedRegex(@"^[a-z0-9]+([._:/-]+[a-z0-9]+)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?\z")]
    private static partial Regex Image();

    [GeneratedRegex(@"^(0|(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?)(?<=.)\z")]
    private static partial Regex Duration();

    [GeneratedRegex(@"^([0-9]{1,5}(h|m|s|ms)){1,4}\z")]
    private static partial Regex GatewayDuration();

    private sealed record Format(string Description, Func<object?, bool> Fits);
}
