using System.Security.Cryptography;
using System.Text;

namespace Sluice.Feed;

/// <summary>A digest of everything that a package is made from, so that a change of any of it makes the package anew.</summary>
internal sealed class Fingerprints(PackageList list, Layout layout)
{
    private static readonly string[] BuildOutput = ["bin", "obj"];

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
        var paths = recipe.Files.Where(file => file.From is null).Select(file => file.Path).Concat(recipe.ProjectUses);
        if (recipe.Project is not null)
        {
            paths = paths.Append(Path.GetDirectoryName(recipe.Project)! + "/");
        }

        return paths.Distinct().SelectMany(path => path.EndsWith('/') ? FilesOf(Path.Combine(layout.Feed, path)) : [Path.Combine(layout.Feed, path)])
            .Where(File.Exists);
    }

    private static IEnumerable<string> FilesOf(string folder) => !Directory.Exists(folder)
        ? []
        : Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar).Any(BuildOutput.Contains));
}
