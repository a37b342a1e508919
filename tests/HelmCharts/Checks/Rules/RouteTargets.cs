namespace Sluice.HelmCharts.Checks.Rules;

/// <summary>Ingresses and routes lead to ports of Services that are there, from Gateways that are there, with certificates that are there.</summary>
internal sealed class RouteTargets : IObjectRule
{
    public IEnumerable<Problem> Check(ObjectSet set) => Ingresses(set).Concat(Routes(set)).Concat(Gateways(set));

    private static IEnumerable<Problem> Ingresses(ObjectSet set)
    {
        foreach (var ingress in set.OfKind("Ingress"))
        {
            var spec = ingress.Content.Map("spec");
            var backends = spec.Maps("rules").SelectMany(rule => rule.Map("http").Maps("paths")).Select(path => path.Map("backend")).Append(spec.Map("defaultBackend"));
            foreach (var service in backends.Select(backend => backend.Map("service")).Where(service => service.Count > 0))
            {
                var port = service.Map("port");
                foreach (var problem in CheckService(set, ingress, service.Text("name"), port["name"] ?? port["number"], set.NamespaceOf(ingress)))
                {
                    yield return problem;
                }
            }

            foreach (var secret in spec.Maps("tls").Select(tls => tls.Text("secretName")).Where(name => name is not null && !set.Exists("Secret", name, set.NamespaceOf(ingress))))
            {
                yield return new Problem(ingress, $"there is no Secret {secret} for TLS");
            }
        }
    }

    private static IEnumerable<Problem> Routes(ObjectSet set)
    {
        foreach (var route in set.OfKind("HTTPRoute", "GRPCRoute"))
        {
            var spec = route.Content.Map("spec");
            foreach (var backend in spec.Maps("rules").SelectMany(rule => rule.Maps("backendRefs")).Where(backend => (backend.Text("kind") ?? "Service") == "Service"))
            {
                foreach (var problem in CheckService(set, route, backend.Text("name"), backend["port"], backend.Text("namespace") ?? set.NamespaceOf(route)))
                {
                    yield return problem;
                }
            }

            foreach (var parent in spec.Maps("parentRefs"))
            {
                var (kind, name) = (parent.Text("kind") ?? "Gateway", parent.Text("name"));
                if (!set.Exists(kind, name, parent.Text("namespace") ?? set.NamespaceOf(route)))
                {
                    yield return new Problem(route, $"there is no {kind} {name}");
                }
            }
        }
    }

    private static IEnumerable<Problem> Gateways(ObjectSet set) =>
        from gateway in set.OfKind("Gateway")
        from listener in gateway.Content.Map("spec").Maps("listeners")
        from certificate in listener.Map("tls").Maps("certificateRefs")
        where !set.Exists("Secret", certificate.Text("name"), certificate.Text("namespace") ?? set.NamespaceOf(gateway))
        select new Problem(gateway, $"there is no Secret {certificate.Text("name")} for listener {listener.Text("name")}");

    private static IEnumerable<Problem> CheckService(ObjectSet set, RenderedDocument from, string? name, object? port, string @namespace)
    {
        if (set.IsExternal("Service", name))
        {
            yield break;
        }

        if (set.Find("Service", name, @namespace) is not { } service)
        {
            yield return new Problem(from, $"there is no Service {name}");
            yield break;
        }

        var ports = service.Content.Map("spec").Maps("ports");
        if (port is null || !ports.Any(declared => port is string text ? declared.Text("name") == text : declared.Number("port") == (long)port))
        {
            yield return new Problem(from, $"port {port ?? "(none)"} is no port of {service}");
        }
    }
}
