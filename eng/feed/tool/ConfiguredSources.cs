using NuGet.Configuration;

namespace Sluice.Feed;

/// <summary>The NuGet sources in force for the repository, other than the folder that the made packages lie in.</summary>
/// <param name="Sources">The sources, each able to say whether it has a package.</param>
/// <param name="PackagesFolder">Where NuGet unpacks packages.</param>
public sealed record ConfiguredSources(IReadOnlyList<PackageOrigin> Sources, string PackagesFolder) : IDisposable
{
    /// <summary>Resolves the configuration as NuGet does: every nuget.config from the root upwards, the user's and the machine's.</summary>
    /// <exception cref="FeedException">A configuration file cannot be read, or it names no source.</exception>
    public static ConfiguredSources Load(Layout layout)
    {
        try
        {
            var settings = Settings.LoadDefaultSettings(layout.Root);
            var sources = PackageSourceProvider.LoadPackageSources(settings)
                .Where(source => source.IsEnabled && !IsOurs(source, layout))
                .Select(PackageOrigin.Create);
            PackageOrigin[] others = [.. sources];
            return others.Length > 0
                ? new ConfiguredSources(others, SettingsUtility.GetGlobalPackagesFolder(settings))
                : throw new FeedException("no NuGet source is configured that could be asked for packages; 'dotnet nuget list source' shows those in force");
        }
        catch (NuGetConfigurationException exception)
        {
            throw new FeedException(exception.Message, exception);
        }
    }

    /// <summary>Says of each package whether any source has it; all are asked at once.</summary>
    /// <exception cref="FeedException">A source gave no answer.</exception>
    public async Task<IReadOnlySet<Recipe>> FindAsync(IEnumerable<Recipe> recipes, CancellationToken cancellationToken)
    {
        var asked = recipes.Select(async recipe =>
        {
            var answers = await Task.WhenAll(Sources.Select(source => source.HasAsync(recipe.Id, recipe.Version, cancellationToken)));
            return (recipe, found: answers.Contains(true));
        });
        return (await Task.WhenAll(asked)).Where(answer => answer.found).Select(answer => answer.recipe).ToHashSet();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var source in Sources)
        {
            source.Dispose();
        }
    }

    private static bool IsOurs(PackageSource source, Layout layout) =>
        source.IsLocal && string.Equals(Path.TrimEndingDirectorySeparator(Path.GetFullPath(source.Source)), layout.Packages, StringComparison.Ordinal);
}
