using NuGet.Configuration;

namespace Sluice.Feed;

/// <summary>One NuGet source, asked only whether it has a package.</summary>
public abstract class PackageOrigin : IDisposable
{
    /// <summary>Says whether the source has exactly this version.</summary>
    /// <exception cref="FeedException">The source gave no answer, which is not the same as having no such package.</exception>
    public abstract Task<bool> HasAsync(string id, string version, CancellationToken cancellationToken);

    /// <inheritdoc />
    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>Picks the protocol by what the source is: a folder, a service index (v3), or an OData feed (v2).</summary>
    public static PackageOrigin Create(PackageSource source) => source switch
    {
        { IsLocal: true } => new FolderOrigin(source.Source),
        { ProtocolVersion: 3 } => new ServiceIndexOrigin(new Web(source)),
        _ when source.SourceUri.AbsolutePath.EndsWith(".json", StringComparison.OrdinalIgnoreCase) => new ServiceIndexOrigin(new Web(source)),
        _ => new ODataOrigin(new Web(source)),
    };
}

/// <summary>A folder of packages, flat or one folder for each id and version.</summary>
internal sealed class FolderOrigin(string folder) : PackageOrigin
{
    private static readonly EnumerationOptions IgnoreCase = new() { MatchCasing = MatchCasing.CaseInsensitive };

    public override Task<bool> HasAsync(string id, string version, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
        {
            throw new FeedException($"the package source {folder} cannot be read: there is no such folder");
        }

        var name = $"{id}.{version}.nupkg";
        var versioned = Path.Combine(folder, id.ToLowerInvariant(), version.ToLowerInvariant());
        return Task.FromResult(Directory.EnumerateFiles(folder, name, IgnoreCase).Any()
            || (Directory.Exists(versioned) && Directory.EnumerateFiles(versioned, name, IgnoreCase).Any()));
    }
}

/// <summary>An older source that speaks OData.</summary>
internal sealed class ODataOrigin(Web web) : PackageOrigin
{
    public override async Task<bool> HasAsync(string id, string version, CancellationToken cancellationToken) =>
        await web.GetAsync(new Uri($"{web.Address.AbsoluteUri.TrimEnd('/')}/Packages(Id='{id}',Version='{version}')"), cancellationToken) is not null;

    public override void Dispose()
    {
        web.Dispose();
        base.Dispose();
    }
}
