#pragma warning disable ASPIRECOMPUTE002 // the real API calls persistent volumes experimental
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Resources;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>The volumes of a resource's pods.</summary>
internal static class VolumeFactory
{
    public static void AddVolumes(KubernetesResource resource, PodSpecV1 pod, ContainerV1 container)
    {
        foreach (var volume in resource.Target.Annotations.OfType<VolumeAnnotation>())
        {
            var name = volume.Source ?? throw new DistributedApplicationException(
                $"Resource '{resource.Name}' has a volume without a name at '{volume.Target}': give it one, so that it can be published.");
            container.VolumeMounts.Add(new VolumeMountV1 { Name = name, MountPath = volume.Target });
            pod.Volumes.Add(Create(resource, name, volume.Target));
        }

        foreach (var binding in resource.Target.Annotations.OfType<PersistentVolumeBindingAnnotation>())
        {
            var name = binding.Volume.Name;
            container.VolumeMounts.Add(new VolumeMountV1 { Name = name, MountPath = binding.MountPath, ReadOnly = binding.IsReadOnly ? true : null });
            pod.Volumes.Add(new VolumeV1 { Name = name, PersistentVolumeClaim = new() { ClaimName = name } });
        }
    }

    private static VolumeV1 Create(KubernetesResource resource, string name, string path) => resource.Parent.DefaultStorageType.ToLowerInvariant() switch
    {
        "emptydir" => new VolumeV1 { Name = name, EmptyDir = new() },
        "hostpath" => new VolumeV1 { Name = name, HostPath = new() { Path = path, Type = "Directory" } },
        "pvc" => new VolumeV1 { Name = name, PersistentVolumeClaim = new() { ClaimName = Claim(resource, name).Metadata.Name } },
        _ => throw new DistributedApplicationException(
            $"Environment '{resource.Parent.Name}': there is no storage type '{resource.Parent.DefaultStorageType}'; there are emptyDir, hostPath and pvc."),
    };

    private static PersistentVolumeClaim Claim(KubernetesResource resource, string volume)
    {
        var environment = resource.Parent;
        var claim = new PersistentVolumeClaim
        {
            Metadata = new ObjectMetaV1 { Name = $"{HelmText.ObjectName(resource.Name, volume)}-pvc", Labels = new(resource.Labels) },
            Spec = new PersistentVolumeClaimSpecV1
            {
                StorageClassName = environment.DefaultStorageClassName!,
                AccessModes = { environment.DefaultStorageReadWritePolicy },
                Resources = new() { Requests = { ["storage"] = environment.DefaultStorageSize } },
            },
        };
        resource.Claims.Add(claim);
        return claim;
    }
}

/// <summary>Pods see a volume of the cluster at a path.</summary>
internal sealed record PersistentVolumeBindingAnnotation(KubernetesPersistentVolumeResource Volume, string MountPath, bool IsReadOnly) : IResourceAnnotation;
