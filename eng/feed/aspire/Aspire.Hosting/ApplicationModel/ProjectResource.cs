namespace Aspire.Hosting
{
    /// <summary>Where a referenced project lies; the SDK generates one for each.</summary>
    public interface IProjectMetadata : ApplicationModel.IResourceAnnotation
    {
        /// <summary>Full path of the project file.</summary>
        string ProjectPath { get; }

        /// <summary>Whether it was built with the AppHost and is not built again at its start.</summary>
        bool SuppressBuild => false;
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>A .NET project that runs as one or more processes.</summary>
    /// <param name="name">The resource's name.</param>
    public class ProjectResource(string name)
        : Resource(name), IResourceWithEnvironment, IResourceWithServiceDiscovery, IResourceWithWaitSupport, IResourceWithProbes,
        IComputeResource;

    /// <summary>Questions to a project.</summary>
    public static class ProjectResourceExtensions
    {
        /// <summary>Where the project lies.</summary>
        public static IProjectMetadata GetProjectMetadata(this ProjectResource projectResource) =>
            projectResource.Annotations.OfType<IProjectMetadata>().Single();
    }
}
