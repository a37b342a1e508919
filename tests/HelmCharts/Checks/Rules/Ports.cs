using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Checks.Rules;

/// <summary>Ports that are named somewhere are declared by the container, the pods or the Service that is meant.</summary>
internal sealed class Ports : IObjectRule
{
    public IEnumerable<Problem> Check(ObjectSet set) => Declared(set).Concat(Probed(set)).Concat(OfServices(set)).Concat(OfPolicies(set)).Concat(OfMonitors(set));

    /// <summary>The Services that a ServiceMonitor takes.</summary>
    internal static IEnumerable<RenderedDocument> MonitoredServices(ObjectSet set, RenderedDocument monitor) => set.OfKind("Service")
        .Where(service => set.NamespaceOf(service) == set.NamespaceOf(monitor)
            && Labels.IsSelected(monitor.Content.Map("spec").Map("selector"), service.Content.Map("metadata").Map("labels")));

    private static IEnumerable<Problem> Declared(ObjectSet set)
    {
        foreach (var workload in set.Workloads)
        {
            foreach (var name in Twice(workload.Ports.Select(port => port.Text("name")).OfType<string>()))
            {
                yield return new Problem(workload.Document, $"two ports are named {name}");
            }

            foreach (var number in Twice(workload.Ports.Select(port => $"{port.Number("containerPort")}/{port.Text("protocol") ?? "TCP"}")))
            {
                yield return new Problem(workload.Document, $"two containers' ports are {number}");
            }
        }
    }

    private static IEnumerable<Problem> Probed(ObjectSet set) =>
        from workload in set.Workloads
        from container in workload.AllContainers
        from handler in HandlersOf(container)
        from port in new[] { handler.Handler.Map("httpGet")["port"], handler.Handler.Map("tcpSocket")["port"], handler.Handler.Map("grpc")["port"] }
        where port is not null && !container.Maps("ports").Any(declared => port is string name ? declared.Text("name") == name : declared.Number("containerPort") == (long)port)
        select new Problem(workload.Document, $"{handler.Name} of container {container.Text("name")} asks port {port}, which it does not declare");

    private static IEnumerable<(string Name, ValueMap Handler)> HandlersOf(ValueMap container) =>
        new[] { "startupProbe", "livenessProbe", "readinessProbe" }.Select(name => (name, container.Map(name)))
            .Concat(new[] { "preStop", "postStart" }.Select(name => (name, container.Map("lifecycle").Map(name))));

    private static IEnumerable<Problem> OfServices(ObjectSet set)
    {
        foreach (var service in set.OfKind("Service"))
        {
            var ports = service.Content.Map("spec").Maps("ports").ToList();
            foreach (var name in Twice(ports.Select(port => port.Text("name") ?? "(no name)")))
            {
                yield return new Problem(service, $"two ports are named {name}");
            }

            foreach (var (workload, port) in from workload in set.Select(service) from port in ports select (workload, port))
            {
                var target = port["targetPort"] ?? port["port"];
                if (!workload.HasPort(target, port.Text("protocol") ?? "TCP"))
                {
                    yield return new Problem(service, $"targetPort {target} is no port of {workload.Document}, which has {workload.PortNames}");
                }
            }
        }
    }

    private static IEnumerable<Problem> OfPolicies(ObjectSet set)
    {
        foreach (var policy in set.OfKind("NetworkPolicy"))
        {
            var (spec, @namespace) = (policy.Content.Map("spec"), set.NamespaceOf(policy));
            foreach (var rule in spec.Maps("ingress"))
            {
                foreach (var problem in Missing(policy, rule, set.Select(spec.Map("podSelector"), @namespace)))
                {
                    yield return problem;
                }
            }

            foreach (var rule in spec.Maps("egress"))
            {
                var peers = rule.Maps("to").ToList();
                var inside = peers.Count > 0 && peers.TrueForAll(peer => peer.ContainsKey("podSelector") && !peer.ContainsKey("namespaceSelector"));
                var pods = inside ? peers.SelectMany(peer => set.Select(peer.Map("podSelector"), @namespace)).ToList() : [];
                foreach (var problem in Missing(policy, rule, pods))
                {
                    yield return problem;
                }
            }
        }
    }

    /// <summary>Ports of a policy's rule that none of the pods has. Numbers within a range are not looked at.</summary>
    private static IEnumerable<Problem> Missing(RenderedDocument policy, ValueMap rule, IReadOnlyCollection<Workload> pods) =>
        from port in rule.Maps("ports")
        where pods.Count > 0 && port["port"] is not null && !port.ContainsKey("endPort")
        where !pods.Any(workload => workload.HasPort(port["port"], port.Text("protocol") ?? "TCP"))
        select new Problem(policy, $"port {port["port"]} is no port of {string.Join(", ", pods.Select(workload => workload.Document))}");

    private static IEnumerable<Problem> OfMonitors(ObjectSet set)
    {
        foreach (var monitor in set.OfKind("ServiceMonitor", "PodMonitor"))
        {
            var spec = monitor.Content.Map("spec");
            var declared = monitor.Kind == "ServiceMonitor"
                ? MonitoredServices(set, monitor).SelectMany(service => service.Content.Map("spec").Maps("ports")).Select(port => port.Text("name")).ToHashSet()
                : set.Select(spec.Map("selector"), set.NamespaceOf(monitor)).SelectMany(workload => workload.Ports).Select(port => port.Text("name")).ToHashSet();
            foreach (var port in spec.Maps("endpoints").Concat(spec.Maps("podMetricsEndpoints")).Select(endpoint => endpoint.Text("port")))
            {
                if (port is not null && !declared.Contains(port))
                {
                    yield return new Problem(monitor, $"port {port} is none of {string.Join(", ", declared)}");
                }
            }
        }
    }

    private static IEnumerable<string> Twice(IEnumerable<string> names) => names.GroupBy(name => name).Where(group => group.Count() > 1).Select(group => group.Key);
}
