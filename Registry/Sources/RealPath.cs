namespace Sluice.Registry.Sources;

/// <summary>Where a path really leads, all links followed.</summary>
internal static class RealPath
{
    private const int MostLinks = 40;

    /// <summary>The path without links; null when something on it is not there, or links go in a circle.</summary>
    /// <param name="path">Absolute.</param>
    public static string? Of(string path)
    {
        var links = 0;
        var left = new Stack<string>(PartsOf(path).Reverse());
        var real = Path.GetPathRoot(path)!;
        while (left.TryPop(out var part))
        {
            var next = Path.Combine(real, part);
            if (LinkOf(next) is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MostLinks)
            {
                return null;
            }

            var absolute = Path.GetFullPath(target, real);
            real = Path.GetPathRoot(absolute)!;
            foreach (var step in PartsOf(absolute).Reverse())
            {
                left.Push(step);
            }
        }

        return Path.Exists(real) ? real : null;
    }

    /// <summary>Whether a path is a folder or lies below it; both without links.</summary>
    public static bool IsWithin(string path, string folder)
    {
        var root = folder.TrimEnd(Path.DirectorySeparatorChar);
        return path == root || path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    private static string? LinkOf(string path) => new FileInfo(path).LinkTarget;

    private static string[] PartsOf(string path) =>
        path[Path.GetPathRoot(path)!.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
}
