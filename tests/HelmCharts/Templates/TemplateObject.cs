using Sluice.HelmCharts.Functions;

namespace Sluice.HelmCharts.Templates;

/// <summary>Something of the engine's with a fixed set of fields and methods, as <c>.Chart</c>: other than of a map, asking for a field that it has not is an error.</summary>
internal sealed class TemplateObject(
    string typeName, IReadOnlyDictionary<string, object?> members, IReadOnlyList<(object? Key, object? Item)>? items = null)
{
    /// <summary>What a range goes over; null where it is no collection.</summary>
    public IReadOnlyList<(object? Key, object? Item)>? Items { get; } = items;

    /// <summary>What errors call it.</summary>
    public string TypeName { get; } = typeName;

    /// <summary>A field's value, or a method as <see cref="TemplateFunction"/>.</summary>
    public object? Member(string name) => members.TryGetValue(name, out var member)
        ? member
        : throw new FunctionException($"can't evaluate field {name} in type {TypeName}: it has {string.Join(", ", members.Keys.Order(StringComparer.Ordinal))}");

    /// <summary>As it is printed.</summary>
    public override string ToString() => members.TryGetValue("String", out var text) ? (string)text! : TypeName;
}
