using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Checks;

/// <summary>The objects that are checked together, and what is declared to be there.</summary>
internal sealed class ObjectSet
{
    public ObjectSet(IReadOnlyList<RenderedDocument> documents, ObjectCheckOptions options)
    {
        Documents = documents;
        Options = options;
        Workloads = [.. documents.Select(WorkloadOf).OfType<Workload>()];
    }

    public IReadOnlyList<RenderedDocument> Documents { get; }

    public ObjectCheckOptions Options { get; }

    public IReadOnlyList<Workload> Workloads { get; }

    public IEnumerable<RenderedDocument> OfKind(params string[] kinds) => Documents.Where(document => kinds.Contains(document.Kind));

    public string NamespaceOf(RenderedDocument document) => document.Content.Map("metadata").Text("namespace") ?? Options.Namespace;

    /// <summary>An object of the set; null where it is elsewhere or nowhere.</summary>
    public RenderedDocument? Find(string kind, string? name, string @namespace) =>
        Documents.FirstOrDefault(document => document.Kind == kind && document.Name == name && NamespaceOf(document) == @namespace);

    public bool IsExternal(string kind, string? name) => Options.External.Contains($"{kind}/{name}");

    public bool Exists(string kind, string? name, string @namespace) => IsExternal(kind, name) || Find(kind, name, @namespace) is not null;

    /// <summary>Workloads whose pods a label selector takes.</summary>
    public IReadOnlyList<Workload> Select(ValueMap selector, string @namespace) =>
        [.. Workloads.Where(workload => workload.Namespace == @namespace && Labels.IsSelected(selector, workload.Labels))];

    /// <summary>Workloads that a Service takes; a Service without a selector takes none.</summary>
    public IReadOnlyList<Workload> Select(RenderedDocument service)
    {
        var selector = service.Content.Map("spec").Map("selector");
        return selector.Count == 0 ? [] : [.. Workloads.Where(workload => workload.Namespace == NamespaceOf(service) && Labels.Contains(workload.Labels, selector))];
    }

    private Workload? WorkloadOf(RenderedDocument document)
    {
        var spec = document.Content.Map("spec");
        return document.Kind switch
        {
            "Deployment" or "StatefulSet" or "Job" => new Workload(
                document, NamespaceOf(document), spec.Map("template").Map("metadata").Map("labels"), spec.Map("template").Map("spec")),
            "Pod" => new Workload(document, NamespaceOf(document), document.Content.Map("metadata").Map("labels"), spec),
            "InferenceService" => new Workload(document, NamespaceOf(document), LabelsByKServe(document), spec.Map("predictor")),
            _ => null,
        };
    }

    /// <summary>KServe makes the pods, and labels them with the service's name.</summary>
    private static ValueMap LabelsByKServe(RenderedDocument service)
    {
        var labels = service.Content.Map("spec").Map("predictor").Map("labels").Copy();
        labels["serving.kserve.io/inferenceservice"] = service.Name;
        return labels;
    }
}
