using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Building;

namespace Aspire.Hosting.Dcp;

/// <summary>How processes of resources are started and named.</summary>
internal static class ProjectLaunch
{
    /// <summary>
    /// The project's program, if it was built with the AppHost, else <c>dotnet run</c> on the project; in its folder, without its launch profile.
    /// <c>dotnet run</c> asks MSBuild where the program lies, which costs each process about two seconds of processor time.
    /// </summary>
    public static LaunchAnnotation Create(ProjectResource project, AppHostProject appHost)
    {
        var metadata = project.GetProjectMetadata();
        var program = metadata.SuppressBuild ? appHost.ProgramOf(metadata.ProjectPath) : null;
        return new LaunchAnnotation(
            "Project", Path.GetDirectoryName(metadata.ProjectPath)!, "dotnet", program is not null ? [program] : RunProject(metadata, appHost))
        {
            Properties = [new("project.path", metadata.ProjectPath)],
        };
    }

    /// <summary>A new id for each process: DCP objects of an earlier start never meet those of this one.</summary>
    public static InstancesAnnotation CreateInstances(IResource resource) => new(
        [.. Enumerable.Range(0, resource.GetReplicaCount()).Select(_ => $"{resource.Name}-{RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", 8)}")]);

    private static List<string> RunProject(IProjectMetadata metadata, AppHostProject appHost)
    {
        var arguments = new List<string> { "run", "--project", metadata.ProjectPath };
        if (metadata.SuppressBuild)
        {
            arguments.Add("--no-build");
        }

        if (appHost.Configuration is { } configuration)
        {
            arguments.AddRange("--configuration", configuration);
        }

        arguments.Add("--no-launch-profile");
        return arguments;
    }
}
