#pragma warning disable CS1591 // The members are the fields of the Kubernetes API that they are named after, in the order in which they are written.
using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>A container of a pod.</summary>
public sealed class ContainerV1
{
    public List<string> Command { get; } = [];

    public string Image { get; set; } = null!;

    public LifecycleV1? Lifecycle { get; set; }

    public ProbeV1? LivenessProbe { get; set; }

    public string Name { get; set; } = null!;

    public ProbeV1? ReadinessProbe { get; set; }

    public ProbeV1? StartupProbe { get; set; }

    public bool? StdinOnce { get; set; }

    public List<EnvFromSourceV1> EnvFrom { get; } = [];

    public bool? Stdin { get; set; }

    public string? WorkingDir { get; set; }

    public List<string> Args { get; } = [];

    public List<ContainerPortV1> Ports { get; } = [];

    public ResourceRequirementsV1? Resources { get; set; }

    public List<VolumeMountV1> VolumeMounts { get; } = [];

    public SecurityContextV1? SecurityContext { get; set; }

    public List<EnvVarV1> Env { get; } = [];

    public string ImagePullPolicy { get; set; } = "IfNotPresent";

    public string? RestartPolicy { get; set; }

    public string? TerminationMessagePath { get; set; }

    public string? TerminationMessagePolicy { get; set; }

    public bool? Tty { get; set; }
}

/// <summary>A port of a container.</summary>
public sealed class ContainerPortV1
{
    [YamlMember(Alias = "hostIP")]
    public string HostIp { get; set; } = null!;

    public string Name { get; set; } = null!;

    public string Protocol { get; set; } = null!;

    public Int32OrStringV1? ContainerPort { get; set; }

    public Int32OrStringV1? HostPort { get; set; }
}

/// <summary>An environment variable.</summary>
public sealed class EnvVarV1
{
    public string Name { get; set; } = null!;

    public string Value { get; set; } = null!;

    public EnvVarSourceV1? ValueFrom { get; set; }
}

/// <summary>Where the value of a variable comes from.</summary>
public sealed class EnvVarSourceV1
{
    public ConfigMapKeySelectorV1? ConfigMapKeyRef { get; set; }

    public ObjectFieldSelectorV1? FieldRef { get; set; }

    public SecretKeySelectorV1? SecretKeyRef { get; set; }
}

/// <summary>A key of a config map.</summary>
public sealed class ConfigMapKeySelectorV1
{
    public string Key { get; set; } = null!;

    public string Name { get; set; } = null!;

    public bool? Optional { get; set; }
}

/// <summary>A field of the pod itself.</summary>
public sealed class ObjectFieldSelectorV1
{
    public string? ApiVersion { get; set; }

    public string FieldPath { get; set; } = null!;
}

/// <summary>A key of a secret.</summary>
public sealed class SecretKeySelectorV1
{
    public string Key { get; set; } = null!;

    public string Name { get; set; } = null!;

    public bool? Optional { get; set; }
}

/// <summary>A whole config map or secret as environment variables.</summary>
public sealed class EnvFromSourceV1
{
    public ConfigMapEnvSourceV1? ConfigMapRef { get; set; }

    public string? Prefix { get; set; }

    public SecretEnvSourceV1? SecretRef { get; set; }
}

/// <summary>A config map.</summary>
public sealed class ConfigMapEnvSourceV1
{
    public string Name { get; set; } = null!;

    public bool? Optional { get; set; }
}

/// <summary>A secret.</summary>
public sealed class SecretEnvSourceV1
{
    public string Name { get; set; } = null!;

    public bool? Optional { get; set; }
}

/// <summary>What a container needs and may use.</summary>
public sealed class ResourceRequirementsV1
{
    public Dictionary<string, string> Limits { get; } = [];

    public Dictionary<string, string> Requests { get; } = [];
}

/// <summary>As whom a container's processes run, and what they may do.</summary>
public sealed class SecurityContextV1
{
    public bool? Privileged { get; set; }

    public SeccompProfileV1? SeccompProfile { get; set; }

    public bool? ReadOnlyRootFilesystem { get; set; }

    public bool? AllowPrivilegeEscalation { get; set; }

    public long? RunAsGroup { get; set; }

    public long? RunAsUser { get; set; }

    public CapabilitiesV1? Capabilities { get; set; }

    public string? ProcMount { get; set; }

    public bool? RunAsNonRoot { get; set; }
}

/// <summary>Privileges of the system's kernel.</summary>
public sealed class CapabilitiesV1
{
    public List<string> Add { get; } = [];

    public List<string> Drop { get; } = [];
}

/// <summary>What is done after a container's start and before its end.</summary>
public sealed class LifecycleV1
{
    public LifecycleHandlerV1? PostStart { get; set; }

    public LifecycleHandlerV1? PreStop { get; set; }
}

/// <summary>What is done. Only what is left null is not written.</summary>
public sealed class LifecycleHandlerV1
{
    public ExecActionV1 Exec { get; set; } = new();

    public SleepActionV1 Sleep { get; set; } = new();

    public HttpGetActionV1 HttpGet { get; set; } = new();

    public TcpSocketActionV1 TcpSocket { get; set; } = new();
}

/// <summary>Waiting.</summary>
public sealed class SleepActionV1
{
    public long? Seconds { get; set; }
}
