using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Publishing;
using Aspire.Hosting.Kubernetes.Resources;

namespace Aspire.Hosting.Kubernetes;

/// <summary>Who may use a volume at once.</summary>
public enum PersistentVolumeAccessMode
{
    /// <summary>One node, for reading and writing.</summary>
    ReadWriteOnce,

    /// <summary>Many nodes, for reading.</summary>
    ReadOnlyMany,

    /// <summary>Many nodes, for reading and writing.</summary>
    ReadWriteMany,

    /// <summary>One pod, for reading and writing.</summary>
    ReadWriteOncePod,
}

/// <summary>A volume of the cluster that pods share and that outlives them.</summary>
[Experimental("ASPIRECOMPUTE002", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public sealed class KubernetesPersistentVolumeResource : Resource, IResourceWithParent<KubernetesEnvironmentResource>, IKubernetesObject
{
    private readonly PersistentVolumeClaim _claim = new();

    /// <summary>A volume.</summary>
    /// <param name="name">The resource's name, and that of the claim.</param>
    /// <param name="environment">The cluster.</param>
    public KubernetesPersistentVolumeResource(string name, KubernetesEnvironmentResource environment)
        : base(name) => (Parent, _claim.Metadata.Name) = (environment, name);

    /// <inheritdoc />
    public KubernetesEnvironmentResource Parent { get; }

    BaseKubernetesResource IKubernetesObject.Prepared => _claim;

    internal string? StorageClass { get; set; }

    internal string? Capacity { get; set; }

    internal PersistentVolumeAccessMode? AccessMode { get; set; }

    Task IKubernetesObject.PrepareAsync(KubernetesModel model)
    {
        _claim.Spec = new PersistentVolumeClaimSpecV1
        {
            StorageClassName = (StorageClass ?? Parent.DefaultStorageClassName)!,
            AccessModes = { AccessMode?.ToString() ?? Parent.DefaultStorageReadWritePolicy },
            Resources = new() { Requests = { ["storage"] = Capacity ?? Parent.DefaultStorageSize } },
        };
        return Task.CompletedTask;
    }
}
