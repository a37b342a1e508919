namespace Aspire.Hosting.ApplicationModel;

/// <summary>A program of the machine that runs as one process.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="command">A path, or the name of a program on the PATH.</param>
/// <param name="workingDirectory">The folder that it runs in.</param>
public class ExecutableResource(string name, string command, string workingDirectory)
    : Resource(name), IResourceWithEnvironment, IResourceWithEndpoints, IResourceWithWaitSupport
{
    /// <summary>A path, or the name of a program on the PATH.</summary>
    public string Command { get; } = command;

    /// <summary>The folder that it runs in.</summary>
    public string WorkingDirectory { get; } = workingDirectory;
}
