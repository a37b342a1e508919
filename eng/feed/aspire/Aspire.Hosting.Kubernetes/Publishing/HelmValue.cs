using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>A value as templates and values.yaml have it.</summary>
/// <param name="Expression">How templates name it; null for one that stands in them as it is.</param>
/// <param name="Content">What values.yaml gives it; a text that itself takes from values.yaml stands in the templates instead.</param>
internal sealed record HelmValue(string? Expression, object? Content)
{
    /// <summary>The parameter whose value it is.</summary>
    public ParameterResource? Parameter { get; init; }

    /// <summary>Its key in values.yaml, where that is not the name of the variable.</summary>
    public string? Key { get; init; }

    /// <summary>Whether it stands in the templates as it is, since it is made of other values.</summary>
    public bool IsComposed => Content?.ToString() is { } text && HelmText.HasValue(text);

    /// <summary>What stands in the templates.</summary>
    public string InTemplate => IsComposed ? Content!.ToString()! : Expression ?? "";

    /// <summary>What stands where a number is needed.</summary>
    public string AsNumber => Expression is null ? Content?.ToString() ?? "" : Content is int ? $"{Expression[..^3]} | int }}}}" : Expression;

    /// <summary>A value that is no key of values.yaml.</summary>
    public static HelmValue Literal(object content) => new(null, content);

    /// <summary>What stands within a longer text.</summary>
    public override string ToString() => Content?.ToString() ?? Expression ?? "";
}
