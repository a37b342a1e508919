#pragma warning disable CS1591 // The members are the fields of the Kubernetes API that they are named after, in the order in which they are written.
namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>Changes the number of pods with their load. A part that is not set to null is written even when nothing was put into it.</summary>
public sealed class HorizontalPodAutoscalerV2() : BaseKubernetesResource("autoscaling/v2", "HorizontalPodAutoscaler")
{
    public HorizontalPodAutoscalerSpecV2 Spec { get; set; } = new();
}

/// <summary>Of what, between which numbers, by which load.</summary>
public sealed class HorizontalPodAutoscalerSpecV2
{
    public CrossVersionObjectReferenceV2 ScaleTargetRef { get; set; } = new();

    public HorizontalPodAutoscalerBehaviorV2 Behavior { get; set; } = new();

    public int MaxReplicas { get; set; }

    public List<MetricSpecV2> Metrics { get; } = [];

    public int? MinReplicas { get; set; }
}

/// <summary>An object by kind and name; it is written with metadata, which no API takes.</summary>
public sealed class CrossVersionObjectReferenceV2() : BaseKubernetesResource("v2", "ObjectReference")
{
    public string Name { get; set; } = null!;
}

/// <summary>How fast.</summary>
public sealed class HorizontalPodAutoscalerBehaviorV2
{
    public HpaScalingRulesV2 ScaleDown { get; set; } = new();

    public HpaScalingRulesV2 ScaleUp { get; set; } = new();
}

/// <summary>How fast in one direction.</summary>
public sealed class HpaScalingRulesV2
{
    public List<HpaScalingPolicyV2> Policies { get; } = [];

    public int? StabilizationWindowSeconds { get; set; }

    public string SelectPolicy { get; set; } = null!;
}

/// <summary>A number of pods, or a share of them, in a time.</summary>
public sealed class HpaScalingPolicyV2
{
    public int PeriodSeconds { get; set; }

    public string Type { get; set; } = null!;

    public int Value { get; set; }
}

/// <summary>A measure of load: of one of five kinds.</summary>
public sealed class MetricSpecV2
{
    public ContainerResourceMetricSourceV2 ContainerResource { get; set; } = new();

    public ResourceMetricSourceV2 Resource { get; set; } = new();

    public string Type { get; set; } = null!;

    public ExternalMetricSourceV2 External { get; set; } = new();

    public PodsMetricSourceV2 Pods { get; set; } = new();

    public ObjectMetricSourceV2 Object { get; set; } = new();
}

/// <summary>Processor or memory of one container.</summary>
public sealed class ContainerResourceMetricSourceV2
{
    public string Container { get; set; } = null!;

    public string Name { get; set; } = null!;

    public MetricTargetV2 Target { get; set; } = new();
}

/// <summary>Processor or memory of the pods.</summary>
public sealed class ResourceMetricSourceV2
{
    public string Name { get; set; } = null!;

    public MetricTargetV2 Target { get; set; } = new();
}

/// <summary>A measure from outside of the cluster.</summary>
public sealed class ExternalMetricSourceV2
{
    public MetricIdentifierV2 Metric { get; set; } = new();

    public MetricTargetV2 Target { get; set; } = new();
}

/// <summary>A measure of the pods' own.</summary>
public sealed class PodsMetricSourceV2
{
    public MetricIdentifierV2 Metric { get; set; } = new();

    public MetricTargetV2 Target { get; set; } = new();
}

/// <summary>A measure of another object.</summary>
public sealed class ObjectMetricSourceV2
{
    public MetricIdentifierV2 Metric { get; set; } = new();

    public CrossVersionObjectReferenceV2 DescribedObject { get; set; } = new();

    public MetricTargetV2 Target { get; set; } = new();
}

/// <summary>A measure by name.</summary>
public sealed class MetricIdentifierV2
{
    public string Name { get; set; } = null!;

    public LabelSelectorV1 Selector { get; set; } = new();
}

/// <summary>How much of it is wanted.</summary>
public sealed class MetricTargetV2
{
    public string AverageValue { get; set; } = null!;

    public string Type { get; set; } = null!;

    public string Value { get; set; } = null!;

    public int? AverageUtilization { get; set; }
}
