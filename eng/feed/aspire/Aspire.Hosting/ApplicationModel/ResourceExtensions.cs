namespace Aspire.Hosting.ApplicationModel;

/// <summary>Questions to a resource.</summary>
public static class ResourceExtensions
{
    /// <summary>The endpoint of that name; it need not exist yet.</summary>
    public static EndpointReference GetEndpoint(this IResourceWithEndpoints resource, string endpointName) => new(resource, endpointName);

    /// <summary>All endpoints the resource has now.</summary>
    public static IEnumerable<EndpointReference> GetEndpoints(this IResourceWithEndpoints resource) =>
        resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => new EndpointReference(resource, endpoint));

    /// <summary>How many processes the resource has.</summary>
    public static int GetReplicaCount(this IResource resource) =>
        resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;

    /// <summary>The ids by which states and logs of the resource are known: one a replica, or the name where there are no processes.</summary>
    internal static IReadOnlyList<string> GetInstanceIds(this IResource resource) =>
        resource.Annotations.OfType<InstancesAnnotation>().LastOrDefault()?.Ids ?? [resource.Name];
}

/// <summary>How many processes of a project run.</summary>
/// <param name="replicas">At least one.</param>
public sealed class ReplicaAnnotation(int replicas = 1) : IResourceAnnotation
{
    /// <summary>The number of processes.</summary>
    public int Replicas { get; } = replicas;
}

/// <summary>The ids of a resource's processes, fixed when the application starts.</summary>
internal sealed record InstancesAnnotation(IReadOnlyList<string> Ids) : IResourceAnnotation;

/// <summary>What DCP starts for a resource: not in the public model, as the command of a project is known only at the start.</summary>
internal sealed record LaunchAnnotation(string ResourceType, string WorkingDirectory, string Command, IReadOnlyList<string> Arguments)
    : IResourceAnnotation
{
    /// <summary>Shown as properties on the dashboard, beside those of the executable.</summary>
    public IReadOnlyList<ResourcePropertySnapshot> Properties { get; init; } = [];

    /// <summary>Not shown on the dashboard unless asked for.</summary>
    public bool IsHidden { get; init; }
}
