using Sluice.HelmCharts;
using Sluice.HelmCharts.Values;
using Sluice.Testing;

namespace Sluice.AppHost.Tests.Kubernetes;

/// <summary>What the chart makes of its values.</summary>
public sealed class ChartTests(PublishedChart published)
{
    private static readonly string[] Services = ["gateway", "predictor", "predictor-canary", "registry", "canaryjudge"];

    public static TheoryData<string> Snapshots { get; } = ["default", "minikube", "gpu", "everything"];

    /// <summary>What is rendered changes on purpose only: <c>SLUICE_UPDATE_SNAPSHOTS=1</c> writes it anew.</summary>
    [Theory]
    [MemberData(nameof(Snapshots))]
    public void What_is_rendered_is_what_is_in_the_repository(string installation)
    {
        var rendered = published.Render(installation);
        var text = string.Concat(rendered.Files.Select(file => $"# {file.Path}\n{WithoutFiles(file.Text).Trim('\n')}\n")) + $"# NOTES\n{rendered.Notes}";
        var path = Repository.PathOf("tests", "AppHost.Tests", "Kubernetes", "snapshots", $"{installation}.yaml");
        if (Environment.GetEnvironmentVariable("SLUICE_UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(path, text);
        }

        var expected = File.ReadAllText(path).Split('\n');
        var lines = text.Split('\n');
        var first = expected.Zip(lines).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.True(
            expected.Length == lines.Length && first == lines.Length,
            $"{installation}.yaml differs from line {first + 1} on: '{expected.ElementAtOrDefault(first)}' was expected, '{lines.ElementAtOrDefault(first)}' came. SLUICE_UPDATE_SNAPSHOTS=1 writes it anew.");
    }

    [Fact]
    public void What_the_AppHost_tells_a_service_the_chart_tells_its_pods()
    {
        var rendered = published.Render("default");

        foreach (var service in Services)
        {
            var data = (ValueMap)rendered.Object("ConfigMap", $"sluice-{service}").Content["data"]!;
            Assert.Equal(("8080", "9090"), ((string)data["HTTP_PORTS"]!, (string)data["Management__Port"]!));
            Assert.Equal(service == "registry" ? null : "http://sluice-registry:8080", data["services__registry__http__0"]);
            var tokens = EnvironmentOf(rendered, service).Where(entry => entry.Secret is not null).ToDictionary(entry => entry.Name, entry => entry.Secret);
            Assert.Equal(
                service switch
                {
                    "registry" => ["Registry__Services__admin__Token", "Registry__Services__gateway__Token", "Registry__Services__judge__Token", "Registry__Services__predictor__Token"],
                    _ => ["RegistryClient__Token"],
                },
                tokens.Keys.Order(StringComparer.Ordinal));
            Assert.All(tokens.Values, secret => Assert.StartsWith("sluice-tokens/", secret, StringComparison.Ordinal));
        }

        Assert.Equal(("stable", "canary"), (
            ((ValueMap)rendered.Object("ConfigMap", "sluice-predictor").Content["data"]!)["Predictor__Pool"],
            ((ValueMap)rendered.Object("ConfigMap", "sluice-predictor-canary").Content["data"]!)["Predictor__Pool"]));
        Assert.Contains(EnvironmentOf(rendered, "predictor"), entry => entry is { Name: "Predictor__AdvertisedAddress", Value: "http://$(POD_IP):8080" });
    }

    [Theory]
    [InlineData("none", 2L, 0, 0)]
    [InlineData("cpu", null, 1, 0)]
    [InlineData("utilization", null, 0, 1)]
    public void A_pool_has_a_fixed_number_or_one_autoscaler_and_never_both(string mode, long? replicas, int autoscalers, int scaledObjects)
    {
        var rendered = published.Render("default", $$"""{ prometheus: { url: "http://prometheus:9090" }, predictor: { stable: { autoscaling: { mode: {{mode}} } } } }""");

        Assert.Equal(replicas, rendered.Object("Deployment", "sluice-predictor").At("spec.replicas"));
        Assert.Equal(autoscalers, rendered.Documents.Count(document => document is { Kind: "HorizontalPodAutoscaler", Name: "sluice-predictor" }));
        Assert.Equal(scaledObjects, rendered.Documents.Count(document => document is { Kind: "ScaledObject", Name: "sluice-predictor" }));
    }

    [Fact]
    public void The_autoscalers_have_the_documents_limits()
    {
        var byCpu = published.Render("default").Object("HorizontalPodAutoscaler", "sluice-predictor");
        Assert.Equal((1L, 5L, 50L), (byCpu.At("spec.minReplicas"), byCpu.At("spec.maxReplicas"), byCpu.At("spec.metrics.0.resource.target.averageUtilization")));

        var byUse = published.Render("everything").Object("ScaledObject", "sluice-models-predictor");
        Assert.Equal("70", byUse.At("spec.triggers.0.metadata.threshold"));
        Assert.Equal(0L, byUse.At("spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleUp.stabilizationWindowSeconds"));
        Assert.Equal(60L, byUse.At("spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.stabilizationWindowSeconds"));
    }

    [Fact]
    public void Predictors_on_GPUs_ask_for_them_and_do_not_fall_back_to_the_CPU()
    {
        var rendered = published.Render("gpu");
        var pod = rendered.Object("Deployment", "sluice-predictor");
        var resources = (ValueMap)pod.At("spec.template.spec.containers.0.resources")!;
        var settings = (ValueMap)rendered.Object("ConfigMap", "sluice-predictor").Content["data"]!;

        Assert.Equal((1L, 1L), (((ValueMap)resources["limits"]!)["nvidia.com/gpu"], ((ValueMap)resources["requests"]!)["nvidia.com/gpu"]));
        Assert.EndsWith("-gpu", (string)pod.At("spec.template.spec.containers.0.image")!, StringComparison.Ordinal);
        Assert.Equal(("cuda", "false"), ((string)settings["Predictor__Provider"]!, (string)settings["Predictor__AllowCpuFallback"]!));
        Assert.Equal((0L, 1L), (pod.At("spec.strategy.rollingUpdate.maxSurge"), pod.At("spec.strategy.rollingUpdate.maxUnavailable")));
        Assert.Equal("nvidia.com/gpu", pod.At("spec.template.spec.tolerations.0.key"));
        Assert.Contains("no predictions until", published.Render("gpu", "predictor: { stable: { replicas: 1 } }").Notes, StringComparison.Ordinal);
        Assert.DoesNotContain("no predictions until", rendered.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_are_made_at_the_installation_and_stay_at_an_upgrade()
    {
        var installed = published.Render("default").Object("Secret", "sluice-tokens");
        var data = (ValueMap)installed.Content["data"]!;
        Assert.Equal(["admin-token", "gateway-token", "judge-token", "predictor-token"], data.Keys.Order(StringComparer.Ordinal));
        Assert.All(data, token => Assert.Equal(40, Convert.FromBase64String((string)token.Value!).Length));

        var cluster = HelmRelease.ObjectOf("""
            apiVersion: v1
            kind: Secret
            metadata: { name: sluice-tokens, namespace: ml }
            data: { admin-token: b2xkLWFkbWlu, gateway-token: b2xkLWdhdGV3YXk=, judge-token: b2xkLWp1ZGdl }
            """);
        var upgraded = (ValueMap)published.Render("default", release: PublishedChart.Release with { IsUpgrade = true, ClusterObjects = [cluster] }).Object("Secret", "sluice-tokens").Content["data"]!;
        Assert.Equal(("b2xkLWFkbWlu", "b2xkLWdhdGV3YXk=", data["predictor-token"]), (upgraded["admin-token"], upgraded["gateway-token"], upgraded["predictor-token"]));

        Assert.DoesNotContain(published.Render("everything").Documents, document => document is { Kind: "Secret", Name: "sluice-models-tokens" });
    }

    [Fact]
    public void A_changed_setting_starts_the_pods_of_its_service_anew_and_no_others()
    {
        var before = published.Render("default");
        var after = published.Render("default", """gateway: { settings: { Gateway__RequestTimeout: "00:00:10" } }""");

        foreach (var service in Services.Where(service => service != "registry"))
        {
            var (old, now) = (PodOf(before, service), PodOf(after, service));
            Assert.Equal(service == "gateway", old != now);
        }
    }

    [Fact]
    public void Two_releases_in_one_namespace_share_no_name()
    {
        var names = new[] { "one", "two" }.Select(release => published.Render("everything", release: PublishedChart.Release with { Name = release })
            .Documents.Select(document => $"{document.Kind} {document.Name}").ToHashSet()).ToArray();

        Assert.Empty(names[0].Intersect(names[1]));
    }

    [Fact]
    public void The_registry_has_a_volume_of_its_own_or_keeps_its_state_in_Redis()
    {
        var alone = published.Render("default").Object("StatefulSet", "sluice-registry");
        Assert.Equal((1L, "20Gi"), (alone.At("spec.replicas"), alone.At("spec.volumeClaimTemplates.0.spec.resources.requests.storage")));

        var shared = published.Render("shared-folder");
        Assert.Equal(2L, shared.Object("Deployment", "serving-registry").At("spec.replicas"));
        Assert.Equal("ReadWriteMany", shared.Object("PersistentVolumeClaim", "serving-blobs").At("spec.accessModes.0"));
        Assert.Contains(EnvironmentOf(shared, "registry", "serving"), entry => entry is { Name: "Registry__Redis", Value: "serving-redis:6379,password=$(REDIS_PASSWORD)" });
        Assert.Contains(EnvironmentOf(published.Render("external-redis"), "registry"), entry => entry is { Name: "Registry__Redis", Secret: "my-redis/connection" });
    }

    [Fact]
    public void A_pod_has_time_to_drain_before_it_is_killed()
    {
        foreach (var installation in PublishedChart.Installations.Keys)
        {
            var rendered = published.Render(installation, "{ gateway: { drainSeconds: 100 }, predictor: { drainSeconds: 200 } }");
            foreach (var workload in rendered.Documents.Where(document => document.Kind == "Deployment"))
            {
                var grace = (long)workload.At("spec.template.spec.terminationGracePeriodSeconds")!;
                Assert.True(grace >= (workload.Name.Contains("predictor", StringComparison.Ordinal) ? 220 : workload.Name.Contains("gateway", StringComparison.Ordinal) ? 120 : 30), $"{workload}: {grace}");
            }

            Assert.Equal("00:03:20", ((ValueMap)rendered.Documents.First(document => document is { Kind: "ConfigMap" } && document.Name.EndsWith("predictor", StringComparison.Ordinal)).Content["data"]!)["Predictor__DrainTimeout"]);
        }
    }

    // What stands in a file of its own is not said twice.
    private static string WithoutFiles(string text)
    {
        var lines = text.Split('\n');
        return string.Join('\n', lines.TakeWhile(line => line.Trim() != "sluice.json: |").Concat(lines.SkipWhile(line => line.Trim() != "sluice.json: |").Take(1)));
    }

    private static string PodOf(RenderedChart rendered, string service) =>
        string.Join('\n', rendered.Files.Single(file => file.Path == $"templates/{service}/deployment.yaml").Text.Split('\n').SkipWhile(line => line != "  template:"));

    private static IEnumerable<(string Name, string? Value, string? Secret)> EnvironmentOf(RenderedChart rendered, string service, string release = "sluice")
    {
        var workload = rendered.Documents.Single(document => document.Kind is "Deployment" or "StatefulSet" && document.Name == $"{release}-{service}");
        return ((List<object?>)workload.At("spec.template.spec.containers.0.env")!).Cast<ValueMap>().Select(entry =>
            ((string)entry["name"]!, entry["value"] as string,
                entry["valueFrom"] is ValueMap { } from && from["secretKeyRef"] is ValueMap secret ? $"{secret["name"]}/{secret["key"]}" : null));
    }
}
