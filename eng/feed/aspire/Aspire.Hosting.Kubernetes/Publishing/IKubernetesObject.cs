using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Resources;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>A resource that is one object of the cluster, and nothing that runs.</summary>
internal interface IKubernetesObject : IResource
{
    /// <summary>The object, once it is prepared.</summary>
    BaseKubernetesResource Prepared { get; }

    /// <summary>Makes the object.</summary>
    Task PrepareAsync(KubernetesModel model);
}
