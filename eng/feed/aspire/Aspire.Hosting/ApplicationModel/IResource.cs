using System.Collections.ObjectModel;

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>A part of the distributed application.</summary>
    public interface IResource
    {
        /// <summary>Unique name: ASCII letters, digits and hyphens.</summary>
        string Name { get; }

        /// <summary>What is known about the resource.</summary>
        ResourceAnnotationCollection Annotations { get; }
    }

    /// <summary>A fact attached to a resource.</summary>
    public interface IResourceAnnotation;

    /// <summary>A resource that listens.</summary>
    public interface IResourceWithEndpoints : IResource;

    /// <summary>A resource that takes environment variables.</summary>
    public interface IResourceWithEnvironment : IResource;

    /// <summary>A resource whose start can wait for others.</summary>
    public interface IResourceWithWaitSupport : IResource;

    /// <summary>The annotations of one resource.</summary>
    public sealed class ResourceAnnotationCollection : Collection<IResourceAnnotation>;

    /// <summary>Base of all resources.</summary>
    /// <param name="name">The resource's name.</param>
    public abstract class Resource(string name) : IResource
    {
        /// <inheritdoc />
        public virtual string Name { get; } = ModelName.Validate("Resource", name);

        /// <inheritdoc />
        public virtual ResourceAnnotationCollection Annotations { get; } = [];
    }
}

namespace Aspire.Hosting
{
    /// <summary>A resource that others find by name through service discovery variables.</summary>
    public interface IResourceWithServiceDiscovery : ApplicationModel.IResourceWithEndpoints;
}
