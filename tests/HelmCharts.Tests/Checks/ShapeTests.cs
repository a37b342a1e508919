namespace Sluice.HelmCharts.Tests.Checks;

/// <summary>Fields and their forms: each row makes one field of a good object wrong.</summary>
public sealed class ShapeTests
{
    [Fact]
    public void With_good_objects_nothing_is_wrong() => Assert.Empty(GoodObjects.Problems());

    [Theory]
    [InlineData("Deployment", "web", "revisionHistoryLimit: 3", "revisionHistory: 3", "spec.revisionHistory: unknown field")]
    [InlineData("Deployment", "web", "revisionHistoryLimit: 3", "revisionHistoryLimit: three", "spec.revisionHistoryLimit: a whole number from 0 was expected, not 'three'")]
    [InlineData("Deployment", "web", "revisionHistoryLimit: 3", "revisionHistoryLimit: -1", "spec.revisionHistoryLimit: a whole number from 0")]
    [InlineData("Deployment", "web", "revisionHistoryLimit: 3", "revisionHistoryLimit: null", "not <nil>")]
    [InlineData("Deployment", "web", "type: RollingUpdate", "type: Rolling", "spec.strategy.type: RollingUpdate or Recreate was expected, not 'Rolling'")]
    [InlineData("Deployment", "web", "apiVersion: apps/v1", "apiVersion: apps/v1beta1", "no schema tells of apps/v1beta1 Deployment")]
    [InlineData("Deployment", "web", "name: web\n  namespace", "name: Web\n  namespace", "metadata.name: a name of at most 253")]
    [InlineData("Deployment", "web", "  name: web\n  namespace", "  namespace", "metadata.name: required")]
    [InlineData("Deployment", "web", "{ app: web, tier: front }", "{ app: web, tier: -front }", "template.metadata.labels.tier: a label's value")]
    [InlineData("Deployment", "web", "{ app: web, tier: front }", "{ app: web, tier: 5 }", "template.metadata.labels.tier: a label's value")]
    [InlineData("Deployment", "web", "{ app: web, tier: front }", "{ app: web, a/b/c: front }", "'a/b/c' is not a label's key")]
    [InlineData("Deployment", "web", "example.org/owner:", "Example_org/owner:", "metadata.annotations: 'Example_org/owner'")]
    [InlineData("Deployment", "web", "name: management, containerPort", "name: management-endpoint, containerPort", "containers[0].ports[2].name: a port's name of at most 15")]
    [InlineData("Deployment", "web", "containerPort: 9090", "containerPort: 99999", "ports[2].containerPort: a port from 1 to 65535")]
    [InlineData("Deployment", "web", "containerPort: 9090", "containerPort: \"9090\"", "ports[2].containerPort: a port from 1 to 65535")]
    [InlineData("Deployment", "web", "name: Shop__Plain", "name: 5Shop", "env[2].name: a name of an environment variable")]
    [InlineData("Deployment", "web", "value: \"5\"", "value: 5", "env[2].value: text (in quotes")]
    [InlineData("Deployment", "web", "value: \"5\"", "value: yes", "env[2].value: text (in quotes")]
    [InlineData("Deployment", "web", "memory: 256Mi", "memory: 256MB", "resources.requests.memory: a quantity")]
    [InlineData("Deployment", "web", "sizeLimit: 1Gi", "sizeLimit: 1 Gi", "emptyDir.sizeLimit: a quantity")]
    [InlineData("Deployment", "web", "image: registry.example.org:5000/shop/web:1.2.3", "image: registry.example.org/Shop/web", "image: an image")]
    [InlineData("Deployment", "web", "scheme: HTTP", "scheme: http", "httpGet.scheme: HTTP or HTTPS was expected, not 'http'")]
    [InlineData("Deployment", "web", "path: /health/live", "path: health/live", "httpGet.path: a path that begins with /")]
    [InlineData("Deployment", "web", "maxUnavailable: 0", "maxUnavailable: 25 %", "maxUnavailable: a whole number or a percentage")]
    [InlineData("Deployment", "web", "mountPath: /tmp", "mountpath: /tmp", "volumeMounts[0].mountPath: required")]
    [InlineData("Service", "web", "name: web, namespace", "name: 1web, namespace", "metadata.name: a name of at most 63")]
    [InlineData("Service", "web", "port: 80,", "prt: 80,", "spec.ports[0].port: required")]
    [InlineData("Secret", "tokens", "aHVudGVyMg==", "hunter2!", "data.web: text in base64")]
    [InlineData("ConfigMap", "settings", "mode: fast", "mode: 5", "data.mode: text")]
    [InlineData("StatefulSet", "db", "[ReadWriteOnce]", "[ReadWrite]", "accessModes[0]: ReadWriteOnce or")]
    [InlineData("Ingress", "web", "pathType: Prefix", "pathType: prefix", "pathType: Exact or Prefix")]
    [InlineData("Ingress", "web", "host: shop.example.org", "host: shop_example", "rules[0].host: a host name")]
    [InlineData("HTTPRoute", "web", "request: 30s", "request: 30", "timeouts.request: a duration")]
    [InlineData("GRPCRoute", "web", "service: inference", "servce: inference", "matches[0].method.servce: unknown field")]
    [InlineData("Gateway", "edge", "protocol: HTTPS", "protocol: https", "listeners[0].protocol")]
    [InlineData("HorizontalPodAutoscaler", "web", "averageUtilization: 50", "averageUtilization: 50%", "averageUtilization: a whole number from 1")]
    [InlineData("HorizontalPodAutoscaler", "web", "  maxReplicas: 5\n", "", "spec.maxReplicas: required")]
    [InlineData("PodDisruptionBudget", "web", "maxUnavailable: 1", "maxUnavailabel: 1", "spec.maxUnavailabel: unknown field")]
    [InlineData("NetworkPolicy", "db", "cidr: 10.0.0.0/8", "cidr: 10.0.0.1", "cidr: a range of addresses")]
    [InlineData("NetworkPolicy", "db", "operator: In", "operator: in", "operator: In or NotIn")]
    [InlineData("ScaledObject", "worker", "threshold: \"70\"", "threshold: 70", "triggers[0].metadata.threshold: text")]
    [InlineData("TriggerAuthentication", "prometheus", "parameter: bearerToken, ", "", "secretTargetRef[0].parameter: required")]
    [InlineData("ServiceMonitor", "web", "interval: 15s", "interval: 15", "endpoints[0].interval: a duration")]
    [InlineData("PodMonitor", "worker", "podMetricsEndpoints", "endpoints", "spec.podMetricsEndpoints: required")]
    [InlineData("PrometheusRule", "web", "for: 1m", "for: soon", "rules[0].for: a duration")]
    [InlineData("Role", "reader", "verbs: [get]", "verb: [get]", "rules[0].verbs: required")]
    [InlineData("RoleBinding", "reader", "kind: ServiceAccount", "kind: Account", "subjects[0].kind: ServiceAccount or User or Group")]
    [InlineData("ServiceAccount", "web", "automountServiceAccountToken: false", "automountServiceAccountToken: \"false\"", "true or false was expected")]
    [InlineData("PersistentVolumeClaim", "old-data", "storage: 5Gi", "storage: big", "requests.storage: a quantity")]
    [InlineData("Job", "migrate", "backoffLimit: 2", "backOffLimit: 2", "spec.backOffLimit: unknown field")]
    [InlineData("Pod", "smoke", "command: [curl,", "command: [5,", "command[0]: text")]
    [InlineData("InferenceService", "wine", "modelFormat: { name: onnx }", "modelFormat: onnx", "predictor.model.modelFormat: a map was expected")]
    [InlineData("ServingRuntime", "ours", "grpc-v2", "grpc", "protocolVersions[1]: v1 or v2")]
    public void A_wrong_field_is_found(string kind, string name, string text, string replacement, string problem) =>
        Assert.Contains(GoodObjects.ProblemsWith(kind, name, text, replacement), found =>
            found.StartsWith($"{kind} ", StringComparison.Ordinal) && found.Contains(problem, StringComparison.Ordinal));

    [Fact]
    public void Every_type_that_a_schema_names_is_defined() => HelmCharts.Checks.Shapes.Schemas.CheckNames();
}
