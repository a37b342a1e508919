namespace Sluice.Feed;

/// <summary>Where things lie in the repository.</summary>
/// <param name="Root">The repository's root: the folder of <c>nuget.config</c>.</param>
public sealed record Layout(string Root)
{
    /// <summary>The npm program.</summary>
    public string Npm { get; init; } = "npm";

    /// <summary>The folder of the mechanism.</summary>
    public string Feed => Path.Combine(Root, "eng", "feed");

    /// <summary>The list of packages.</summary>
    public string List => Path.Combine(Feed, "packages.json");

    /// <summary>The folder source that <c>nuget.config</c> lists.</summary>
    public string Packages => Path.Combine(Feed, "packages");

    /// <summary>What was downloaded, kept for the next time.</summary>
    public string Downloads => Path.Combine(Feed, "downloads");

    /// <summary>What runs unpack and build, a folder for each.</summary>
    public string Works => Path.Combine(Downloads, "work");

    /// <summary>The folder of this run. A killed run's may still be written to by a program that it started, so no two share one.</summary>
    public string Work { get; } = Path.Combine(Root, "eng", "feed", "downloads", "work", Path.GetRandomFileName());

    /// <summary>The file that a run holds open, so that two never work at once.</summary>
    public string Lock => Path.Combine(Packages, ".lock");

    /// <summary>A made package's file.</summary>
    public string PackageFile(Recipe recipe) => Path.Combine(Packages, $"{recipe.Id}.{recipe.Version}.nupkg");
}
