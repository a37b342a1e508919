using System.Globalization;
using System.Text.RegularExpressions;

namespace Sluice.HelmCharts.Checks;

/// <summary>Quantities of Kubernetes: <c>500m</c>, <c>2Gi</c>, <c>1</c>.</summary>
internal static partial class Quantity
{
    private static readonly Dictionary<string, decimal> Units = new()
    {
        [""] = 1, ["n"] = 0.000000001m, ["u"] = 0.000001m, ["m"] = 0.001m,
        ["k"] = 1e3m, ["M"] = 1e6m, ["G"] = 1e9m, ["T"] = 1e12m, ["P"] = 1e15m, ["E"] = 1e18m,
        ["Ki"] = 1L << 10, ["Mi"] = 1L << 20, ["Gi"] = 1L << 30, ["Ti"] = 1L << 40, ["Pi"] = 1L << 50, ["Ei"] = 1L << 60,
    };

    /// <summary>The quantity as a number; null where it is none.</summary>
    public static decimal? Parse(object? value)
    {
        var text = value switch
        {
            string written => written,
            long number => number.ToString(CultureInfo.InvariantCulture),
            double number => number.ToString(CultureInfo.InvariantCulture),
            _ => "",
        };
        var match = Form().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var exponent = match.Groups["exponent"].Value;
        return decimal.Parse(match.Groups["number"].Value + exponent, NumberStyles.Float, CultureInfo.InvariantCulture) * Units[match.Groups["unit"].Value];
    }

    [GeneratedRegex(@"^(?<number>[+-]?(\d+(\.\d*)?|\.\d+))((?<exponent>[eE][+-]?\d+)|(?<unit>n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?)$")]
    private static partial Regex Form();
}
