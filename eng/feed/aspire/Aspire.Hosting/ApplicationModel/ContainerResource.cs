namespace Aspire.Hosting.ApplicationModel;

/// <summary>A container. The stand-in publishes containers and does not run them.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="entrypoint">The program in the image; the image's own by default.</param>
public class ContainerResource(string name, string? entrypoint = null)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IResourceWithProbes, IComputeResource
{
    /// <summary>The program in the image; the image's own where it is null.</summary>
    public string? Entrypoint { get; set; } = entrypoint;
}

/// <summary>The image of a container.</summary>
public sealed class ContainerImageAnnotation : IResourceAnnotation
{
    /// <summary>The registry's host; null for the runtime's default.</summary>
    public string? Registry { get; set; }

    /// <summary>The image, without registry and tag.</summary>
    public required string Image { get; set; }

    /// <summary>The tag.</summary>
    public string? Tag { get; set; }

    /// <summary>As a container runtime takes it.</summary>
    internal string FullName => (Registry is null ? Image : $"{Registry}/{Image}") + (Tag is null ? "" : $":{Tag}");
}

/// <summary>A volume that a container sees at a path. The real type knows bind mounts, too.</summary>
/// <param name="source">The volume's name; null for an anonymous one.</param>
/// <param name="target">The path in the container.</param>
/// <param name="isReadOnly">Whether the container cannot write to it.</param>
internal sealed class VolumeAnnotation(string? source, string target, bool isReadOnly) : IResourceAnnotation
{
    public string? Source { get; } = source;

    public string Target { get; } = target;

    public bool IsReadOnly { get; } = isReadOnly;
}
