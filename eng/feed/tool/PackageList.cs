using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Feed;

/// <summary>What <c>packages.json</c> says: the packages that may have to be made, and the places they are made from.</summary>
/// <param name="Origins">The places, by the name that recipes call them.</param>
/// <param name="Packages">The packages, in the order in which they are made.</param>
public sealed record PackageList(IReadOnlyDictionary<string, Origin> Origins, IReadOnlyList<Recipe> Packages)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
    };

    /// <summary>Reads the list and checks that what it says fits together.</summary>
    /// <exception cref="FeedException">The file is not such a list; the message names the place.</exception>
    public static PackageList Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var list = JsonSerializer.Deserialize<PackageList>(file, Json) ?? throw new JsonException("the file is empty");
            list.Check();
            return list;
        }
        catch (JsonException exception)
        {
            throw new FeedException($"{path}: {exception.Message}", exception);
        }
    }

    /// <summary>The list for a machine where CUDA is wanted, or one where it is not: the files that are for the other are not in it.</summary>
    public PackageList For(bool cuda) => this with
    {
        Packages = [.. Packages.Select(recipe => recipe with { Files = [.. recipe.Files.Where(file => (file.Cuda ?? cuda) == cuda)] })],
    };

    /// <summary>A text that changes whenever the recipe or a place it takes from changes.</summary>
    public string Describe(Recipe recipe) => JsonSerializer.Serialize(
        new { recipe, origins = recipe.OriginNames.Select(name => (name, origin: Origins[name])).Select(pair => new { pair.name, pair.origin }) }, Json);

    private void Check()
    {
        foreach (var (name, origin) in Origins)
        {
            if (origin.Kinds != 1)
            {
                throw new JsonException($"origin '{name}': exactly one of npm, setup, program, sdk is expected");
            }

            if (origin.Npm is not null && (origin.Version is null || origin.Integrity is null))
            {
                throw new JsonException($"origin '{name}': an npm package is pinned by version and integrity");
            }

            if (origin.Program is not null && origin.Path is null)
            {
                throw new JsonException($"origin '{name}': the path of the program is expected");
            }

            if (origin.Base is { } other && !Origins.ContainsKey(other))
            {
                throw new JsonException($"origin '{name}': there is no origin '{other}'");
            }
        }

        foreach (var recipe in Packages)
        {
            if (recipe.OriginNames.FirstOrDefault(name => !Origins.ContainsKey(name)) is { } unknown)
            {
                throw new JsonException($"package {recipe.Id}: there is no origin '{unknown}'");
            }

            if (recipe.Files.Count == 0 && recipe.Project is null && recipe.Dependencies.Count == 0)
            {
                throw new JsonException($"package {recipe.Id}: it has no files, no project and no dependencies");
            }
        }
    }
}

/// <summary>A place files come from. Exactly one of the kinds is set.</summary>
/// <param name="Npm">The npm package whose content it is.</param>
/// <param name="Version">The version of the npm package.</param>
/// <param name="Integrity">The npm package's digest as npm writes it, <c>sha512-…</c>.</param>
/// <param name="Setup">The origin that holds an <c>aspire</c> CLI: the content is what its setup unpacks.</param>
/// <param name="Program">The origin that holds a single-file .NET program: the content is the files inside that program.</param>
/// <param name="Path">The program's path in its origin.</param>
/// <param name="Sdk">The content is the running .NET SDK's own folder.</param>
/// <param name="Platform">The runtime identifier of the machines that it is of use on; without one, any.</param>
public sealed record Origin(
    string? Npm = null,
    string? Version = null,
    string? Integrity = null,
    string? Setup = null,
    string? Program = null,
    string? Path = null,
    bool Sdk = false,
    string? Platform = null)
{
    /// <summary>The origin that this one is unpacked from, if any.</summary>
    [JsonIgnore]
    public string? Base => Setup ?? Program;

    /// <summary>How many kinds are set.</summary>
    [JsonIgnore]
    public int Kinds => (Npm is null ? 0 : 1) + (Setup is null ? 0 : 1) + (Program is null ? 0 : 1) + (Sdk ? 1 : 0);
}

/// <summary>How one package is made.</summary>
/// <param name="Id">The package's id, as published.</param>
/// <param name="Version">The package's version, as published.</param>
/// <param name="Description">What it is and what it is made from; said in the package and on the console.</param>
/// <param name="License">The licence of content that others wrote, an SPDX expression.</param>
public sealed record Recipe(string Id, string Version, string Description, string? License = null)
{
    /// <summary>The files of the package.</summary>
    public IReadOnlyList<RecipeFile> Files { get; init; } = [];

    /// <summary>A project of this folder that <c>dotnet pack</c> makes the package from; <see cref="Files"/> then are its sources.</summary>
    public string? Project { get; init; }

    /// <summary>
    /// A name that packages share which work only with one another: where the sources have some of them and lack others, that is an error.
    /// </summary>
    public string? Together { get; init; }

    /// <summary>The target framework of the dependencies.</summary>
    public string TargetFramework { get; init; } = "net10.0";

    /// <summary>The packages it depends on, with the lowest version.</summary>
    public IReadOnlyDictionary<string, string> Dependencies { get; init; } = new Dictionary<string, string>();

    /// <summary>The shared frameworks it depends on.</summary>
    public IReadOnlyList<string> FrameworkReferences { get; init; } = [];

    /// <summary>The package type, where it is not an ordinary dependency (<c>MSBuildSdk</c>).</summary>
    public string? PackageType { get; init; }

    /// <summary>The origins that the files name.</summary>
    [JsonIgnore]
    public IEnumerable<string> OriginNames => Files.Select(file => file.From).Where(from => from is not null).Distinct()!;
}

/// <summary>One file, or one folder when <paramref name="Path"/> ends in a slash.</summary>
/// <param name="Path">Where it lies in the origin.</param>
/// <param name="To">Where it lies in the package; ending in a slash, a folder that takes it under its own name.</param>
/// <param name="From">The origin; without one, this folder (<c>eng/feed</c>) itself.</param>
/// <param name="Cuda">True: only where CUDA is wanted; false: only where it is not; without it, always.</param>
public sealed record RecipeFile(string Path, string To, string? From = null, bool? Cuda = null);
