using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Publishing;
using Aspire.Hosting.Kubernetes.Resources;

namespace Aspire.Hosting.Kubernetes;

/// <summary>What a resource becomes in a cluster. What a customisation changes here is what is written.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="resource">The resource.</param>
/// <param name="kubernetesEnvironmentResource">The cluster.</param>
public class KubernetesResource(string name, IResource resource, KubernetesEnvironmentResource kubernetesEnvironmentResource)
    : Resource(name), IResourceWithParent<KubernetesEnvironmentResource>
{
    /// <inheritdoc />
    public KubernetesEnvironmentResource Parent => kubernetesEnvironmentResource;

    /// <summary>What runs its pods: a deployment, or a stateful set for what others reach by a connection string or what has a persistent volume.</summary>
    public Workload? Workload { get; set; }

    /// <summary>The environment variables that may be read; null where there are none.</summary>
    public ConfigMap? ConfigMap { get; set; }

    /// <summary>The environment variables with secrets in them; null where there are none.</summary>
    public Secret? Secret { get; set; }

    /// <summary>Its name in the cluster; null where it does not listen.</summary>
    public Service? Service { get; set; }

    /// <summary>Further objects. They get the labels of the resource.</summary>
    public List<BaseKubernetesResource> AdditionalResources { get; } = [];

    /// <summary>The resource itself.</summary>
    internal IResource Target { get; } = resource;

    internal Dictionary<string, string> Labels { get; } = new()
    {
        ["app.kubernetes.io/name"] = "{{ .Chart.Name }}",
        ["app.kubernetes.io/component"] = resource.Name,
        ["app.kubernetes.io/instance"] = "{{ .Release.Name }}",
    };

    /// <summary>Ports and images in values.yaml.</summary>
    internal Dictionary<string, HelmValue> Parameters { get; } = [];

    /// <summary>The environment variables of the config map.</summary>
    internal Dictionary<string, HelmValue> Config { get; } = [];

    /// <summary>The environment variables of the secret.</summary>
    internal Dictionary<string, HelmValue> Secrets { get; } = [];

    internal Dictionary<string, KubernetesEndpoint> Endpoints { get; set; } = [];

    internal List<string> Arguments { get; } = [];

    /// <summary>The claims of its volumes.</summary>
    internal List<PersistentVolumeClaim> Claims { get; } = [];

    /// <summary>The objects that are written, in their order.</summary>
    internal IEnumerable<BaseKubernetesResource> Objects()
    {
        foreach (var additional in AdditionalResources)
        {
            foreach (var (label, value) in Labels)
            {
                additional.Metadata.Labels.TryAdd(label, value);
            }
        }

        return new BaseKubernetesResource?[] { Workload, ConfigMap, Secret, Service }.OfType<BaseKubernetesResource>().Concat(Claims).Concat(AdditionalResources);
    }
}

/// <summary>Changes what a resource becomes in a cluster.</summary>
/// <param name="configure">Changes it.</param>
public sealed class KubernetesServiceCustomizationAnnotation(Action<KubernetesResource> configure) : IResourceAnnotation
{
    /// <summary>Changes it.</summary>
    public Action<KubernetesResource> Configure { get; } = configure;
}
