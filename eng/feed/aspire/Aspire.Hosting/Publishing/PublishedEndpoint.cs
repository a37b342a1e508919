using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>The ports of one publication: from 8000 on, without those that endpoints name themselves.</summary>
internal sealed class PortAllocator
{
    private readonly HashSet<int> _used = [];
    private int _next = 8000;

    public void AddUsed(int port) => _used.Add(port);

    public int Allocate()
    {
        while (!_used.Add(_next))
        {
            _next++;
        }

        return _next++;
    }
}

/// <summary>An endpoint with the ports that a deployment gives it.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="TargetPort">The process's own port; null where the deployment tool chooses it: the first http and https endpoints of a project.</param>
/// <param name="Port">The port for clients; null where the deployment tool chooses it.</param>
/// <param name="IsPortImplied">Whether the port for clients is the process's own, and need not be said.</param>
internal sealed record PublishedEndpoint(EndpointAnnotation Endpoint, int? TargetPort, int? Port, bool IsPortImplied)
{
    /// <summary>The endpoints of a resource, in their order.</summary>
    public static IReadOnlyList<PublishedEndpoint> Of(IResource resource, PortAllocator ports)
    {
        var schemes = new HashSet<string>();
        var published = new List<PublishedEndpoint>();
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            var isHttp = endpoint.UriScheme is "http" or "https";
            int? target = endpoint switch
            {
                { TargetPort: { } chosen } => chosen,
                { Port: { } port } when resource is ContainerResource => port,
                _ when resource is ProjectResource && isHttp && !schemes.Contains(endpoint.UriScheme) => null,
                _ => ports.Allocate(),
            };
            var exposed = (endpoint.Port, target) switch
            {
                ({ } port, _) => port,
                (null, { } same) => same,
                _ => (int?)null,
            };
            if (isHttp)
            {
                schemes.Add(endpoint.UriScheme);
            }

            foreach (var used in new[] { target, exposed }.OfType<int>())
            {
                ports.AddUsed(used);
            }

            published.Add(new PublishedEndpoint(endpoint, target, exposed, exposed == target));
        }

        return published;
    }
}
