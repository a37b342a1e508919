#pragma warning disable CS1591 // The members are the fields of the Kubernetes API that they are named after, in the order in which they are written.
using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>The pods of a workload.</summary>
public sealed class PodTemplateSpecV1
{
    public ObjectMetaV1 Metadata { get; set; } = new();

    public PodSpecV1 Spec { get; set; } = new();
}

/// <summary>A pod.</summary>
public sealed class PodSpecV1
{
    [YamlMember(Alias = "hostIPC")]
    public bool? HostIpc { get; set; }

    [YamlMember(Alias = "hostPID")]
    public bool? HostPid { get; set; }

    [YamlMember(Alias = "setHostnameAsFQDN")]
    public bool? SetHostnameAsFqdn { get; set; }

    public Dictionary<string, string> Overhead { get; } = [];

    public string Hostname { get; set; } = null!;

    public string NodeName { get; set; } = null!;

    public string PriorityClassName { get; set; } = null!;

    public string RuntimeClassName { get; set; } = null!;

    public string SchedulerName { get; set; } = null!;

    public string ServiceAccountName { get; set; } = null!;

    public bool? ShareProcessNamespace { get; set; }

    public bool? HostNetwork { get; set; }

    public bool? AutomountServiceAccountToken { get; set; }

    public string Subdomain { get; set; } = null!;

    public Dictionary<string, string> NodeSelector { get; } = [];

    public long? ActiveDeadlineSeconds { get; set; }

    public List<ContainerV1> Containers { get; } = [];

    public bool? EnableServiceLinks { get; set; }

    public bool? HostUsers { get; set; }

    public List<LocalObjectReferenceV1> ImagePullSecrets { get; } = [];

    public List<ContainerV1> InitContainers { get; } = [];

    public long? TerminationGracePeriodSeconds { get; set; }

    public List<TolerationV1> Tolerations { get; } = [];

    public List<TopologySpreadConstraintV1> TopologySpreadConstraints { get; } = [];

    public List<VolumeV1> Volumes { get; } = [];

    public PodSecurityContextV1? SecurityContext { get; set; }

    public string ServiceAccount { get; set; } = null!;

    public string DnsPolicy { get; set; } = null!;

    public string PreemptionPolicy { get; set; } = null!;

    public int? Priority { get; set; }

    public string RestartPolicy { get; set; } = null!;
}

/// <summary>As whom the pod's processes run.</summary>
public sealed class PodSecurityContextV1
{
    public SeccompProfileV1? SeccompProfile { get; set; }

    public long? FsGroup { get; set; }

    public long? RunAsGroup { get; set; }

    public long? RunAsUser { get; set; }

    public List<long> SupplementalGroups { get; } = [];

    public bool? RunAsNonRoot { get; set; }

    public string? FsGroupChangePolicy { get; set; }

    public string? SupplementalGroupsPolicy { get; set; }
}

/// <summary>Which system calls are allowed.</summary>
public sealed class SeccompProfileV1
{
    public string LocalhostProfile { get; set; } = null!;

    public string Type { get; set; } = null!;
}

/// <summary>A taint of nodes that the pod puts up with.</summary>
public sealed class TolerationV1
{
    public string Value { get; set; } = null!;

    public string Operator { get; set; } = null!;

    public long? TolerationSeconds { get; set; }

    public string Effect { get; set; } = null!;

    public string Key { get; set; } = null!;
}

/// <summary>How pods are spread over nodes or zones.</summary>
public sealed class TopologySpreadConstraintV1
{
    public string? WhenUnsatisfiable { get; set; }

    public LabelSelectorV1 LabelSelector { get; set; } = new();

    public List<string> MatchLabelKeys { get; } = [];

    public int? MinDomains { get; set; }

    public int? MaxSkew { get; set; }

    public string? NodeAffinityPolicy { get; set; }

    public string? NodeTaintsPolicy { get; set; }

    public string? TopologyKey { get; set; }
}
