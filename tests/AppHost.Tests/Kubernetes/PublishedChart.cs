using Sluice.HelmCharts;
using Sluice.HelmCharts.Values;
using Sluice.Testing;

[assembly: AssemblyFixture(typeof(Sluice.AppHost.Tests.Kubernetes.PublishedChart))]

namespace Sluice.AppHost.Tests.Kubernetes;

/// <summary>The chart as the AppHost publishes it, once for all tests; and the ways in which people install it.</summary>
public sealed class PublishedChart : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>The ways, by name: together they take every branch of the templates.</summary>
    public static IReadOnlyDictionary<string, string> Installations { get; } = new Dictionary<string, string>
    {
        ["default"] = "",
        ["minikube"] = File.ReadAllText(Source("values-minikube.yaml")),
        ["gpu"] = File.ReadAllText(Source("values-gpu.yaml")),
        ["everything"] = """
            nameOverride: models
            commonLabels: { team: ml }
            image: { registry: ghcr.io/example/, tag: 1.2.3, pullPolicy: Always, pullSecrets: [pull] }
            tokens: { existingSecret: my-tokens }
            telemetry: { otlpEndpoint: "http://collector.monitoring:4317" }
            prometheus: { url: "http://prometheus.monitoring:9090", tokenSecret: prometheus-token }
            monitoring:
              podAnnotations: false
              serviceMonitor: { enabled: true, labels: { release: stack } }
              rules: { enabled: true, labels: { release: stack } }
              dashboard: { enabled: true }
            pods: { annotations: { example.org/a: b }, labels: { example.org/c: d } }
            gateway:
              image: { digest: "sha256:0123456789012345678901234567890123456789012345678901234567890123" }
              service: { type: LoadBalancer, annotations: { example.org/lb: internal }, loadBalancerSourceRanges: [10.0.0.0/8] }
              tls: { secretName: gateway-tls }
              capture: { share: 0.1 }
              settings: { Gateway__RequestTimeout: "00:00:10" }
              settingsFromSecrets: [gateway-extra]
              nodeSelector: { example.org/pool: edge }
              tolerations: [{ key: edge, operator: Exists, effect: NoSchedule }]
              affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: edge, operator: Exists }] }] } } }
              priorityClassName: high
            predictor:
              image: { tag: 2.0.0 }
              gpu: { enabled: true, resourceName: nvidia.com/mig-1g.10gb, count: 1, runtimeClassName: nvidia, memoryLimitBytes: 8589934592 }
              cache: { type: ephemeral, storageClassName: fast }
              settings: { Predictor__Batching__MaxBatchSize: "64" }
              settingsFromSecrets: [predictor-extra]
              nodeSelector: { example.org/pool: gpu }
              priorityClassName: high
              stable: { autoscaling: { mode: utilization, minReplicas: 2 } }
              canary: { autoscaling: { mode: cpu }, strategy: { maxSurge: 1, maxUnavailable: 25% } }
            registry:
              store: redis
              blobs: { store: s3, bucket: models, prefix: sluice/, endpoint: "https://minio.storage:9000", existingSecret: s3 }
              models: |
                models:
                  wine: { description: "a \"quoted\" one" }
              settings: { Registry__Tokens__Lifetime: "00:30:00" }
              priorityClassName: high
            judge: { replicas: 2, settings: { Judge__Interval: "00:00:05" } }
            ingress: { enabled: true, host: models.example.org, grpcHost: grpc.example.org, tlsSecret: edge-tls, annotations: { example.org/x: z } }
            networkPolicy: { clients: [{ namespaceSelector: {} }] }
            """,
        ["routes"] = """
            gatewayApi: { enabled: true, parentRefs: [{ name: edge, namespace: infra }], hostnames: [models.example.org], grpcHostnames: [grpc.example.org] }
            gateway: { autoscaling: { mode: none }, service: { type: NodePort, nodePorts: { http: 30080, grpc: 30082 } } }
            predictor: { stable: { autoscaling: { mode: none } }, maxConcurrency: null }
            registry: { persistence: { existingClaim: mine, storageClassName: fast } }
            """,
        ["shared-folder"] = """
            fullnameOverride: serving
            registry: { store: redis, blobs: { sharedFolder: { storageClassName: nfs } } }
            redis: { persistence: { storageClassName: fast }, nodeSelector: { example.org/pool: data }, priorityClassName: high, tolerations: [{ operator: Exists }] }
            ingress: { enabled: true, className: "" }
            """,
        ["external-redis"] = """
            pods: { runAsUser: null, runAsGroup: null }
            registry: { store: redis, blobs: { store: azure, bucket: models, endpoint: "https://account.blob.core.windows.net", prefix: sluice/ } }
            redis: { external: { existingSecret: my-redis, port: 6380 } }
            """,
        ["google"] = """
            registry: { blobs: { store: gcs, bucket: models }, persistence: { storageClassName: fast } }
            networkPolicy: { enabled: false }
            """,
    };

    /// <summary>The folder that was published to.</summary>
    public string Folder => _folder.Path;

    /// <summary>The chart.</summary>
    internal HelmChart Chart { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var (exitCode, output) = await AppHostProgram.RunToEndAsync(["--operation", "publish", "--step", "publish", "--output-path", Folder]);
        Assert.True(exitCode == 0, output);
        Chart = HelmChart.Load(Folder);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return default;
    }

    /// <summary>Renders one of the <see cref="Installations"/>, with something laid over it.</summary>
    internal RenderedChart Render(string installation, string values = "", HelmRelease? release = null) => Chart.Render(
        release ?? Release, ValuesLayer.FromYaml(Installations[installation], installation), ValuesLayer.FromYaml(values));

    /// <summary>The release of these tests.</summary>
    internal static HelmRelease Release { get; } = new() { Name = "sluice", Namespace = "ml" };

    private static string Source(string file) => Repository.PathOf("AppHost", "Kubernetes", "chart", file);
}
