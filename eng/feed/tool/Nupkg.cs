using System.IO.Compression;
using System.Xml.Linq;

namespace Sluice.Feed;

/// <summary>Writes a package, and says of one what it was made from.</summary>
internal static class Nupkg
{
    /// <summary>The file in every made package by which it, and its unpacked copy, is told from the real one.</summary>
    public const string Mark = "made-by-feed.txt";

    private static readonly XNamespace Nuspec = "http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd";

    /// <summary>Writes the package of a recipe.</summary>
    public static void Write(string path, Recipe recipe, string fingerprint, IEnumerable<(string Source, string Target)> files)
    {
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        using (var nuspec = zip.CreateEntry($"{recipe.Id}.nuspec").Open())
        {
            Describe(recipe).Save(nuspec);
        }

        foreach (var (source, target) in files)
        {
            // The time is now, not the file's: a build compares times, and has to see that a package was made anew.
            var entry = zip.CreateEntry(target, CompressionLevel.Fastest);
            using var content = File.OpenRead(source);
            using var output = entry.Open();
            content.CopyTo(output);
        }

        WriteMark(zip, recipe, fingerprint);
    }

    /// <summary>Adds the mark to a package that another program wrote.</summary>
    public static void AddMark(string path, Recipe recipe, string fingerprint)
    {
        using var zip = ZipFile.Open(path, ZipArchiveMode.Update);
        WriteMark(zip, recipe, fingerprint);
    }

    /// <summary>The fingerprint in a package's mark; null where there is no package, no mark, or no whole file.</summary>
    public static string? ReadFingerprint(string path)
    {
        try
        {
            using var zip = ZipFile.OpenRead(path);
            using var text = zip.GetEntry(Mark) is { } mark ? new StreamReader(mark.Open()) : null;
            return text?.ReadLine();
        }
        catch (Exception exception) when (exception is FileNotFoundException or InvalidDataException)
        {
            return null;
        }
    }

    private static void WriteMark(ZipArchive zip, Recipe recipe, string fingerprint)
    {
        using var text = new StreamWriter(zip.CreateEntry(Mark).Open());
        text.WriteLine(fingerprint);
        text.WriteLine("This package was made on this machine because its NuGet sources lack the published one. It is not for distribution.");
        text.WriteLine(recipe.Description);
    }

    private static XDocument Describe(Recipe recipe) => new(new XElement(Nuspec + "package", new XElement(Nuspec + "metadata",
        new XElement(Nuspec + "id", recipe.Id),
        new XElement(Nuspec + "version", recipe.Version),
        new XElement(Nuspec + "authors", "the authors of what it is made from"),
        recipe.License is null ? null : new XElement(Nuspec + "license", new XAttribute("type", "expression"), recipe.License),
        new XElement(Nuspec + "description", recipe.Description),
        recipe.PackageType is null ? null : new XElement(Nuspec + "packageTypes", new XElement(Nuspec + "packageType", new XAttribute("name", recipe.PackageType))),
        new XElement(Nuspec + "dependencies", Group(recipe, recipe.Dependencies.Select(dependency => new XElement(Nuspec + "dependency",
            new XAttribute("id", dependency.Key), new XAttribute("version", dependency.Value))))),
        recipe.FrameworkReferences.Count == 0 ? null : new XElement(Nuspec + "frameworkReferences", Group(recipe, recipe.FrameworkReferences.Select(
            name => new XElement(Nuspec + "frameworkReference", new XAttribute("name", name))))))));

    private static XElement Group(Recipe recipe, IEnumerable<XElement> members) =>
        new(Nuspec + "group", new XAttribute("targetFramework", recipe.TargetFramework), members);
}
