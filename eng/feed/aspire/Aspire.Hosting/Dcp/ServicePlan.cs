using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Dcp;

/// <summary>The DCP service behind an endpoint.</summary>
internal sealed record ServicePlan(IResource Resource, EndpointAnnotation Endpoint, string Name)
{
    /// <summary>The services of a resource: named after it, and after the endpoint where there are several.</summary>
    public static IReadOnlyList<ServicePlan> For(IResource resource)
    {
        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().ToList();
        return
        [
            .. endpoints.Select(endpoint => new ServicePlan(resource, endpoint, endpoints.Count == 1 ? resource.Name : $"{resource.Name}-{endpoint.Name}").Checked()),
        ];
    }

    /// <summary>What DCP is told; port 0 means the same as none.</summary>
    public DcpObject<ServiceSpec, ServiceStatus> ToDcp() => new()
    {
        Kind = "Service",
        Metadata = new DcpMetadata(Name) { Annotations = new() { ["resource-name"] = Resource.Name, ["endpoint-name"] = Endpoint.Name } },
        Spec = new ServiceSpec
        {
            Port = Endpoint.Port is 0 ? null : Endpoint.Port,
            Address = Endpoint.IsProxied && Endpoint.TargetHost != "localhost" ? Endpoint.TargetHost : null,
            AddressAllocationMode = !Endpoint.IsProxied ? "Proxyless" : Endpoint.TargetHost == "localhost" ? "Localhost" : null,
        },
    };

    /// <summary>What the process behind the service is told: by DCP, when it picks the port, else by number.</summary>
    public string TargetPortExpression =>
        (Endpoint.TargetPort ?? (Endpoint.IsProxied ? null : Endpoint.Port))?.ToString(CultureInfo.InvariantCulture)
            ?? $$$"""{{- portForServing "{{{Name}}}" -}}""";

    public ServiceProducer ToProducer() => new(Name, Endpoint.TargetHost, Endpoint.IsProxied ? Endpoint.TargetPort : Endpoint.Port);

    public void Allocate(int port) => Endpoint.AllocatedEndpoint = new AllocatedEndpoint(
        Endpoint, Endpoint.TargetHost is "0.0.0.0" or "[::]" or "*" ? "localhost" : Endpoint.TargetHost, port, TargetPortExpression);

    private ServicePlan Checked()
    {
        var several = Resource.GetReplicaCount() > 1;
        var reason = Endpoint switch
        {
            { IsProxied: true, TargetPort: not null } when several => "has a fixed target port, which only one replica can listen on",
            { IsProxied: false } when several => "has no proxy, without which replicas cannot share a port",
            { IsProxied: true, Port: { } port, TargetPort: { } target } when port == target => $"has a proxy on port {port}, on which the process itself is to listen; leave the target port out or choose another",
            { IsProxied: false, Port: null } => "has no proxy and thus needs a port",
            { IsProxied: false, Port: { } port, TargetPort: { } target } when port != target => $"has no proxy, so that its port {port} and its target port {target} must be the same",
            _ => null,
        };
        return reason is null ? this : throw new DistributedApplicationException($"Endpoint '{Endpoint.Name}' of resource '{Resource.Name}' {reason}.");
    }
}
