using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Checks;

/// <summary>An object that makes pods, or is one.</summary>
/// <param name="Document">The object.</param>
/// <param name="Namespace">Where it is.</param>
/// <param name="Labels">Of its pods.</param>
/// <param name="Pod">The pod's spec.</param>
internal sealed record Workload(RenderedDocument Document, string Namespace, ValueMap Labels, ValueMap Pod)
{
    /// <summary>Containers that run while the pod does: sidecars are init containers that restart.</summary>
    public IEnumerable<ValueMap> Containers => Pod.Maps("containers").Concat(Pod.Maps("initContainers").Where(container => container.Text("restartPolicy") == "Always"));

    /// <summary>All containers.</summary>
    public IEnumerable<ValueMap> AllContainers => Pod.Maps("containers").Concat(Pod.Maps("initContainers"));

    /// <summary>Ports that containers declare.</summary>
    public IEnumerable<ValueMap> Ports => Containers.SelectMany(container => container.Maps("ports"));

    /// <summary>Whether a port, by name or number, is declared.</summary>
    public bool HasPort(object? port, string protocol = "TCP") => Ports.Any(declared =>
        (declared.Text("protocol") ?? "TCP") == protocol && (port is string name ? declared.Text("name") == name : declared.Number("containerPort") == port as long?));

    /// <summary>What a ports list would show, for messages.</summary>
    public string PortNames => string.Join(", ", Ports.Select(port => $"{port.Text("name")}={port.Number("containerPort")}"));
}
