using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Checks.Rules;

/// <summary>Selectors take the pods that are meant: a workload its own and no others, everything else at least one.</summary>
internal sealed class Selectors : IObjectRule
{
    public IEnumerable<Problem> Check(ObjectSet set) =>
        OwnPods(set).Concat(ServicesAndBudgets(set)).Concat(Policies(set)).Concat(Monitors(set)).Concat(Spreads(set));

    private static IEnumerable<Problem> OwnPods(ObjectSet set)
    {
        foreach (var workload in set.Workloads.Where(workload => workload.Document.Kind is "Deployment" or "StatefulSet"))
        {
            var selector = workload.Document.Content.Map("spec").Map("selector");
            if (selector.Count == 0 || !Labels.IsSelected(selector, workload.Labels))
            {
                yield return new Problem(workload.Document, "spec.selector does not take the pods of spec.template");
            }

            foreach (var other in set.Select(selector, workload.Namespace).Where(other => other != workload))
            {
                yield return new Problem(workload.Document, $"spec.selector takes the pods of {other.Document}, too");
            }
        }
    }

    private static IEnumerable<Problem> ServicesAndBudgets(ObjectSet set)
    {
        foreach (var document in set.OfKind("Service", "PodDisruptionBudget"))
        {
            var selector = document.Content.Map("spec").Map("selector");
            if (document.Kind == "Service" && selector.Count == 0)
            {
                continue; // its endpoints are somebody else's
            }

            var selected = document.Kind == "Service" ? set.Select(document) : set.Select(selector, set.NamespaceOf(document));
            if (selected.Count == 0)
            {
                yield return new Problem(document, "spec.selector takes no pods");
            }
            else if (selected.Count > 1 && !set.Options.SharedSelectors.Contains($"{document.Kind}/{document.Name}"))
            {
                yield return new Problem(document, $"spec.selector takes the pods of several workloads: {string.Join(", ", selected.Select(workload => workload.Document))}");
            }
        }
    }

    private static IEnumerable<Problem> Policies(ObjectSet set)
    {
        foreach (var policy in set.OfKind("NetworkPolicy"))
        {
            var (spec, @namespace) = (policy.Content.Map("spec"), set.NamespaceOf(policy));
            if (set.Select(spec.Map("podSelector"), @namespace).Count == 0)
            {
                yield return new Problem(policy, "spec.podSelector takes no pods");
            }

            var peers = spec.Maps("ingress").SelectMany(rule => rule.Maps("from")).Concat(spec.Maps("egress").SelectMany(rule => rule.Maps("to")));
            foreach (var peer in peers.Where(peer => peer.ContainsKey("podSelector") && !peer.ContainsKey("namespaceSelector")))
            {
                if (set.Select(peer.Map("podSelector"), @namespace).Count == 0)
                {
                    yield return new Problem(policy, $"a peer takes no pods: {GoText.Print(peer)}");
                }
            }
        }
    }

    private static IEnumerable<Problem> Monitors(ObjectSet set)
    {
        foreach (var monitor in set.OfKind("ServiceMonitor", "PodMonitor"))
        {
            if (Monitored(set, monitor).Count == 0)
            {
                yield return new Problem(monitor, $"spec.selector takes no {(monitor.Kind == "ServiceMonitor" ? "Service" : "pods")}");
            }
        }
    }

    private static IEnumerable<Problem> Spreads(ObjectSet set) =>
        from workload in set.Workloads
        from spread in workload.Pod.Maps("topologySpreadConstraints")
        where !Labels.IsSelected(spread.Map("labelSelector"), workload.Labels)
        select new Problem(workload.Document, "a topologySpreadConstraint does not count the pods that it spreads");

    /// <summary>The Services, or the pods as nulls, that a monitor scrapes.</summary>
    private static List<object> Monitored(ObjectSet set, RenderedDocument monitor)
    {
        var (selector, @namespace) = (monitor.Content.Map("spec").Map("selector"), set.NamespaceOf(monitor));
        return monitor.Kind == "PodMonitor"
            ? [.. set.Select(selector, @namespace)]
            : [.. Ports.MonitoredServices(set, monitor)];
    }
}
