using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Building;

namespace Aspire.Hosting.Dcp;

/// <summary>How processes of resources are started and named.</summary>
internal static class ProjectLaunch
{
    /// <summary>
    /// The program that the project was built as together with the AppHost, in the project's folder, without its launch profile. (<c>dotnet run</c> would
    /// ask MSBuild where it lies, which costs each process about two seconds of processor time.)
    /// </summary>
    /// <exception cref="DistributedApplicationException">The program is not there.</exception>
    public static LaunchAnnotation Create(ProjectResource project, AppHostProject appHost)
    {
        var path = project.GetProjectMetadata().ProjectPath;
        var program = appHost.ProgramOf(path) ?? throw new DistributedApplicationException(
            $"The program of project '{project.Name}' ({path}) is not there: build the AppHost, which builds it, too.");
        return new LaunchAnnotation("Project", Path.GetDirectoryName(path)!, "dotnet", [program]) { Properties = [new("project.path", path)] };
    }

    /// <summary>A new id for each process: DCP objects of an earlier start never meet those of this one.</summary>
    public static InstancesAnnotation CreateInstances(IResource resource) => new(
        [.. Enumerable.Range(0, resource.GetReplicaCount()).Select(_ => $"{resource.Name}-{RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", 8)}")]);
}
