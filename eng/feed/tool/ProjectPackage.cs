using System.Diagnostics;

namespace Sluice.Feed;

/// <summary>A package that <c>dotnet pack</c> makes from a project of ours, with sources from elsewhere where the recipe names files.</summary>
internal static class ProjectPackage
{
    /// <summary>Builds and packs; answers the path of the package.</summary>
    public static async Task<string> PackAsync(
        Recipe recipe, IEnumerable<(string Source, string Target)> sources, Layout layout, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(layout.Work, "pack", recipe.Id);
        var sourceFolder = Path.Combine(folder, "sources") + Path.DirectorySeparatorChar;
        foreach (var (source, target) in sources)
        {
            var copy = Path.Combine(sourceFolder, target);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(source, copy);
        }

        // One folder of build output for all projects, so that what two of them share is built once. What is compiled tells nothing of this machine: images have it in them.
        var start = new ProcessStartInfo("dotnet",
        [
            "pack", Path.Combine(layout.Feed, recipe.Project!), "--configuration", "Release", "--output", folder, "-nodeReuse:false", "--verbosity", "quiet",
            $"-p:Version={recipe.Version}", $"-p:FeedSources={sourceFolder}", $"-p:ArtifactsPath={Path.Combine(layout.Work, "artifacts")}",
            $"-p:PathMap={layout.Work}=/_/feed%2c{layout.Root}=/_", // %2c: a comma would begin another property
        ])
        { WorkingDirectory = layout.Root };
        await Command.RunAsync($"make the package {recipe.Id} {recipe.Version}", start, cancellationToken);
        var package = Path.Combine(folder, $"{recipe.Id}.{recipe.Version}.nupkg");
        return File.Exists(package) ? package : throw new FeedException($"{recipe.Project} makes no package {recipe.Id} {recipe.Version}");
    }
}
