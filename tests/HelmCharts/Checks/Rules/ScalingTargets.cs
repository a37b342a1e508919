using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Checks.Rules;

/// <summary>What is scaled is there, has no fixed number of pods, and is scaled by one; a StatefulSet's Service is there.</summary>
internal sealed class ScalingTargets : IObjectRule
{
    public IEnumerable<Problem> Check(ObjectSet set)
    {
        var scaled = new Dictionary<RenderedDocument, RenderedDocument>();
        foreach (var scaler in set.OfKind("HorizontalPodAutoscaler", "ScaledObject"))
        {
            var spec = scaler.Content.Map("spec");
            foreach (var text in CheckLimits(spec).Concat(CheckTrigger(set, scaler, spec)))
            {
                yield return new Problem(scaler, text);
            }

            var target = spec.Map("scaleTargetRef");
            var (kind, name) = (target.Text("kind") ?? "Deployment", target.Text("name"));
            if (set.Find(kind, name, set.NamespaceOf(scaler)) is not { } workload)
            {
                if (!set.IsExternal(kind, name))
                {
                    yield return new Problem(scaler, $"there is no {kind} {name} to scale");
                }

                continue;
            }

            if (workload.Content.Map("spec").ContainsKey("replicas"))
            {
                yield return new Problem(workload, $"spec.replicas is fixed, and {scaler} scales it: every upgrade would set it back");
            }

            if (!scaled.TryAdd(workload, scaler))
            {
                yield return new Problem(workload, $"it is scaled by {scaled[workload]} and by {scaler}");
            }
        }

        foreach (var workload in set.OfKind("StatefulSet"))
        {
            var service = workload.Content.Map("spec").Text("serviceName");
            if (service is not null && !set.Exists("Service", service, set.NamespaceOf(workload)))
            {
                yield return new Problem(workload, $"there is no Service {service} (spec.serviceName)");
            }
        }
    }

    private static IEnumerable<string> CheckLimits(ValueMap spec)
    {
        var least = spec.Number("minReplicas") ?? spec.Number("minReplicaCount") ?? 0;
        var greatest = spec.Number("maxReplicas") ?? spec.Number("maxReplicaCount") ?? 100;
        return least > greatest ? [$"at least {least} pods are more than at most {greatest}"] : [];
    }

    private static IEnumerable<string> CheckTrigger(ObjectSet set, RenderedDocument scaler, ValueMap spec) =>
        from trigger in spec.Maps("triggers")
        let reference = trigger.Map("authenticationRef")
        let kind = reference.Text("kind") ?? "TriggerAuthentication"
        where reference.Count > 0 && !set.Exists(kind, reference.Text("name"), set.NamespaceOf(scaler))
        select $"there is no {kind} {reference.Text("name")}";
}
