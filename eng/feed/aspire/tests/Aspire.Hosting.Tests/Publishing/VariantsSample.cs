#pragma warning disable ASPIREPROBES001, ASPIRECOMPUTE002
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;
using YamlDotNet.Serialization;

namespace Aspire.Hosting.Tests.Publishing;

/// <summary>What the other sample does not use: Redis, an ingress, claims, a stateful set, a kind of our own.</summary>
internal static class VariantsSample
{
    public static void Describe(IDistributedApplicationBuilder builder)
    {
        var k8s = builder.AddKubernetesEnvironment("k8s").WithDashboard(false)
            .WithProperties(k => (k.DefaultStorageType, k.DefaultStorageClassName, k.DefaultStorageSize) = ("pvc", "fast", "5Gi"));
        builder.AddRedis("cache");
        var weights = k8s.AddPersistentVolume("weights").WithStorageClass("fast-ssd").WithCapacity("200Gi").WithAccessMode(PersistentVolumeAccessMode.ReadWriteMany);
        var token = builder.AddParameter("token", secret: true);
        builder.AddProject<SampleProjects.Registry>("registry")
            .WithReplicas(2)
            .WithHttpProbe(ProbeType.Liveness, "/health")
            .WithEnvironment("TOKEN", token)
            .WithPersistentVolume(weights, "/models");
        builder.AddContainer("engine", "ghcr.io/acme/engine", "1.0")
            .WithVolume("engine-cache", "/cache")
            .WithEnvironment("STATIC", "some value with \"quotes\" and: colon")
            .PublishAsKubernetesService(service =>
            {
                service.AdditionalResources.Add(CarefulAutoscaler());
                service.AdditionalResources.Add(new Manifest("policy/v1", "PodDisruptionBudget")
                {
                    Metadata = { Name = "engine-budget" },
                    Spec = { ["minAvailable"] = 1, ["unhealthyPodEvictionPolicy"] = "AlwaysAllow" },
                });
            });
        var gateway = builder.AddProject<SampleProjects.Gateway>("gateway").WithExternalHttpEndpoints();
        k8s.AddIngress("edge").WithIngressClass("nginx").WithHostname("models.example.com").WithPath("/", gateway.GetEndpoint("http")).WithTls("edge-tls")
            .WithIngressAnnotation("nginx.ingress.kubernetes.io/proxy-read-timeout", "3600");
    }

    /// <summary>What the types hold by default, taken out again.</summary>
    private static HorizontalPodAutoscalerV2 CarefulAutoscaler() => new()
    {
        Metadata = { Name = "engine-hpa-typed" },
        Spec = new HorizontalPodAutoscalerSpecV2
        {
            MinReplicas = 1,
            MaxReplicas = 2,
            Behavior = null!,
            ScaleTargetRef = new CrossVersionObjectReferenceV2 { ApiVersion = "apps/v1", Kind = "Deployment", Name = "x", Metadata = null! },
            Metrics =
            {
                new MetricSpecV2
                {
                    Type = "Resource",
                    Resource = new ResourceMetricSourceV2 { Name = "cpu", Target = new MetricTargetV2 { Type = "Utilization", AverageUtilization = 70 } },
                    ContainerResource = null!,
                    External = null!,
                    Object = null!,
                    Pods = null!,
                },
            },
        },
    };

    private sealed class Manifest(string apiVersion, string kind) : BaseKubernetesResource(apiVersion, kind)
    {
        [YamlMember(Alias = "spec")]
        public Dictionary<string, object> Spec { get; set; } = [];
    }
}
