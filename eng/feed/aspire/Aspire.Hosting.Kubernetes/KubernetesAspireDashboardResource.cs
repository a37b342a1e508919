using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Kubernetes;

/// <summary>The Aspire dashboard in a cluster.</summary>
public class KubernetesAspireDashboardResource : ContainerResource
{
    // The real publisher's constant, in its stable versions, too.
    private const string Image = "mcr.microsoft.com/dotnet/nightly/aspire-dashboard";

    /// <summary>A dashboard.</summary>
    /// <param name="name">The resource's name.</param>
    public KubernetesAspireDashboardResource(string name)
        : base(name)
    {
        Annotations.Add(new ContainerImageAnnotation { Image = Image, Tag = "13.5" });
        Annotations.Add(new EndpointAnnotation(ProtocolType.Tcp, "http", name: "http", targetPort: 18888, isExternal: true));
        Annotations.Add(new EndpointAnnotation(ProtocolType.Tcp, "http", name: "otlp-grpc", targetPort: 18889));
        Annotations.Add(new EndpointAnnotation(ProtocolType.Tcp, "http", name: "otlp-http", targetPort: 18890));
    }

    /// <summary>Where people look.</summary>
    public EndpointReference PrimaryEndpoint => new(this, "http");

    /// <summary>Where telemetry goes.</summary>
    public EndpointReference OtlpGrpcEndpoint => new(this, "otlp-grpc");
}
