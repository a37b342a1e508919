using System.Globalization;

namespace Sluice.HelmCharts.Values;

/// <summary>Numbers as Go prints them.</summary>
internal static class GoNumbers
{
    private const int PrintExponentFrom = 6;

    /// <summary>A float64 as <c>%v</c>: with an exponent from a million on, which is the trap of <c>{{ .Values.size }}</c> without <c>| int</c>.</summary>
    public static string Print(double number) => Format(number, PrintExponentFrom);

    /// <summary>The shortest digits that mean the number, with an exponent below 1e-4 and from <c>1e</c><paramref name="exponentFrom"/> on.</summary>
    public static string Format(double number, int exponentFrom)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf";
        }

        var shortest = number.ToString("R", CultureInfo.InvariantCulture);
        if (number is 0)
        {
            return shortest;
        }

        var (digits, exponent) = Digits(shortest);
        var sign = shortest[0] == '-' ? "-" : "";
        if (exponent < -4 || exponent >= exponentFrom)
        {
            var fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        return sign + Plain(digits, exponent);
    }

    private static string Plain(string digits, int exponent) =>
        exponent < 0 ? "0." + new string('0', -exponent - 1) + digits
        : digits.Length <= exponent + 1 ? digits.PadRight(exponent + 1, '0')
        : digits[..(exponent + 1)] + "." + digits[(exponent + 1)..];

    /// <summary>The digits without a point, and the power of ten of the first one.</summary>
    private static (string Digits, int Exponent) Digits(string number)
    {
        var text = number.TrimStart('-');
        var e = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = e < 0 ? 0 : int.Parse(text.AsSpan(e + 1), CultureInfo.InvariantCulture);
        var mantissa = e < 0 ? text : text[..e];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        exponent += (point < 0 ? mantissa.Length : point) - 1;
        var leading = digits.Length - digits.TrimStart('0').Length;
        return (digits.Trim('0'), exponent - leading);
    }
}
