namespace Sluice.HelmCharts.Yaml;

/// <summary>
/// The order of keys in what Go's YAML library writes: numbers within names count as numbers, letters come last. It is no order where a letter and a digit follow the same
/// number (a10 before a1b before a9 before a10), and what Go writes then is by chance.
/// </summary>
internal sealed class GoKeyOrder : IComparer<string>
{
    public static GoKeyOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (a, b) = (x!, y!);
        var i = 0;
        while (i < a.Length && i < b.Length && a[i] == b[i])
        {
            i++;
        }

        if (i == a.Length || i == b.Length)
        {
            return a.Length.CompareTo(b.Length);
        }

        var (letterA, letterB) = (char.IsLetter(a[i]), char.IsLetter(b[i]));
        if (letterA || letterB)
        {
            return letterA && letterB ? a[i].CompareTo(b[i]) : letterA ? 1 : -1;
        }

        return CompareNumbers(a, b, i);
    }

    private static int CompareNumbers(string a, string b, int start)
    {
        // A zero that is not the number's first digit (10 against 1) must count: the digits before it are put in front.
        var carried = (a[start] == '0' || b[start] == '0') && DigitsBefore(a, start).Any(digit => digit != '0') ? 1L : 0L;
        var (numberA, endA) = NumberAt(a, start, carried);
        var (numberB, endB) = NumberAt(b, start, carried);
        return numberA != numberB ? numberA.CompareTo(numberB) : endA != endB ? endA.CompareTo(endB) : a[start].CompareTo(b[start]);
    }

    private static IEnumerable<char> DigitsBefore(string text, int end)
    {
        for (var i = end - 1; i >= 0 && char.IsDigit(text[i]); i--)
        {
            yield return text[i];
        }
    }

    private static (long Number, int End) NumberAt(string text, int start, long carried)
    {
        var end = start;
        for (; end < text.Length && char.IsDigit(text[end]); end++)
        {
            carried = unchecked(carried * 10 + text[end] - '0');
        }

        return (carried, end);
    }
}
