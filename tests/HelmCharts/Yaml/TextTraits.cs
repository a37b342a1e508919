namespace Sluice.HelmCharts.Yaml;

/// <summary>In which of YAML's styles a text may be written, by the characters in it and where they stand.</summary>
internal readonly record struct TextTraits(bool PlainAllowed, bool SingleQuotesAllowed, bool BlockAllowed, bool HasBreaks)
{
    public static TextTraits Of(string text)
    {
        if (text.Length == 0)
        {
            return new TextTraits(PlainAllowed: true, SingleQuotesAllowed: true, BlockAllowed: false, HasBreaks: false);
        }

        var breaks = text.Any(IsBreak);
        var special = text.Any(character => !IsPrintable(character));
        var spaceBreak = HasPair(text, ' ', IsBreak);
        var breakSpace = text.Zip(text.Skip(1)).Any(pair => IsBreak(pair.First) && pair.Second == ' ');
        var edge = text[0] == ' ' || text[^1] == ' ' || IsBreak(text[0]) || IsBreak(text[^1]);
        return new TextTraits(
            PlainAllowed: !edge && !breaks && !special && !HasIndicator(text),
            SingleQuotesAllowed: !breakSpace && !spaceBreak && !special,
            BlockAllowed: !spaceBreak && !special && text[^1] != ' ',
            HasBreaks: breaks);
    }

    /// <summary>Tabs are not, to this library, and what lies beyond the basic plane is a surrogate here.</summary>
    public static bool IsPrintable(char character) =>
        character is '\n' or (>= ' ' and <= '~') or (>= '\u00a0' and < '\ud800') or (>= '\ue000' and <= '\ufffd' and not '\ufeff');

    private static bool IsBreak(char character) => character is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029';

    private static bool IsBlank(string text, int i) => i >= text.Length || text[i] is ' ' or '\t' || IsBreak(text[i]);

    private static bool HasPair(string text, char first, Func<char, bool> second) =>
        text.Zip(text.Skip(1)).Any(pair => pair.First == first && second(pair.Second));

    private static bool HasIndicator(string text)
    {
        if (text.StartsWith("---", StringComparison.Ordinal) || text.StartsWith("...", StringComparison.Ordinal)
            || "#,[]{}&*!|>'\"%@`".Contains(text[0], StringComparison.Ordinal)
            || (text[0] is '?' or ':' or '-' && IsBlank(text, 1)))
        {
            return true;
        }

        for (var i = 1; i < text.Length; i++)
        {
            if ((text[i] == ':' && IsBlank(text, i + 1)) || (text[i] == '#' && IsBlank(text, i - 1)))
            {
                return true;
            }
        }

        return false;
    }
}
