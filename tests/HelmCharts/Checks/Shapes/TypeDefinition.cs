namespace Sluice.HelmCharts.Checks.Shapes;

/// <summary>A field of a type.</summary>
internal sealed record FieldDefinition(Shape Shape, bool IsRequired);

/// <summary>The fields that a map may have, and those it must have.</summary>
internal sealed record TypeDefinition(IReadOnlyDictionary<string, FieldDefinition> Fields);
