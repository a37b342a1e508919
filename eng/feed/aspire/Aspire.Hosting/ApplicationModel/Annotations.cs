namespace Aspire.Hosting.ApplicationModel;

/// <summary>What a dependant waits for.</summary>
public enum WaitType
{
    /// <summary>Every process runs and every health check is passed.</summary>
    WaitUntilHealthy = 0,
}

/// <summary>The resource starts after another.</summary>
/// <param name="resource">The other.</param>
/// <param name="waitType">What must be true of it.</param>
public sealed class WaitAnnotation(IResource resource, WaitType waitType) : IResourceAnnotation
{
    /// <summary>The other resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>What must be true of it.</summary>
    public WaitType WaitType { get; } = waitType;
}

/// <summary>A health check of the resource, registered with the AppHost's health checks.</summary>
/// <param name="key">Name of the registration.</param>
public class HealthCheckAnnotation(string key) : IResourceAnnotation
{
    /// <summary>Name of the registration.</summary>
    public string Key { get; } = key;
}

/// <summary>How resources hang together; shown on the dashboard.</summary>
/// <param name="resource">The other resource.</param>
/// <param name="type">Reference or WaitFor.</param>
public sealed class ResourceRelationshipAnnotation(IResource resource, string type) : IResourceAnnotation
{
    /// <summary>The other resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>Reference or WaitFor.</summary>
    public string Type { get; } = type;
}
