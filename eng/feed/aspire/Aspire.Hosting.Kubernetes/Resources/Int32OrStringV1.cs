using System.Globalization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>A number, or a text such as the name of a port or a Helm expression.</summary>
/// <param name="Number">The number, where it is one.</param>
/// <param name="Text">The text, where it is none.</param>
public sealed record Int32OrStringV1(int? Number = null, string? Text = null)
{
    /// <summary>A number.</summary>
    public Int32OrStringV1(int value)
        : this(value, null)
    {
    }

    /// <summary>A text, or the number that it writes.</summary>
    public Int32OrStringV1(string? value)
        : this(Parse(value), Parse(value) is null ? value : null)
    {
    }

    /// <summary>Number or text as text.</summary>
    public string? Value => Number?.ToString(CultureInfo.InvariantCulture) ?? Text;

    /// <summary>A number.</summary>
    public static implicit operator Int32OrStringV1(int value) => new(value);

    /// <summary>A text, or the number that it writes.</summary>
    public static implicit operator Int32OrStringV1?(string? value) => value is null ? null : new(value);

    /// <inheritdoc />
    public override string? ToString() => Value;

    private static int? Parse(string? value) => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
