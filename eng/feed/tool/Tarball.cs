using System.Formats.Tar;
using System.IO.Compression;

namespace Sluice.Feed;

/// <summary>An npm package's file: a gzipped tar whose entries lie in one folder, whatever that is called.</summary>
internal static class Tarball
{
    /// <summary>Unpacks the files that are wanted, without that first folder.</summary>
    /// <param name="path">The file.</param>
    /// <param name="wanted">Paths of files, or of folders ending in a slash; an empty text wants everything.</param>
    /// <param name="into">The folder they are written to.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    public static async Task ExtractAsync(string path, IReadOnlyCollection<string> wanted, string into, CancellationToken cancellationToken)
    {
        var root = Path.GetFullPath(into) + Path.DirectorySeparatorChar;
        await using var file = File.OpenRead(path);
        await using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        await using var tar = new TarReader(unzipped);
        while (await tar.GetNextEntryAsync(cancellationToken: cancellationToken) is { } entry)
        {
            var name = entry.Name[(entry.Name.IndexOf('/', StringComparison.Ordinal) + 1)..];
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || !wanted.Any(want => Covers(want, name)))
            {
                continue;
            }

            var target = Path.GetFullPath(Path.Combine(root, name));
            if (!target.StartsWith(root, StringComparison.Ordinal))
            {
                throw new FeedException($"{path}: the entry '{entry.Name}' leads out of the folder that it is unpacked to");
            }

            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await entry.ExtractToFileAsync(target, overwrite: true, cancellationToken);
        }
    }

    private static bool Covers(string want, string name) =>
        want.Length == 0 || (want.EndsWith('/') ? name.StartsWith(want, StringComparison.Ordinal) : name == want);
}
