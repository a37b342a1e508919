#pragma warning disable ASPIREPROBES001 // the real API calls probes experimental
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Resources;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>The objects of a resource, before anyone customises them.</summary>
internal static class WorkloadFactory
{
    public static void AddObjects(KubernetesResource resource)
    {
        // The pods first: what they are started from is a value, too.
        resource.Workload = CreateWorkload(resource);
        resource.ConfigMap = CreateConfigMap(resource);
        resource.Secret = CreateSecret(resource);
        resource.Service = CreateService(resource);
    }

    private static Workload CreateWorkload(KubernetesResource resource)
    {
        var hasPersistentVolume = resource.Target.Annotations.OfType<PersistentVolumeBindingAnnotation>().Any();
        var pods = CreatePods(resource);
        var replicas = resource.Target.GetReplicaCount();
        if (resource.Target is not IResourceWithConnectionString && !hasPersistentVolume)
        {
            return new Deployment
            {
                Metadata = Metadata(resource, "deployment"),
                Spec = new DeploymentSpecV1
                {
                    Template = pods,
                    Selector = new(Labels(resource)),
                    Replicas = replicas,
                    Strategy = new DeploymentStrategyV1 { RollingUpdate = new RollingUpdateDeploymentV1 { MaxSurge = 1, MaxUnavailable = 1 } },
                },
            };
        }

        if (hasPersistentVolume)
        {
            pods.Spec.SecurityContext = new PodSecurityContextV1 { FsGroup = 2000, FsGroupChangePolicy = "OnRootMismatch" };
        }

        return new StatefulSet
        {
            Metadata = Metadata(resource, "statefulset"),
            Spec = new StatefulSetSpecV1 { Template = pods, Selector = new(Labels(resource)), Replicas = replicas },
        };
    }

    private static PodTemplateSpecV1 CreatePods(KubernetesResource resource)
    {
        var container = new ContainerV1 { Name = resource.Name, Image = ImageOf(resource), ImagePullPolicy = resource.Parent.DefaultImagePullPolicy };
        var pods = new PodTemplateSpecV1 { Metadata = new ObjectMetaV1 { Labels = Labels(resource) }, Spec = { Containers = { container } } };
        if (resource.Target is ContainerResource { Entrypoint: { } entrypoint })
        {
            container.Command.Add(entrypoint);
        }

        container.Args.AddRange(resource.Arguments);
        if (resource.Config.Count > 0)
        {
            container.EnvFrom.Add(new EnvFromSourceV1 { ConfigMapRef = new() { Name = HelmText.ObjectName(resource.Name, "config") } });
        }

        if (resource.Secrets.Count > 0)
        {
            container.EnvFrom.Add(new EnvFromSourceV1 { SecretRef = new() { Name = HelmText.ObjectName(resource.Name, "secrets") } });
        }

        container.Ports.AddRange(DistinctPorts(resource).Select(endpoint => new ContainerPortV1
        {
            Name = endpoint.Name,
            Protocol = endpoint.Protocol,
            ContainerPort = endpoint.TargetPort.AsNumber,
        }));
        AddProbes(resource, container);
        VolumeFactory.AddVolumes(resource, pods.Spec, container);
        return pods;
    }

    private static string ImageOf(KubernetesResource resource)
    {
        if (resource.Target.Annotations.OfType<ContainerImageAnnotation>().LastOrDefault() is { } image)
        {
            return image.FullName;
        }

        var key = HelmText.Key($"{resource.Name}_image");
        var value = new HelmValue(HelmText.Value(HelmText.Parameters, resource.Name, key), $"{resource.Name}:latest");
        resource.Parameters[key] = value;
        return value.Expression!;
    }

    /// <summary>The scheme is written as the endpoint has it, in small letters, which no cluster takes: so it is with the real publisher.</summary>
    private static void AddProbes(KubernetesResource resource, ContainerV1 container)
    {
        foreach (var asked in resource.Target.Annotations.OfType<HttpProbeAnnotation>())
        {
            if (!resource.Endpoints.TryGetValue(asked.Endpoint.EndpointName, out var endpoint))
            {
                continue;
            }

            var probe = new ProbeV1
            {
                HttpGet = new HttpGetActionV1 { Scheme = endpoint.Scheme, Path = asked.Path, Port = endpoint.TargetPort.AsNumber },
                InitialDelaySeconds = asked.InitialDelaySeconds,
                PeriodSeconds = asked.PeriodSeconds,
                TimeoutSeconds = asked.TimeoutSeconds,
                FailureThreshold = asked.FailureThreshold,
                SuccessThreshold = asked.SuccessThreshold,
            };
            switch (asked.Type)
            {
                case ProbeType.Startup:
                    container.StartupProbe = probe;
                    break;
                case ProbeType.Readiness:
                    container.ReadinessProbe = probe;
                    break;
                default:
                    container.LivenessProbe = probe;
                    break;
            }
        }
    }

    private static ConfigMap? CreateConfigMap(KubernetesResource resource)
    {
        var config = new ConfigMap { Metadata = Metadata(resource, "config") };
        foreach (var (key, value) in resource.Config)
        {
            config.Data[key] = HelmText.WithNumbersAsText(value.InTemplate);
        }

        return config.Data.Count > 0 ? config : null;
    }

    private static Secret? CreateSecret(KubernetesResource resource)
    {
        var secret = new Secret { Metadata = Metadata(resource, "secrets") };
        foreach (var (key, value) in resource.Secrets)
        {
            secret.StringData[key] = value.InTemplate;
        }

        return secret.StringData.Count > 0 ? secret : null;
    }

    private static Service? CreateService(KubernetesResource resource)
    {
        var service = new Service { Metadata = Metadata(resource, "service") };
        service.Spec.Type = resource.Parent.DefaultServiceType;
        service.Spec.Selector = Labels(resource);
        service.Spec.Ports.AddRange(DistinctPorts(resource).Select(endpoint => new ServicePortV1
        {
            Name = endpoint.Name,
            Protocol = endpoint.Protocol,
            Port = endpoint.Port.AsNumber,
            TargetPort = endpoint.TargetPort.AsNumber,
        }));
        return service.Spec.Ports.Count > 0 ? service : null;
    }

    /// <summary>Endpoints that lead to the same port of the pods are one port.</summary>
    private static IEnumerable<KubernetesEndpoint> DistinctPorts(KubernetesResource resource) =>
        resource.Endpoints.Values.DistinctBy(endpoint => (endpoint.TargetPort.ToString(), endpoint.Protocol));

    private static ObjectMetaV1 Metadata(KubernetesResource resource, string part) =>
        new() { Name = HelmText.ObjectName(resource.Name, part), Labels = Labels(resource) };

    private static Dictionary<string, string> Labels(KubernetesResource resource) => new(resource.Labels);
}
