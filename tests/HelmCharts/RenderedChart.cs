using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts;

/// <summary>A file that a chart rendered.</summary>
/// <param name="Path">The template, relative to the chart: <c>templates/service.yaml</c>.</param>
/// <param name="Text">What it rendered.</param>
public sealed record RenderedFile(string Path, string Text);

/// <summary>A Kubernetes object that a chart rendered, or a document of anywhere else.</summary>
/// <param name="File">Where it comes from.</param>
/// <param name="Line">Where it begins in what was rendered.</param>
/// <param name="Content">The object. Whole numbers are long, others double.</param>
public sealed record RenderedDocument(string File, int Line, ValueMap Content)
{
    /// <summary><c>apiVersion</c>, or nothing.</summary>
    public string ApiVersion => Content["apiVersion"] as string ?? "";

    /// <summary><c>kind</c>, or nothing.</summary>
    public string Kind => Content["kind"] as string ?? "";

    /// <summary><c>metadata.name</c>, or nothing.</summary>
    public string Name => (Content["metadata"] as ValueMap)?["name"] as string ?? "";

    /// <summary>The documents of a YAML text that no chart rendered, as an example of the documentation.</summary>
    public static IReadOnlyList<RenderedDocument> ReadAll(string yaml, string name) => DocumentSplitter.Split(new RenderedFile(name, yaml));

    /// <summary>What is at a path of keys and places in lists, as <c>spec.ports.0.name</c>; null where nothing is. A key with dots is not reached.</summary>
    public object? At(string path)
    {
        object? value = Content;
        foreach (var step in path.Split('.'))
        {
            value = value switch
            {
                ValueMap map => map[step],
                List<object?> list when int.TryParse(step, out var place) && place < list.Count => list[place],
                _ => null,
            };
        }

        return value;
    }

    /// <summary>As messages call it.</summary>
    public override string ToString() => $"{Kind} {Name} ({File}:{Line})";
}

/// <summary>What came of a chart.</summary>
/// <param name="Files">Every template that rendered more than space, in the order of their paths, without the notes.</param>
/// <param name="Documents">The YAML documents of those files.</param>
/// <param name="Notes">What <c>helm install</c> would print; empty where the chart has no NOTES.txt.</param>
/// <param name="Values">The merged values that it was rendered with.</param>
/// <param name="ReadValues">Paths of values that a template read.</param>
public sealed record RenderedChart(
    IReadOnlyList<RenderedFile> Files,
    IReadOnlyList<RenderedDocument> Documents,
    string Notes,
    ValueMap Values,
    IReadOnlySet<string> ReadValues)
{
    /// <summary>The one object of a kind and name.</summary>
    public RenderedDocument Object(string kind, string name) =>
        Documents.SingleOrDefault(document => document.Kind == kind && document.Name == name)
        ?? throw new KeyNotFoundException($"There is no {kind} {name}, or more than one; there are: {string.Join(", ", Documents.Select(document => $"{document.Kind} {document.Name}"))}");
}
