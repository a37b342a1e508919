#pragma warning disable CS1591 // The members are the fields of the Kubernetes API that they are named after, in the order in which they are written.
using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>Settings as text.</summary>
public sealed class ConfigMap() : BaseKubernetesResource("v1", "ConfigMap")
{
    public Dictionary<string, string> BinaryData { get; } = [];

    public Dictionary<string, string> Data { get; } = [];

    public bool? Immutable { get; set; }
}

/// <summary>Settings that not everybody may read.</summary>
public sealed class Secret() : BaseKubernetesResource("v1", "Secret")
{
    public Dictionary<string, string> Data { get; } = [];

    public Dictionary<string, string> StringData { get; } = [];

    public bool? Immutable { get; set; }

    public string Type { get; set; } = "Opaque";
}

/// <summary>A name and an address for pods.</summary>
public sealed class Service() : BaseKubernetesResource("v1", "Service")
{
    public ServiceSpecV1 Spec { get; set; } = new();
}

/// <summary>What a service is to be.</summary>
public sealed class ServiceSpecV1
{
    [YamlMember(Alias = "clusterIP")]
    public string ClusterIp { get; set; } = null!;

    [YamlMember(Alias = "loadBalancerIP")]
    public string LoadBalancerIp { get; set; } = null!;

    public string ExternalName { get; set; } = null!;

    public string Type { get; set; } = null!;

    public string TrafficDistribution { get; set; } = null!;

    public Dictionary<string, string> Selector { get; set; } = [];

    public bool? AllocateLoadBalancerNodePorts { get; set; }

    public List<string> ClusterIPs { get; } = [];

    public List<string> ExternalIPs { get; } = [];

    public List<string> IpFamilies { get; } = [];

    public string LoadBalancerClass { get; set; } = null!;

    public List<string> LoadBalancerSourceRanges { get; } = [];

    public List<ServicePortV1> Ports { get; } = [];

    public bool? PublishNotReadyAddresses { get; set; }

    public int? HealthCheckNodePort { get; set; }

    public string ExternalTrafficPolicy { get; set; } = null!;

    public string InternalTrafficPolicy { get; set; } = null!;

    public string IpFamilyPolicy { get; set; } = null!;

    public string SessionAffinity { get; set; } = null!;
}

/// <summary>A port of a service.</summary>
public sealed class ServicePortV1
{
    public string Name { get; set; } = null!;

    public string AppProtocol { get; set; } = null!;

    public string Protocol { get; set; } = null!;

    public int? NodePort { get; set; }

    public Int32OrStringV1? Port { get; set; }

    public Int32OrStringV1? TargetPort { get; set; }
}

/// <summary>Ways from outside to services.</summary>
public sealed class Ingress() : BaseKubernetesResource("networking.k8s.io/v1", "Ingress")
{
    public IngressSpecV1 Spec { get; set; } = new();
}

/// <summary>What an ingress is to be.</summary>
public sealed class IngressSpecV1
{
    public IngressBackendV1 DefaultBackend { get; set; } = null!;

    public string IngressClassName { get; set; } = null!;

    public List<IngressRuleV1> Rules { get; } = [];

    public List<IngressTLSV1> Tls { get; } = [];
}

/// <summary>The ways of one host.</summary>
public sealed class IngressRuleV1
{
    public string? Host { get; set; }

    public HttpIngressRuleValueV1 Http { get; set; } = new();
}

/// <summary>The paths of one host.</summary>
public sealed class HttpIngressRuleValueV1
{
    public List<HttpIngressPathV1> Paths { get; } = [];
}

/// <summary>A path and where it leads.</summary>
public sealed class HttpIngressPathV1
{
    public IngressBackendV1 Backend { get; set; } = new();

    public string PathType { get; set; } = null!;

    public string? Path { get; set; }
}

/// <summary>Where a way leads.</summary>
public sealed class IngressBackendV1
{
    public IngressServiceBackendV1 Service { get; set; } = null!;
}

/// <summary>A service that a way leads to.</summary>
public sealed class IngressServiceBackendV1
{
    public string Name { get; set; } = null!;

    public ServiceBackendPortV1 Port { get; set; } = new();
}

/// <summary>A port by name or number.</summary>
public sealed class ServiceBackendPortV1
{
    public string Name { get; set; } = null!;

    public int? Number { get; set; }
}

/// <summary>The certificate of hosts.</summary>
public sealed class IngressTLSV1
{
    public string SecretName { get; set; } = null!;

    public List<string> Hosts { get; } = [];
}
