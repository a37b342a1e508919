using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Publishing;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.Kubernetes;

/// <summary>A cluster that the application is published for: as one Helm chart.</summary>
public sealed class KubernetesEnvironmentResource : Resource
{
    /// <summary>A cluster.</summary>
    /// <param name="name">The resource's name.</param>
    public KubernetesEnvironmentResource(string name)
        : base(name) => Annotations.Add(new PipelineStepAnnotation(() => KubernetesPublishing.StepsOf(this)));

    /// <summary>Whether the Aspire dashboard is part of the chart, and gets the telemetry.</summary>
    public bool DashboardEnabled { get; set; } = true;

    /// <summary>What volumes become: <c>emptyDir</c>, <c>hostPath</c> or <c>pvc</c>.</summary>
    public string DefaultStorageType { get; set; } = "emptyDir";

    /// <summary>The storage class of claims; null for the cluster's default.</summary>
    public string? DefaultStorageClassName { get; set; }

    /// <summary>The size of claims.</summary>
    public string DefaultStorageSize { get; set; } = "1Gi";

    /// <summary>The access mode of claims.</summary>
    public string DefaultStorageReadWritePolicy { get; set; } = "ReadWriteOnce";

    /// <summary>When images are pulled: <c>Always</c>, <c>IfNotPresent</c> or <c>Never</c>.</summary>
    public string DefaultImagePullPolicy { get; set; } = "IfNotPresent";

    /// <summary>The type of services: <c>ClusterIP</c>, <c>NodePort</c> or <c>LoadBalancer</c>.</summary>
    public string DefaultServiceType { get; set; } = "ClusterIP";

    internal HelmChartOptions Chart { get; } = new();

    internal KubernetesAspireDashboardResource? Dashboard { get; set; }
}
