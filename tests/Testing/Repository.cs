namespace Sluice.Testing;

/// <summary>Places in the repository that the tests run from.</summary>
public static class Repository
{
    /// <summary>The folder that holds Solution.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path below the root.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Directory.Packages.props")) && Directory.Exists(Path.Combine(folder.FullName, "AppHost")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"The repository's root is not above {AppContext.BaseDirectory}.");
    }
}
