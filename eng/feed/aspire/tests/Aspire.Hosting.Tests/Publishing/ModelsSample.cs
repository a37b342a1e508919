#pragma warning disable ASPIREPROBES001
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Resources;

namespace Aspire.Hosting.Tests.Publishing;

/// <summary>An application of which the real publisher's output is known, byte for byte.</summary>
internal static class ModelsSample
{
    public static void Describe(IDistributedApplicationBuilder builder)
    {
        builder.AddKubernetesEnvironment("k8s")
            .WithProperties(k8s => (k8s.DefaultImagePullPolicy, k8s.DefaultServiceType) = ("Always", "ClusterIP"))
            .WithHelm(helm => helm.WithNamespace("models").WithReleaseName("models").WithChartVersion("1.2.3").WithChartName("model-stack"));
        var apiKey = builder.AddParameter("api-key", secret: true);
        var region = builder.AddParameter("region", "eu-west");

        var registry = builder.AddProject<SampleProjects.Registry>("registry")
            .WithReplicas(2)
            .WithHttpHealthCheck("/health")
            .WithEnvironment("API_KEY", apiKey)
            .WithEnvironment("REGION", region)
            .PublishAsKubernetesService(service =>
            {
                AskForGraphics((Deployment)service.Workload!);
                service.AdditionalResources.Add(Autoscaler(service.Workload!.Metadata.Name));
            });

        builder.AddContainer("engine", "ghcr.io/acme/engine", "1.0")
            .WithHttpEndpoint(targetPort: 8000, name: "http")
            .WithArgs("--model", "m1", "--port", "8000")
            .WithEnvironment("REGISTRY_URL", registry.GetEndpoint("http"))
            .WithVolume("engine-cache", "/cache")
            .WithHttpProbe(ProbeType.Readiness, "/ready");

        builder.AddProject<SampleProjects.Gateway>("gateway")
            .WithReference(registry)
            .WaitFor(registry)
            .WithHttpHealthCheck("/health")
            .WithEnvironment("REGISTRY_URL", registry.GetEndpoint("http"))
            .WithEnvironment("REGISTRY_EXPR", $"{registry.GetEndpoint("http")}/v1?key={apiKey}&region={region}")
            .WithExternalHttpEndpoints();
    }

    private static void AskForGraphics(Deployment deployment)
    {
        deployment.Spec.Replicas = 3;
        var pod = deployment.Spec.Template.Spec;
        pod.Containers[0].Resources = new ResourceRequirementsV1 { Limits = { ["nvidia.com/gpu"] = "1" }, Requests = { ["cpu"] = "500m" } };
        pod.NodeSelector["accelerator"] = "h100";
        pod.Tolerations.Add(new TolerationV1 { Key = "nvidia.com/gpu", Operator = "Exists", Effect = "NoSchedule" });
    }

    /// <summary>Written without care for what the types hold by default.</summary>
    private static HorizontalPodAutoscalerV2 Autoscaler(string deployment) => new()
    {
        Metadata = { Name = "registry-hpa" },
        Spec = new HorizontalPodAutoscalerSpecV2
        {
            MinReplicas = 2,
            MaxReplicas = 8,
            ScaleTargetRef = new CrossVersionObjectReferenceV2 { ApiVersion = "apps/v1", Kind = "Deployment", Name = deployment },
            Metrics =
            {
                new MetricSpecV2
                {
                    Type = "Resource",
                    Resource = new ResourceMetricSourceV2 { Name = "cpu", Target = new MetricTargetV2 { Type = "Utilization", AverageUtilization = 70 } },
                },
            },
        },
    };
}
