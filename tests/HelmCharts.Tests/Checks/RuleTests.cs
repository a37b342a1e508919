namespace Sluice.HelmCharts.Tests.Checks;

/// <summary>Relations between objects: each row makes one of them wrong.</summary>
public sealed class RuleTests
{
    [Theory]
    // names
    [InlineData("Service", "db", "name: db, namespace", "name: web, namespace", "Service web", "the name is there twice")]
    // selectors
    [InlineData("Deployment", "web", "labels: { app: web, tier: front }", "labels: { app: shop, tier: front }", "Deployment web", "spec.selector does not take the pods of spec.template")]
    [InlineData("Deployment", "worker", "app: worker", "app: web", "Deployment worker", "spec.selector takes the pods of Deployment web")]
    [InlineData("Service", "web", "selector: { app: web }", "selector: { app: none }", "Service web", "spec.selector takes no pods")]
    [InlineData("Job", "migrate", "app: migrate", "app: db", "Service db", "pods of several workloads")]
    [InlineData("PodDisruptionBudget", "web", "app: web", "app: none", "PodDisruptionBudget web", "spec.selector takes no pods")]
    [InlineData("NetworkPolicy", "db", "values: [db]", "values: [none]", "NetworkPolicy db", "spec.podSelector takes no pods")]
    [InlineData("NetworkPolicy", "db", "tier: front", "tier: none", "NetworkPolicy db", "a peer takes no pods")]
    [InlineData("NetworkPolicy", "db", "operator: In, values: [db]", "operator: NotIn, values: [db]", "NetworkPolicy db", "port db is no port of Deployment web")]
    [InlineData("NetworkPolicy", "db", "key: app, operator: In, values: [db]", "key: none, operator: Exists", "NetworkPolicy db", "spec.podSelector takes no pods")]
    [InlineData("NetworkPolicy", "db", "operator: In, values: [db]", "operator: DoesNotExist", "NetworkPolicy db", "port db is no port of Pod smoke")]
    [InlineData("ServiceMonitor", "web", "app: web", "app: none", "ServiceMonitor web", "takes no Service")]
    [InlineData("PodMonitor", "worker", "app: worker", "app: none", "PodMonitor worker", "takes no pods")]
    [InlineData("Deployment", "web", "            matchLabels: { app: web }", "            matchLabels: { app: none }", "Deployment web", "does not count the pods")]
    // ports
    [InlineData("Service", "web", "targetPort: http", "targetPort: https", "Service web", "targetPort https is no port of Deployment web")]
    [InlineData("Service", "web", "targetPort: 8082", "targetPort: 8083", "Service web", "targetPort 8083 is no port of Deployment web")]
    [InlineData("Service", "web", "name: grpc", "name: http", "Service web", "two ports are named http")]
    [InlineData("Deployment", "web", "port: management", "port: admin", "Deployment web", "startupProbe of container web asks port admin")]
    [InlineData("Deployment", "web", "tcpSocket: { port: 8080 }", "tcpSocket: { port: 8081 }", "Deployment web", "livenessProbe of container web asks port 8081")]
    [InlineData("Deployment", "web", "name: grpc", "name: http", "Deployment web", "two ports are named http")]
    [InlineData("Deployment", "web", "containerPort: 8082", "containerPort: 8080", "Deployment web", "ports are 8080/TCP")]
    [InlineData("NetworkPolicy", "db", "port: db", "port: 6380", "NetworkPolicy db", "port 6380 is no port of StatefulSet db")]
    [InlineData("NetworkPolicy", "db", "port: 9090", "port: 9091", "NetworkPolicy db", "port 9091 is no port of Deployment web")]
    [InlineData("NetworkPolicy", "db", "port: db, protocol: TCP", "port: db, protocol: UDP", "NetworkPolicy db", "port db is no port")]
    [InlineData("ServiceMonitor", "web", "port: management", "port: metrics", "ServiceMonitor web", "port metrics is none of")]
    [InlineData("PodMonitor", "worker", "port: metrics", "port: management", "PodMonitor worker", "port management is none of")]
    // routes
    [InlineData("Ingress", "web", "service: { name: web", "service: { name: shop", "Ingress web", "there is no Service shop")]
    [InlineData("Ingress", "web", "port: { name: http }", "port: { number: 8080 }", "Ingress web", "port 8080 is no port of Service web")]
    [InlineData("Ingress", "web", "secretName: shop-tls", "secretName: other-tls", "Ingress web", "there is no Secret other-tls")]
    [InlineData("HTTPRoute", "web", "name: web, port: 80 ", "name: shop, port: 80 ", "HTTPRoute web", "there is no Service shop")]
    [InlineData("HTTPRoute", "web", "name: web, port: 80 ", "name: web, port: 81 ", "HTTPRoute web", "port 81 is no port of Service web")]
    [InlineData("HTTPRoute", "web", "name: edge", "name: other", "HTTPRoute web", "there is no Gateway other")]
    [InlineData("GRPCRoute", "web", ", port: 8082", "", "GRPCRoute web", "port (none) is no port")]
    [InlineData("Gateway", "edge", "name: shop-tls", "name: other-tls", "Gateway edge", "there is no Secret other-tls")]
    // scaling
    [InlineData("HorizontalPodAutoscaler", "web", "Deployment, name: web", "Deployment, name: shop", "HorizontalPodAutoscaler web", "there is no Deployment shop to scale")]
    [InlineData("ScaledObject", "worker", "{ name: worker }", "{ kind: StatefulSet, name: worker }", "ScaledObject worker", "there is no StatefulSet worker to scale")]
    [InlineData("Deployment", "web", "revisionHistoryLimit: 3", "replicas: 3", "Deployment web", "spec.replicas is fixed")]
    [InlineData("ScaledObject", "worker", "scaleTargetRef: { name: worker }", "scaleTargetRef: { name: web }", "Deployment web", "it is scaled by HorizontalPodAutoscaler web")]
    [InlineData("HorizontalPodAutoscaler", "web", "minReplicas: 1", "minReplicas: 6", "HorizontalPodAutoscaler web", "at least 6 pods are more than at most 5")]
    [InlineData("ScaledObject", "worker", "authenticationRef: { name: prometheus }", "authenticationRef: { name: other }", "ScaledObject worker", "there is no TriggerAuthentication other")]
    [InlineData("StatefulSet", "db", "serviceName: db", "serviceName: data", "StatefulSet db", "there is no Service data")]
    // choices
    [InlineData("Deployment", "web", "tcpSocket: { port: 8080 }", "periodSeconds: 5", "Deployment web", "livenessProbe needs one of")]
    [InlineData("Deployment", "web", "configMapKeyRef: { name: settings, key: mode }", "configMapKeyRef: { name: settings, key: mode }\n                fieldRef: { fieldPath: status.podIP }", "Deployment web", "env Shop__Mode needs one source")]
    [InlineData("PodDisruptionBudget", "web", "maxUnavailable: 1", "unhealthyPodEvictionPolicy: AlwaysAllow", "PodDisruptionBudget web", "one of minAvailable and maxUnavailable")]
    [InlineData("Deployment", "web", "maxSurge: 1", "maxSurge: 0", "Deployment web", "no pod could be replaced")]
    [InlineData("Deployment", "web", "type: RollingUpdate", "type: Recreate", "Deployment web", "has no rollingUpdate")]
    // configuration
    [InlineData("Deployment", "web", "name: tokens, key: web", "name: token, key: web", "Deployment web", "env Shop__Token: there is no Secret token")]
    [InlineData("Deployment", "web", "name: tokens, key: web", "name: tokens, key: other", "Deployment web", "env Shop__Token: Secret tokens")]
    [InlineData("Deployment", "web", "name: settings, key: mode", "name: settings, key: other", "Deployment web", "env Shop__Mode: ConfigMap settings")]
    [InlineData("Deployment", "web", "configMapRef: { name: settings }", "configMapRef: { name: none }", "Deployment web", "envFrom: there is no ConfigMap none")]
    [InlineData("Deployment", "web", ", optional: true", "", "Deployment web", "envFrom: there is no Secret perhaps")]
    [InlineData("Deployment", "web", "key: mode, path", "key: other, path", "Deployment web", "volume files: ConfigMap settings")]
    [InlineData("Deployment", "web", "name: registry-login", "name: other-login", "Deployment web", "imagePullSecrets: there is no Secret other-login")]
    [InlineData("StatefulSet", "db", "claimName: old-data", "claimName: new-data", "StatefulSet db", "volume old: there is no PersistentVolumeClaim new-data")]
    [InlineData("TriggerAuthentication", "prometheus", "key: web", "key: other", "TriggerAuthentication prometheus", "has no key other")]
    // accounts
    [InlineData("ServiceAccount", "web", "name: web", "name: other", "Deployment web", "there is no ServiceAccount web")]
    [InlineData("RoleBinding", "reader", "name: web, namespace: shop }]", "name: db, namespace: shop }]", "RoleBinding reader", "there is no ServiceAccount db")]
    [InlineData("Role", "reader", "name: reader", "name: other", "RoleBinding reader", "there is no Role reader")]
    // volumes
    [InlineData("Deployment", "web", "{ name: scratch, mountPath", "{ name: other, mountPath", "Deployment web", "a volumeMount names other, which is no volume")]
    [InlineData("Deployment", "web", "            - { name: scratch, mountPath: /tmp }\n", "", "Deployment web", "volume scratch is not mounted")]
    [InlineData("Deployment", "web", "mountPath: /files", "mountPath: /tmp", "Deployment web", "two volumes are mounted at /tmp")]
    [InlineData("Deployment", "web", "emptyDir: { sizeLimit: 1Gi }", "emptyDir: {}\n          secret: { secretName: tokens }", "Deployment web", "volume scratch has not one source")]
    [InlineData("Deployment", "web", "- name: files\n", "- name: scratch\n", "Deployment web", "two volumes are named scratch")]
    [InlineData("Deployment", "web", "name: Shop__Plain", "name: Shop__Mode", "Deployment web", "env Shop__Mode is there twice")]
    [InlineData("StatefulSet", "db", "- metadata: { name: data }", "- metadata: { name: other }", "StatefulSet db", "a volumeMount names data")]
    // resources
    [InlineData("Deployment", "web", "cpu: 500m", "cpu: 1500m", "Deployment web", "cpu: the request 1500m is above the limit 1")]
    [InlineData("Deployment", "web", "memory: 1Gi", "memory: 100M", "Deployment web", "memory: the request 256Mi is above the limit 100M")]
    [InlineData("Deployment", "web", "memory: 1Gi, nvidia.com/gpu: 1", "memory: 1Gi, nvidia.com/gpu: 2", "Deployment web", "nvidia.com/gpu needs a limit")]
    [InlineData("Deployment", "web", "memory: 1Gi, nvidia.com/gpu: 1", "memory: 1Gi", "Deployment web", "nvidia.com/gpu needs a limit")]
    // security
    [InlineData("Deployment", "web", "runAsNonRoot: true", "runAsNonRoot: false", "Deployment web", "runAsNonRoot is not true")]
    [InlineData("Deployment", "web", "runAsUser: 1000", "runAsUser: 0", "Deployment web", "runAsUser is 0")]
    [InlineData("Deployment", "web", "            allowPrivilegeEscalation: false\n", "", "Deployment web", "allowPrivilegeEscalation is not false")]
    [InlineData("Deployment", "web", "drop: [ALL]", "drop: [NET_RAW]", "Deployment web", "capabilities must drop ALL")]
    [InlineData("Deployment", "web", "drop: [ALL]", "drop: [ALL], add: [SYS_ADMIN]", "Deployment web", "capabilities must drop ALL")]
    [InlineData("Deployment", "web", "type: RuntimeDefault", "type: Unconfined", "Deployment web", "seccompProfile is not RuntimeDefault")]
    [InlineData("Deployment", "web", "emptyDir: { sizeLimit: 1Gi }", "hostPath: { path: /var }", "Deployment web", "volume scratch is a hostPath")]
    [InlineData("Deployment", "web", "terminationGracePeriodSeconds: 40", "hostNetwork: true", "Deployment web", "hostNetwork is set")]
    [InlineData("Deployment", "web", "readOnlyRootFilesystem: true", "privileged: true", "Deployment web", "it is privileged")]
    [InlineData("Deployment", "web", "containerPort: 8082 }", "containerPort: 8082, hostPort: 8082 }", "Deployment web", "a port is a hostPort")]
    [InlineData("Job", "migrate", "runAsNonRoot: true", "runAsNonRoot: false", "Job migrate", "runAsNonRoot is not true")]
    // termination
    [InlineData("Deployment", "web", "seconds: 5", "seconds: 40", "Deployment web", "preStop of container web sleeps 40 s of the 40 s")]
    [InlineData("Deployment", "web", "sleep: { seconds: 5 }", "exec: { command: [sh, -c, \"sleep 60; true\"] }", "Deployment web", "sleeps 60 s")]
    // secrets
    [InlineData("Deployment", "web", "value: \"5\"", "value: redis://:hunter2@db", "Deployment web", "env[2].value tells a secret")]
    [InlineData("ConfigMap", "settings", "mode: fast", "mode: fast, x: aHVudGVyMg==", "ConfigMap settings", "data.x tells a secret")]
    public void A_wrong_relation_is_found(string kind, string name, string text, string replacement, string document, string problem) =>
        Assert.Contains(GoodObjects.ProblemsWith(kind, name, text, replacement), found =>
            found.StartsWith($"{document} ", StringComparison.Ordinal) && found.Contains(problem, StringComparison.Ordinal));

    [Fact]
    public void What_is_declared_to_be_elsewhere_is_not_missed()
    {
        var options = GoodObjects.Options with { External = new HashSet<string>(GoodObjects.Options.External) { "Gateway/other", "Service/shop" } };

        Assert.Empty(GoodObjects.ProblemsWith("HTTPRoute", "web", "name: edge", "name: other", options));
        Assert.Empty(GoodObjects.ProblemsWith("Ingress", "web", "service: { name: web", "service: { name: shop", options));
    }

    [Fact]
    public void A_selector_may_be_shared_where_that_is_declared() =>
        Assert.Empty(GoodObjects.ProblemsWith("Job", "migrate", "app: migrate", "tier: front", GoodObjects.Options with { SharedSelectors = new HashSet<string> { "Service/web" } }));

    [Fact]
    public void A_level_that_is_not_asked_for_is_not_checked() =>
        Assert.Empty(GoodObjects.ProblemsWith("Deployment", "web", "runAsNonRoot: true", "runAsNonRoot: false", GoodObjects.Options with { Restricted = false }));
}
