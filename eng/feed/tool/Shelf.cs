namespace Sluice.Feed;

/// <summary>The made packages and the copies of them that NuGet has unpacked.</summary>
internal sealed class Shelf(Layout layout, string packagesFolder, Fingerprints fingerprints)
{
    private readonly Dictionary<Recipe, string> _fingerprints = [];

    /// <summary>Whether the package lies there, made from exactly what it would be made from now.</summary>
    public bool IsMade(Recipe recipe) => Nupkg.ReadFingerprint(layout.PackageFile(recipe)) == Fingerprint(recipe);

    /// <summary>Whether a build needs nothing of a source: the package is made, or the published one is unpacked.</summary>
    public bool IsAtHand(Recipe recipe) => IsMade(recipe)
        || (File.Exists(Path.Combine(Copy(recipe), ".nupkg.metadata")) && !File.Exists(Path.Combine(Copy(recipe), Nupkg.Mark)));

    /// <summary>Makes the package. It gets its name only when it is whole.</summary>
    public async Task AddAsync(Recipe recipe, IEnumerable<(string Source, string Target)> files, CancellationToken cancellationToken)
    {
        string unfinished;
        if (recipe.Project is null)
        {
            unfinished = Path.Combine(layout.Work, $"{recipe.Id}.nupkg");
            Nupkg.Write(unfinished, recipe, Fingerprint(recipe), files);
        }
        else
        {
            unfinished = await ProjectPackage.PackAsync(recipe, files, layout, cancellationToken);
            Nupkg.AddMark(unfinished, recipe, Fingerprint(recipe));
        }

        File.Move(unfinished, layout.PackageFile(recipe), overwrite: true);
        RemoveStaleCopy(recipe);
    }

    /// <summary>Takes a made package and its unpacked copy away; says whether there was one.</summary>
    public bool Remove(Recipe recipe)
    {
        var existed = File.Exists(layout.PackageFile(recipe)) | RemoveCopy(recipe, unlessMadeFrom: null);
        File.Delete(layout.PackageFile(recipe));
        return existed;
    }

    /// <summary>Takes the unpacked copy away where it is one of an earlier making.</summary>
    public void RemoveStaleCopy(Recipe recipe) => RemoveCopy(recipe, unlessMadeFrom: Fingerprint(recipe));

    /// <summary>Takes away packages that are on the list no more, or in another version.</summary>
    public void RemoveUnlisted(IEnumerable<Recipe> recipes)
    {
        foreach (var file in Directory.EnumerateFiles(layout.Packages, "*.nupkg").Except(recipes.Select(layout.PackageFile)))
        {
            File.Delete(file);
        }
    }

    private bool RemoveCopy(Recipe recipe, string? unlessMadeFrom)
    {
        var copy = Copy(recipe);
        var mark = Path.Combine(copy, Nupkg.Mark);
        if (!File.Exists(mark) || File.ReadLines(mark).FirstOrDefault() == unlessMadeFrom)
        {
            return false;
        }

        // NuGet takes a folder with this file for a whole package, so it goes first.
        File.Delete(Path.Combine(copy, ".nupkg.metadata"));
        Directory.Delete(copy, recursive: true);
        return true;
    }

    private string Copy(Recipe recipe) => Path.Combine(packagesFolder, recipe.Id.ToLowerInvariant(), recipe.Version.ToLowerInvariant());

    private string Fingerprint(Recipe recipe) =>
        _fingerprints.TryGetValue(recipe, out var known) ? known : _fingerprints[recipe] = fingerprints.Of(recipe);
}
