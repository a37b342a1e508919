using Aspire.Hosting.Kubernetes;

namespace Sluice.AppHost.Kubernetes;

/// <summary>What Aspire's publisher made of a service, as far as the chart takes it over. Texts may hold Helm's <c>{{ .Values… }}</c>.</summary>
/// <param name="Name">The resource's name.</param>
/// <param name="Settings">Environment variables.</param>
/// <param name="Secrets">Environment variables that are secrets.</param>
/// <param name="Ports">Where the container listens: the endpoints' names and their ports.</param>
internal sealed record PublishedService(
    string Name, IReadOnlyDictionary<string, string> Settings, IReadOnlyDictionary<string, string> Secrets, IReadOnlyList<(string Name, string Port)> Ports)
{
    /// <summary>Reads it off the publisher's objects.</summary>
    /// <exception cref="DistributedApplicationException">They say something that the chart has no place for.</exception>
    public static PublishedService Read(KubernetesResource published)
    {
        var pod = published.Workload?.PodTemplate.Spec ?? throw Unknown(published, "no workload");
        if (pod.Containers is not [var container])
        {
            throw Unknown(published, $"{pod.Containers.Count} containers");
        }

        var surplus = (pod.Volumes.Count, container.Args.Count, container.Command.Count, published.AdditionalResources.Count) switch
        {
            ( > 0, _, _, _) => "volumes",
            (_, > 0, _, _) or (_, _, > 0, _) => "arguments",
            (_, _, _, > 0) => "further objects",
            _ => null,
        };
        return surplus is not null
            ? throw Unknown(published, surplus)
            : new(
                published.Name,
                published.ConfigMap?.Data ?? [],
                published.Secret?.StringData ?? [],
                [.. container.Ports.Select(port => (port.Name, port.ContainerPort?.Value ?? throw Unknown(published, $"a port {port.Name} without a number")))]);
    }

    private static DistributedApplicationException Unknown(KubernetesResource published, string what) => new(
        $"The AppHost publishes {published.Name} with {what}: the chart does not carry that over. Write it into AppHost/Kubernetes/chart/templates/{published.Name}, and let {nameof(PublishedService)} know of it.");
}
