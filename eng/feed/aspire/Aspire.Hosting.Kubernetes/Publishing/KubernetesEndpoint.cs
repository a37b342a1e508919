using System.Globalization;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>An endpoint in the cluster: a port of the pods and of their service.</summary>
/// <param name="Name">The endpoint's name.</param>
/// <param name="Scheme">Scheme of its URL.</param>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="Service">The service's name, which is its host.</param>
/// <param name="TargetPort">The port of the pods.</param>
/// <param name="Port">The port of the service.</param>
internal sealed record KubernetesEndpoint(string Name, string Scheme, string Protocol, string Service, HelmValue TargetPort, HelmValue Port)
{
    private const int DefaultPort = 8080;

    /// <summary>The endpoints of a resource by name; what it has of ports in values.yaml goes to <paramref name="parameters"/>.</summary>
    public static Dictionary<string, KubernetesEndpoint> Of(IResource resource, PortAllocator ports, Dictionary<string, HelmValue> parameters)
    {
        var service = HelmText.ObjectName(resource.Name, "service");
        var endpoints = new Dictionary<string, KubernetesEndpoint>(StringComparer.OrdinalIgnoreCase);
        foreach (var published in PublishedEndpoint.Of(resource, ports))
        {
            var endpoint = published.Endpoint;
            HelmValue target, exposed;
            if (published.TargetPort is { } number)
            {
                (target, exposed) = (Literal(number), Literal(published.Port ?? number));
            }
            else
            {
                // No process listens on the https endpoint that a project has by default: it leads to the http port.
                target = IsDefaultHttps(resource, endpoint) && endpoints.Values.FirstOrDefault(e => e.Scheme == "http") is { } http
                    ? http.TargetPort
                    : AddPort(resource, endpoint, parameters);
                exposed = target;
            }

            endpoints[endpoint.Name] = new(
                endpoint.Name, endpoint.UriScheme, endpoint.Protocol == ProtocolType.Udp ? "UDP" : "TCP", service, target, exposed);
        }

        return endpoints;
    }

    /// <summary>A part of the address as another resource is told it.</summary>
    /// <param name="property">The part.</param>
    /// <param name="isPartOfText">Whether it stands in a longer text, where a number is text, too.</param>
    public string Value(EndpointProperty property, bool isPartOfText) => property switch
    {
        EndpointProperty.Url => $"{Scheme}://{Service}:{Text(Port)}",
        EndpointProperty.Host or EndpointProperty.IPV4Host => Service,
        EndpointProperty.Port => isPartOfText ? Text(Port) : Port.AsNumber,
        EndpointProperty.TargetPort => isPartOfText ? Text(TargetPort) : TargetPort.AsNumber,
        EndpointProperty.Scheme => Scheme,
        EndpointProperty.HostAndPort => $"{Service}:{Text(Port)}",
        _ => throw new InvalidOperationException($"Endpoints have no property '{property}'."),
    };

    private static HelmValue Literal(int port) => HelmValue.Literal(port.ToString(CultureInfo.InvariantCulture));

    private static string Text(HelmValue port) => port.Expression ?? port.ToString();

    private static bool IsDefaultHttps(IResource resource, EndpointAnnotation endpoint) =>
        resource.Annotations.OfType<DefaultHttpsEndpointAnnotation>().Any(https => https.Endpoint == endpoint);

    private static HelmValue AddPort(IResource resource, EndpointAnnotation endpoint, Dictionary<string, HelmValue> parameters)
    {
        var key = HelmText.Key($"port_{endpoint.Name}");
        return parameters[key] = new HelmValue(HelmText.Value(HelmText.Parameters, resource.Name, key), DefaultPort);
    }
}
