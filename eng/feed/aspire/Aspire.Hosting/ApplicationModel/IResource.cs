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

    /// <summary>A resource that takes command line arguments.</summary>
    public interface IResourceWithArgs : IResource;

    /// <summary>A resource of which a platform can ask whether it lives and is ready.</summary>
    public interface IResourceWithProbes : IResource;

    /// <summary>A resource that a deployment runs: a project or a container.</summary>
    public interface IComputeResource : IResource;

    /// <summary>A resource that belongs to another.</summary>
    public interface IResourceWithParent : IResource
    {
        /// <summary>The other.</summary>
        IResource Parent { get; }
    }

    /// <summary>A resource that belongs to another.</summary>
    /// <typeparam name="T">The other's type.</typeparam>
    public interface IResourceWithParent<out T> : IResourceWithParent
        where T : IResource
    {
        /// <summary>The other.</summary>
        new T Parent { get; }

        /// <inheritdoc />
        IResource IResourceWithParent.Parent => Parent;
    }

    /// <summary>A resource that clients reach by a connection string.</summary>
    public interface IResourceWithConnectionString : IResource, IExpressionValue
    {
        /// <summary>The connection string.</summary>
        ReferenceExpression ConnectionStringExpression { get; }

        /// <inheritdoc />
        string IManifestExpressionProvider.ValueExpression => $"{{{Name}.connectionString}}";

        /// <inheritdoc />
        ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => ConnectionStringExpression.GetValueAsync(cancellationToken);
    }

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
