namespace Sluice.HelmCharts.Checks.Shapes;

/// <summary>What a value of a schema must be.</summary>
internal abstract record Shape
{
    /// <summary>Reads the notation: <c>[x]</c>, <c>{x}</c>, <c>enum a|b</c>, <c>int 0..9</c>, a format, or the name of a type.</summary>
    public static Shape Parse(string text) => text switch
    {
        ['[', .. var item, ']'] => new ListShape(Parse(item)),
        ['{', .. var item, '}'] => new MapShape(Parse(item)),
        _ when text.StartsWith("enum ", StringComparison.Ordinal) => new EnumShape(text["enum ".Length..].Split('|')),
        "int" => new WholeShape(long.MinValue, long.MaxValue),
        _ when text.StartsWith("int ", StringComparison.Ordinal) => WholeShape.Parse(text["int ".Length..]),
        _ when Formats.Exists(text) => new FormatShape(text),
        _ when char.IsAsciiLetterUpper(text[0]) => new TypeShape(text),
        _ => throw new FormatException($"'{text}' is neither a format nor a type"),
    };
}

/// <summary>A list.</summary>
internal sealed record ListShape(Shape Item) : Shape;

/// <summary>A map with keys of the writer's choice.</summary>
internal sealed record MapShape(Shape Value) : Shape;

/// <summary>One of some texts.</summary>
internal sealed record EnumShape(string[] Values) : Shape;

/// <summary>A scalar of a format.</summary>
internal sealed record FormatShape(string Name) : Shape;

/// <summary>A map with the fields of a type.</summary>
internal sealed record TypeShape(string Name) : Shape;

/// <summary>A whole number within limits.</summary>
internal sealed record WholeShape(long Least, long Greatest) : Shape
{
    /// <summary><c>0..9</c> or <c>0..</c>.</summary>
    public static new WholeShape Parse(string range)
    {
        var ends = range.Split("..");
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        return new WholeShape(long.Parse(ends[0], culture), ends[1].Length == 0 ? long.MaxValue : long.Parse(ends[1], culture));
    }
}
