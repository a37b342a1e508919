#pragma warning disable CS1591 // The members are the fields of the Kubernetes API that they are named after, in the order in which they are written.
using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>Whatever says of itself what kind it is.</summary>
/// <param name="apiVersion">Group and version of its API.</param>
/// <param name="kind">Its kind.</param>
public abstract class BaseKubernetesObject(string? apiVersion = null, string? kind = null)
{
    [YamlMember(Order = -2)]
    public string? Kind { get; set; } = kind;

    [YamlMember(Order = -3)]
    public string? ApiVersion { get; set; } = apiVersion;
}

/// <summary>An object of a cluster. Kinds that have no class here are derived from it.</summary>
/// <param name="apiVersion">Group and version of its API.</param>
/// <param name="kind">Its kind.</param>
public abstract class BaseKubernetesResource(string apiVersion, string kind) : BaseKubernetesObject(apiVersion, kind)
{
    [YamlMember(Order = -1)]
    public ObjectMetaV1 Metadata { get; set; } = new();
}

/// <summary>What every object of a cluster has.</summary>
public sealed class ObjectMetaV1
{
    public string Uid { get; set; } = null!;

    public string GenerateName { get; set; } = null!;

    public string Name { get; set; } = null!;

    public string Namespace { get; set; } = null!;

    public string SelfLink { get; set; } = null!;

    public long? Generation { get; set; }

    public string ResourceVersion { get; set; } = null!;

    public Dictionary<string, string> Annotations { get; } = [];

    public long? DeletionGracePeriodSeconds { get; set; }

    public List<string> Finalizers { get; } = [];

    public Dictionary<string, string> Labels { get; set; } = [];
}

/// <summary>Which objects are meant, by their labels.</summary>
public sealed class LabelSelectorV1
{
    /// <summary>Everything.</summary>
    public LabelSelectorV1()
    {
    }

    /// <summary>What has all of these labels.</summary>
    public LabelSelectorV1(Dictionary<string, string> matchLabels) => MatchLabels = matchLabels;

    public List<LabelSelectorRequirementV1> MatchExpressions { get; } = [];

    public Dictionary<string, string> MatchLabels { get; } = [];
}

/// <summary>One condition on a label.</summary>
public sealed class LabelSelectorRequirementV1
{
    public string Key { get; set; } = null!;

    public string Operator { get; set; } = null!;

    public List<string> Values { get; } = [];
}

/// <summary>The name of an object in the same namespace.</summary>
public sealed class LocalObjectReferenceV1
{
    public string Name { get; set; } = null!;
}
