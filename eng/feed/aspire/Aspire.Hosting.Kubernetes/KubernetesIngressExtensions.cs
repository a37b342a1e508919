using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;

namespace Aspire.Hosting;

/// <summary>Adds ways from outside of a cluster.</summary>
public static class KubernetesIngressExtensions
{
    /// <summary>Adds an ingress. A run knows nothing of it.</summary>
    public static IResourceBuilder<KubernetesIngressResource> AddIngress(this IResourceBuilder<KubernetesEnvironmentResource> builder, string name)
    {
        var ingress = new KubernetesIngressResource(name, builder.Resource);
        var application = builder.ApplicationBuilder;
        return application.ExecutionContext.IsPublishMode ? application.AddResource(ingress) : application.CreateResourceBuilder(ingress);
    }

    /// <summary>Sets who serves the ingress.</summary>
    public static IResourceBuilder<KubernetesIngressResource> WithIngressClass(this IResourceBuilder<KubernetesIngressResource> builder, string className)
    {
        builder.Resource.ClassName = className;
        return builder;
    }

    /// <summary>Leads a path of every host to an endpoint.</summary>
    public static IResourceBuilder<KubernetesIngressResource> WithPath(
        this IResourceBuilder<KubernetesIngressResource> builder, string path, EndpointReference endpoint, IngressPathType pathType = IngressPathType.Prefix)
    {
        builder.Resource.Paths.Add((null, path, endpoint, pathType));
        return builder;
    }

    /// <summary>Leads a path of one host to an endpoint.</summary>
    public static IResourceBuilder<KubernetesIngressResource> WithPath(
        this IResourceBuilder<KubernetesIngressResource> builder, string host, string path, EndpointReference endpoint,
        IngressPathType pathType = IngressPathType.Prefix)
    {
        builder.Resource.Paths.Add((host, path, endpoint, pathType));
        return builder;
    }

    /// <summary>Names a host of the certificate.</summary>
    public static IResourceBuilder<KubernetesIngressResource> WithHostname(this IResourceBuilder<KubernetesIngressResource> builder, string hostname)
    {
        builder.Resource.Hostnames.Add(hostname);
        return builder;
    }

    /// <summary>Serves HTTPS with the certificate of a secret.</summary>
    public static IResourceBuilder<KubernetesIngressResource> WithTls(this IResourceBuilder<KubernetesIngressResource> builder, string secretName)
    {
        builder.Resource.TlsSecrets.Add(secretName);
        return builder;
    }

    /// <summary>Sets an annotation of the ingress.</summary>
    public static IResourceBuilder<KubernetesIngressResource> WithIngressAnnotation(
        this IResourceBuilder<KubernetesIngressResource> builder, string key, string value)
    {
        builder.Resource.ObjectAnnotations[key] = value;
        return builder;
    }
}
