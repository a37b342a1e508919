using System.Reflection;

namespace Aspire.Hosting.Building;

/// <summary>What the SDK wrote into the AppHost's assembly about its project.</summary>
internal sealed record AppHostProject(Assembly? Assembly)
{
    /// <summary>Folder of the AppHost's project, if it still exists.</summary>
    public string? Directory => Metadata("apphostprojectpath") is { } path && System.IO.Directory.Exists(path) ? path : null;

    /// <summary>Name of the AppHost's project; titles the dashboard.</summary>
    public string? Name => Path.GetFileNameWithoutExtension(Metadata("apphostprojectname"));

    /// <summary>Debug or Release: what the AppHost was built as, its projects were built as, too.</summary>
    public string? Configuration => Assembly?.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration;

    /// <summary>The program that a referenced project was built as; null when it is not there.</summary>
    public string? ProgramOf(string projectPath) => Metadata("projectoutput:" + projectPath) is { } path && File.Exists(path) ? path : null;

    public string? Metadata(string key) => Assembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(a => string.Equals(a.Key, key, StringComparison.OrdinalIgnoreCase))?.Value;
}
