using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Publishing;
using Aspire.Hosting.Kubernetes.Resources;

namespace Aspire.Hosting.Kubernetes;

/// <summary>How the path of a request is compared with that of an ingress.</summary>
public enum IngressPathType
{
    /// <summary>Element by element, from the beginning.</summary>
    Prefix,

    /// <summary>As a whole.</summary>
    Exact,

    /// <summary>As the ingress class does it.</summary>
    ImplementationSpecific,
}

/// <summary>Ways from outside of the cluster to endpoints.</summary>
/// <param name="name">The resource's name, and that of the ingress.</param>
/// <param name="environment">The cluster.</param>
public class KubernetesIngressResource(string name, KubernetesEnvironmentResource environment)
    : Resource(name), IResourceWithParent<KubernetesEnvironmentResource>, IKubernetesObject
{
    private readonly Ingress _ingress = new() { Metadata = { Name = name } };

    /// <inheritdoc />
    public KubernetesEnvironmentResource Parent => environment;

    BaseKubernetesResource IKubernetesObject.Prepared => _ingress;

    internal string? ClassName { get; set; }

    internal Dictionary<string, string> ObjectAnnotations { get; } = [];

    internal List<string> Hostnames { get; } = [];

    internal List<string> TlsSecrets { get; } = [];

    internal List<(string? Host, string Path, EndpointReference Endpoint, IngressPathType PathType)> Paths { get; } = [];

    /// <summary>
    /// The names given with WithHostname are those of the certificate only; a path without a host holds for every host: so it is with the real publisher.
    /// </summary>
    async Task IKubernetesObject.PrepareAsync(KubernetesModel model)
    {
        _ingress.Spec.IngressClassName = ClassName!;
        foreach (var (key, value) in ObjectAnnotations)
        {
            _ingress.Metadata.Annotations[key] = value;
        }

        foreach (var host in Paths.GroupBy(path => path.Host))
        {
            var rule = new IngressRuleV1 { Host = host.Key };
            foreach (var path in host)
            {
                rule.Http.Paths.Add(new HttpIngressPathV1
                {
                    Path = path.Path,
                    PathType = path.PathType.ToString(),
                    Backend = new() { Service = await ServiceOfAsync(model, path.Endpoint).ConfigureAwait(false) },
                });
            }

            _ingress.Spec.Rules.Add(rule);
        }

        foreach (var secret in TlsSecrets)
        {
            var tls = new IngressTLSV1 { SecretName = secret };
            tls.Hosts.AddRange(Hostnames);
            _ingress.Spec.Tls.Add(tls);
        }
    }

    private async Task<IngressServiceBackendV1> ServiceOfAsync(KubernetesModel model, EndpointReference endpoint)
    {
        if (!endpoint.EndpointAnnotation.IsExternal)
        {
            throw new DistributedApplicationException(
                $"Ingress '{Name}' leads to endpoint '{endpoint.EndpointName}' of resource '{endpoint.Resource.Name}', which is not external: call WithExternalHttpEndpoints on the resource.");
        }

        var target = (await model.GetAsync(endpoint.Resource).ConfigureAwait(false)).Endpoints[endpoint.EndpointName];
        return new IngressServiceBackendV1 { Name = target.Service, Port = new ServiceBackendPortV1 { Name = target.Name } };
    }
}
