#pragma warning disable CS1591 // The members are the fields of the Kubernetes API that they are named after, in the order in which they are written.
namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>A volume of a pod.</summary>
public sealed class VolumeV1
{
    public string Name { get; set; } = null!;

    public HostPathVolumeSourceV1? HostPath { get; set; }

    public PersistentVolumeClaimVolumeSourceV1? PersistentVolumeClaim { get; set; }

    public ConfigMapVolumeSourceV1? ConfigMap { get; set; }

    public EmptyDirVolumeSourceV1? EmptyDir { get; set; }

    public SecretVolumeSourceV1? Secret { get; set; }
}

/// <summary>A folder of the node.</summary>
public sealed class HostPathVolumeSourceV1
{
    public string Path { get; set; } = null!;

    public string Type { get; set; } = null!;
}

/// <summary>A volume that is claimed.</summary>
public sealed class PersistentVolumeClaimVolumeSourceV1
{
    public string ClaimName { get; set; } = null!;

    public bool? ReadOnly { get; set; }
}

/// <summary>A config map as files.</summary>
public sealed class ConfigMapVolumeSourceV1
{
    public int? DefaultMode { get; set; }

    public string Name { get; set; } = null!;

    public bool? Optional { get; set; }

    public List<KeyToPathV1> Items { get; } = [];
}

/// <summary>A folder that ends with the pod.</summary>
public sealed class EmptyDirVolumeSourceV1
{
    public string? Medium { get; set; }

    public string? SizeLimit { get; set; }
}

/// <summary>A secret as files.</summary>
public sealed class SecretVolumeSourceV1
{
    public int? DefaultMode { get; set; }

    public string SecretName { get; set; } = null!;

    public bool? Optional { get; set; }

    public List<KeyToPathV1> Items { get; } = [];
}

/// <summary>The file that a key becomes.</summary>
public sealed class KeyToPathV1
{
    public string Key { get; set; } = null!;

    public int? Mode { get; set; }

    public string Path { get; set; } = null!;
}

/// <summary>Where a container sees a volume.</summary>
public sealed class VolumeMountV1
{
    public string Name { get; set; } = null!;

    public string MountPath { get; set; } = null!;

    public string SubPath { get; set; } = null!;

    public string? MountPropagation { get; set; }

    public string? SubPathExpr { get; set; }

    public bool? ReadOnly { get; set; }

    public string? RecursiveReadOnly { get; set; }
}

/// <summary>A claim to a volume.</summary>
public sealed class PersistentVolumeClaim() : BaseKubernetesResource("v1", "PersistentVolumeClaim")
{
    public PersistentVolumeClaimSpecV1 Spec { get; set; } = new();
}

/// <summary>What is claimed.</summary>
public sealed class PersistentVolumeClaimSpecV1
{
    public string StorageClassName { get; set; } = null!;

    public string VolumeAttributesClassName { get; set; } = null!;

    public string VolumeMode { get; set; } = null!;

    public string VolumeName { get; set; } = null!;

    public LabelSelectorV1? Selector { get; set; }

    public List<string> AccessModes { get; } = [];

    public VolumeResourceRequirementsV1? Resources { get; set; }
}

/// <summary>How large a volume is to be.</summary>
public sealed class VolumeResourceRequirementsV1
{
    public Dictionary<string, string> Limits { get; } = [];

    public Dictionary<string, string> Requests { get; } = [];
}
