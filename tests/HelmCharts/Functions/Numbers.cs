using System.Globalization;
using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Functions;

/// <summary>Sprig's arithmetic: on int64, whatever it is given.</summary>
internal static class Numbers
{
    private const int LongestRange = 100_000;

    public static void AddTo(FunctionTable table)
    {
        table.Add("int", [GoType.Any], a => ToInt(a[0]));
        table.Add("int64", [GoType.Any], a => ToInt64(a[0]));
        table.Add("float64", [GoType.Any], a => ToDouble(a[0]));
        table.Add("atoi", [GoType.String], a => int.TryParse((string)a[0]!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0);
        table.AddVariadic("add", [], GoType.Any, a => a.Sum(ToInt64));
        table.Add("add1", [GoType.Any], a => ToInt64(a[0]) + 1);
        table.Add("sub", [GoType.Any, GoType.Any], a => ToInt64(a[0]) - ToInt64(a[1]));
        table.AddVariadic("mul", [GoType.Any], GoType.Any, a => a.Select(ToInt64).Aggregate((x, y) => checked(x * y)));
        table.Add("div", [GoType.Any, GoType.Any], a => ToInt64(a[0]) / Divisor(a[1]));
        table.Add("mod", [GoType.Any, GoType.Any], a => ToInt64(a[0]) % Divisor(a[1]));
        table.AddVariadic("max", [GoType.Any], GoType.Any, a => a.Max(ToInt64));
        table.AddVariadic("min", [GoType.Any], GoType.Any, a => a.Min(ToInt64));
        table.Add("ceil", [GoType.Any], a => Math.Ceiling(ToDouble(a[0])));
        table.Add("floor", [GoType.Any], a => Math.Floor(ToDouble(a[0])));
        table.Add("round", [GoType.Any, GoType.Int], a => Round(ToDouble(a[0]), (int)a[1]!));
        table.Add("until", [GoType.Int], a => Range(0, (int)a[0]!, (int)a[0]! < 0 ? -1 : 1));
        table.Add("untilStep", [GoType.Int, GoType.Int, GoType.Int], a => Range((int)a[0]!, (int)a[1]!, (int)a[2]!));
    }

    /// <summary>As Go's cast: text that is no number is 0.</summary>
    internal static long ToInt64(object? value) => value switch
    {
        int number => number,
        long number => number,
        double number => (long)number,
        bool flag => flag ? 1 : 0,
        string text => FromText(text),
        _ => 0,
    };

    internal static double ToDouble(object? value) => value switch
    {
        double number => number,
        string text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0,
        _ => ToInt64(value),
    };

    private static object ToInt(object? value) => ToInt64(value) is >= int.MinValue and <= int.MaxValue and var number
        ? (int)number
        : throw new FunctionException($"{GoText.Print(value)} is larger than this renderer's int: use int64");

    private static long FromText(string text)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var whole = point > 0 && text[(point + 1)..].All(digit => digit == '0') ? text[..point] : text;
        return Yaml.YamlScalar.Whole(whole) ?? 0;
    }

    private static long Divisor(object? value) => ToInt64(value) is not 0 and var divisor ? divisor : throw new FunctionException("integer divide by zero");

    /// <summary>Halves away from zero, by the decimal place.</summary>
    private static double Round(double number, int places)
    {
        var power = Math.Pow(10, places);
        var scaled = number * power;
        var fraction = scaled - Math.Truncate(scaled);
        return fraction >= 0.5 ? Math.Ceiling(scaled) / power : Math.Floor(scaled) / power;
    }

    private static List<object?> Range(int start, int stop, int step)
    {
        if (step == 0 || (step > 0 && stop < start) || (step < 0 && stop > start))
        {
            return [];
        }

        var items = new List<object?>();
        for (var i = start; step > 0 ? i < stop : i > stop; i += step)
        {
            if (items.Count == LongestRange)
            {
                throw new FunctionException($"more than {LongestRange} numbers");
            }

            items.Add(i);
        }

        return items;
    }
}
