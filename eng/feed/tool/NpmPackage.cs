using System.Diagnostics;
using System.Security.Cryptography;

namespace Sluice.Feed;

/// <summary>An npm package pinned by version and digest, fetched by the user's own <c>npm</c> from wherever that is set to fetch from.</summary>
internal sealed class NpmPackage(string name, string version, string integrity, Layout layout)
{
    private const string Algorithm = "sha512-";

    /// <summary>The package's file, from the downloads kept or from npm; its digest is checked every time.</summary>
    /// <exception cref="FeedException">npm is absent or fails, or the file is not the one that was pinned.</exception>
    public async Task<string> FetchAsync(CancellationToken cancellationToken)
    {
        if (!integrity.StartsWith(Algorithm, StringComparison.Ordinal))
        {
            throw new FeedException($"npm package {name}: the integrity in {layout.List} is expected to begin with '{Algorithm}'");
        }

        // npm names the file of @scope/name so.
        var fileName = $"{name.TrimStart('@').Replace('/', '-')}-{version}.tgz";
        var kept = Path.Combine(layout.Downloads, fileName);
        if (File.Exists(kept) && await DigestAsync(kept, cancellationToken) == integrity)
        {
            return kept;
        }

        var folder = Directory.CreateDirectory(Path.Combine(layout.Work, "npm", fileName)).FullName;
        await Command.RunAsync(
            $"fetch the npm package {name} {version}, which stands in for packages that the NuGet sources lack",
            new ProcessStartInfo(layout.Npm, ["pack", $"{name}@{version}", "--pack-destination", folder, "--silent"]) { WorkingDirectory = layout.Root },
            cancellationToken);
        var fetched = Path.Combine(folder, fileName);
        var digest = File.Exists(fetched) ? await DigestAsync(fetched, cancellationToken) : "no file";
        if (digest != integrity)
        {
            throw new FeedException($"npm package {name} {version} is not the one that was pinned: expected {integrity}, npm gave {digest}");
        }

        File.Move(fetched, kept, overwrite: true);
        return kept;
    }

    private static async Task<string> DigestAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        return Algorithm + Convert.ToBase64String(await SHA512.HashDataAsync(file, cancellationToken));
    }
}
