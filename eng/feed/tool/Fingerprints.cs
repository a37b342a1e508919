using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace Sluice.Feed;

/// <summary>A digest of everything that a package is made from, so that a change of any of it makes the package anew.</summary>
internal sealed class Fingerprints(PackageList list, Layout layout)
{
    private static readonly string[] BuildOutput = ["bin", "obj"];
    private static readonly string[] BuildSettings = ["Directory.Build.props", "Directory.Build.targets"];

    /// <summary>Digests the recipe, its pinned origins, our own files that it uses, this tool and the SDK.</summary>
    public string Of(Recipe recipe)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData(Encoding.UTF8.GetBytes(list.Describe(recipe)));
        digest.AppendData(typeof(Fingerprints).Module.ModuleVersionId.ToByteArray());
        digest.AppendData(Encoding.UTF8.GetBytes(recipe.OriginNames.Any(name => list.Origins[name].Sdk) ? Workshop.SdkFolder : ""));
        foreach (var file in OwnFiles(recipe).Order(StringComparer.Ordinal))
        {
            digest.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(layout.Root, file)));
            digest.AppendData(File.ReadAllBytes(file));
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    private IEnumerable<string> OwnFiles(Recipe recipe)
    {
        var paths = recipe.Files.Where(file => file.From is null).Select(file => Path.Combine(layout.Feed, file.Path));
        if (recipe.Project is not null)
        {
            paths = paths.Concat(ProjectsOf(Path.GetFullPath(Path.Combine(layout.Feed, recipe.Project)))
                .SelectMany(project => BuildSettingsAbove(Path.GetDirectoryName(project)!).Append(Path.GetDirectoryName(project) + "/")));
        }

        return paths.SelectMany(path => path.EndsWith('/') ? FilesOf(path) : [path]).Where(File.Exists).Distinct();
    }

    /// <summary>A project and those that it references: what it is compiled against is part of what it is made from.</summary>
    private static IEnumerable<string> ProjectsOf(string project) => !File.Exists(project)
        ? [project]
        : XDocument.Load(project).Descendants("ProjectReference")
            .Select(reference => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(project)!, reference.Attribute("Include")!.Value.Replace('\\', '/'))))
            .SelectMany(ProjectsOf).Prepend(project);

    /// <summary>MSBuild's settings for a project: those of each folder above, which import one another, and the nearest list of package versions.</summary>
    private IEnumerable<string> BuildSettingsAbove(string folder)
    {
        List<string> above = [folder];
        while (above[^1].Length > layout.Root.Length)
        {
            above.Add(Path.GetDirectoryName(above[^1])!);
        }

        var versions = above.Select(path => Path.Combine(path, "Directory.Packages.props")).FirstOrDefault(File.Exists);
        return above.SelectMany(path => BuildSettings.Select(name => Path.Combine(path, name))).Concat(versions is null ? [] : [versions]);
    }

    private static IEnumerable<string> FilesOf(string folder) => !Directory.Exists(folder)
        ? []
        : Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar).Any(BuildOutput.Contains));
}
