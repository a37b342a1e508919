using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Sluice.Feed;

/// <summary>Opens the places that packages are made from, each once and only as far as it is wanted.</summary>
internal sealed class Workshop(PackageList list, IReadOnlyCollection<Recipe> toMake, Layout layout)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _opened = [];

    /// <summary>The running SDK's own folder, as it was when this tool was built.</summary>
    public static string SdkFolder { get; } = typeof(Workshop).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == nameof(SdkFolder)).Value!;

    /// <summary>Opens at once whatever will be taken from, so that one is fetched while another is compiled.</summary>
    public Task OpenAllAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(toMake.SelectMany(recipe => recipe.OriginNames).Distinct()
            .Select(name => Task.Run(() => OpenAsync(name, cancellationToken), cancellationToken)));

    /// <summary>The files that one line of a recipe means, each with the path that it gets.</summary>
    /// <exception cref="FeedException">The place cannot be opened or does not hold the file.</exception>
    public async Task<IReadOnlyList<(string Source, string Target)>> TakeAsync(RecipeFile wanted, CancellationToken cancellationToken)
    {
        var folder = wanted.From is null ? layout.Feed : await OpenAsync(wanted.From, cancellationToken);
        var source = Path.Combine(folder, wanted.Path);
        if (!wanted.Path.EndsWith('/'))
        {
            return File.Exists(source)
                ? [(source, wanted.To.EndsWith('/') || wanted.To.Length == 0 ? wanted.To + Path.GetFileName(source) : wanted.To)]
                : throw new FeedException($"{wanted.From ?? "this folder"} holds no file {wanted.Path}");
        }

        if (!Directory.Exists(source))
        {
            throw new FeedException($"{wanted.From ?? "this folder"} holds no folder {wanted.Path}");
        }

        return [.. Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories)
            .Select(file => (file, wanted.To + Path.GetRelativePath(source, file).Replace('\\', '/')))];
    }

    private Task<string> OpenAsync(string name, CancellationToken cancellationToken) =>
        _opened.GetOrAdd(name, _ => new Lazy<Task<string>>(() => OpenAsync(name, list.Origins[name], cancellationToken))).Value;

    private Task<string> OpenAsync(string name, Origin origin, CancellationToken cancellationToken) => origin switch
    {
        { Platform: { } platform } when platform != RuntimeInformation.RuntimeIdentifier => throw new FeedException(
            $"what the sources lack can be taken from '{name}' on {platform} only, and this machine is {RuntimeInformation.RuntimeIdentifier}"),
        { Npm: not null } => UnpackNpmAsync(name, origin, cancellationToken),
        { Setup: not null } => SetUpAsync(name, origin.Setup, cancellationToken),
        { Program: not null } => UnpackProgramAsync(name, origin, cancellationToken),
        _ => Task.FromResult(SdkFolder),
    };

    private async Task<string> UnpackNpmAsync(string name, Origin origin, CancellationToken cancellationToken)
    {
        var file = await new NpmPackage(origin.Npm!, origin.Version!, origin.Integrity!, layout).FetchAsync(cancellationToken);
        var folder = Folder(name);
        await Tarball.ExtractAsync(file, PathsWanted(name), folder, cancellationToken);
        return folder;
    }

    /// <summary>The CLI puts what it unpacks beside itself, under <c>bundle/</c>, when it lies as npm lays it out; its home is ours too.</summary>
    private async Task<string> SetUpAsync(string name, string cli, CancellationToken cancellationToken)
    {
        var folder = await OpenAsync(cli, cancellationToken);
        var start = new ProcessStartInfo(Path.Combine(folder, "bin", "aspire"), ["setup"]) { WorkingDirectory = folder };
        start.Environment["HOME"] = Folder(name + "-home");
        start.Environment["ASPIRE_CLI_TELEMETRY_OPTOUT"] = "true";
        await Command.RunAsync("unpack the orchestrator and the dashboard that the aspire CLI carries", start, cancellationToken);
        return Path.Combine(folder, "bundle");
    }

    private async Task<string> UnpackProgramAsync(string name, Origin origin, CancellationToken cancellationToken)
    {
        using var program = SingleFileProgram.Open(Path.Combine(await OpenAsync(origin.Program!, cancellationToken), origin.Path!));
        var folder = Folder(name);
        foreach (var path in PathsWanted(name))
        {
            var target = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            program.Extract(path, target);
        }

        return folder;
    }

    /// <summary>What the recipes want of a place; of one that another is unpacked from, everything.</summary>
    private HashSet<string> PathsWanted(string name) => list.Origins.Values.Any(origin => origin.Base == name)
        ? [""]
        : [.. toMake.SelectMany(recipe => recipe.Files).Where(file => file.From == name).Select(file => file.Path)];

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(layout.Work, name)).FullName;
}
