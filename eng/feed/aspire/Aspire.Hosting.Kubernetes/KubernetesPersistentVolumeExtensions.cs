using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Publishing;

namespace Aspire.Hosting;

/// <summary>Adds volumes of a cluster.</summary>
[Experimental("ASPIRECOMPUTE002", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public static class KubernetesPersistentVolumeExtensions
{
    /// <summary>Adds a volume.</summary>
    public static IResourceBuilder<KubernetesPersistentVolumeResource> AddPersistentVolume(
        this IResourceBuilder<KubernetesEnvironmentResource> builder, string name)
    {
        var volume = new KubernetesPersistentVolumeResource(name, builder.Resource);
        var application = builder.ApplicationBuilder;
        return application.ExecutionContext.IsPublishMode ? application.AddResource(volume) : application.CreateResourceBuilder(volume);
    }

    /// <summary>Sets the storage class; by default the environment's.</summary>
    public static IResourceBuilder<KubernetesPersistentVolumeResource> WithStorageClass(
        this IResourceBuilder<KubernetesPersistentVolumeResource> builder, string storageClassName)
    {
        builder.Resource.StorageClass = storageClassName;
        return builder;
    }

    /// <summary>Sets the size; by default the environment's.</summary>
    public static IResourceBuilder<KubernetesPersistentVolumeResource> WithCapacity(
        this IResourceBuilder<KubernetesPersistentVolumeResource> builder, string capacity)
    {
        builder.Resource.Capacity = capacity;
        return builder;
    }

    /// <summary>Sets who may use it at once; by default what the environment says.</summary>
    public static IResourceBuilder<KubernetesPersistentVolumeResource> WithAccessMode(
        this IResourceBuilder<KubernetesPersistentVolumeResource> builder, PersistentVolumeAccessMode accessMode)
    {
        builder.Resource.AccessMode = accessMode;
        return builder;
    }

    /// <summary>Shows the volume to the resource's pods, which thereby become a stateful set. Has no effect on a run.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="volume">The volume.</param>
    /// <param name="mountPath">The path in the container.</param>
    /// <param name="isReadOnly">Whether the container cannot write to it.</param>
    public static IResourceBuilder<T> WithPersistentVolume<T>(
        this IResourceBuilder<T> builder, IResourceBuilder<KubernetesPersistentVolumeResource> volume, string mountPath, bool isReadOnly = false)
        where T : IComputeResource => builder.WithAnnotation(new PersistentVolumeBindingAnnotation(volume.Resource, mountPath, isReadOnly));
}
