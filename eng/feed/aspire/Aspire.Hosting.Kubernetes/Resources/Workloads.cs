#pragma warning disable CS1591 // The members are the fields of the Kubernetes API that they are named after, in the order in which they are written.
namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>Something that runs pods.</summary>
/// <param name="apiVersion">Group and version of its API.</param>
/// <param name="kind">Its kind.</param>
public abstract class Workload(string apiVersion, string kind) : BaseKubernetesResource(apiVersion, kind)
{
    /// <summary>The pods, whatever the kind of the workload.</summary>
    [YamlDotNet.Serialization.YamlIgnore]
    public abstract PodTemplateSpecV1 PodTemplate { get; }
}

/// <summary>Pods that can stand for one another.</summary>
public sealed class Deployment() : Workload("apps/v1", "Deployment")
{
    public DeploymentSpecV1 Spec { get; set; } = new();

    /// <inheritdoc />
    [YamlDotNet.Serialization.YamlIgnore]
    public override PodTemplateSpecV1 PodTemplate => Spec.Template;
}

/// <summary>What a deployment is to be.</summary>
public sealed class DeploymentSpecV1
{
    public bool? Paused { get; set; }

    public PodTemplateSpecV1 Template { get; set; } = new();

    public LabelSelectorV1 Selector { get; set; } = new();

    public int? MinReadySeconds { get; set; }

    public int? ProgressDeadlineSeconds { get; set; }

    public int? Replicas { get; set; } = 1;

    public int? RevisionHistoryLimit { get; set; } = 3;

    public DeploymentStrategyV1 Strategy { get; set; } = new();
}

/// <summary>How new pods take the place of old ones.</summary>
public sealed class DeploymentStrategyV1
{
    public RollingUpdateDeploymentV1? RollingUpdate { get; set; }

    public string Type { get; set; } = "RollingUpdate";
}

/// <summary>How many pods may be too many or too few meanwhile.</summary>
public sealed class RollingUpdateDeploymentV1
{
    public int MaxSurge { get; set; }

    public int MaxUnavailable { get; set; }
}

/// <summary>Pods with names and volumes of their own.</summary>
public sealed class StatefulSet() : Workload("apps/v1", "StatefulSet")
{
    public StatefulSetSpecV1 Spec { get; set; } = new();

    /// <inheritdoc />
    [YamlDotNet.Serialization.YamlIgnore]
    public override PodTemplateSpecV1 PodTemplate => Spec.Template;
}

/// <summary>What a stateful set is to be.</summary>
public sealed class StatefulSetSpecV1
{
    public string ServiceName { get; set; } = null!;

    public PodTemplateSpecV1 Template { get; set; } = new();

    public LabelSelectorV1 Selector { get; set; } = new();

    public int? MinReadySeconds { get; set; }

    public int? Replicas { get; set; }

    public List<PersistentVolumeClaim> VolumeClaimTemplates { get; } = [];

    public int? RevisionHistoryLimit { get; set; }

    public string? PodManagementPolicy { get; set; }
}
