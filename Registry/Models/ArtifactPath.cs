using System.Buffers;

namespace Sluice.Registry.Models;

/// <summary>The rules for the paths of an artifact's files. A path that passes is safe to use below a folder on any system.</summary>
internal static class ArtifactPath
{
    /// <summary>Folders and name.</summary>
    private const int MostParts = 10;

    private const int LongestPart = 200;

    private static readonly SearchValues<char> Forbidden = SearchValues.Create("\\:*?\"<>|");

    /// <summary>What is wrong with a path; null when nothing is.</summary>
    public static string? FindProblem(string path)
    {
        if (path.Length == 0)
        {
            return "a file has no name";
        }

        if (path[0] == '/')
        {
            return "the path is absolute, a relative one is expected";
        }

        var parts = path.Split('/');
        return parts.Length > MostParts ? $"the path has more than {MostParts} parts" : parts.Select(FindPartProblem).FirstOrDefault(problem => problem is not null);
    }

    /// <summary>The folder of a file, with a slash at its end; empty for the root.</summary>
    public static string FolderOf(string path) => path[..(path.LastIndexOf('/') + 1)];

    /// <summary>What a path says as seen from a folder (from <see cref="FolderOf"/>): steps up are taken as far as the root; null when they leave it.</summary>
    public static string? Resolve(string folder, string path)
    {
        var parts = new List<string>(folder.Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach (var part in path.Split('/'))
        {
            if (part is "..")
            {
                if (parts.Count == 0)
                {
                    return null;
                }

                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("." or ""))
            {
                parts.Add(part);
            }
        }

        return path.StartsWith('/') ? null : string.Join('/', parts);
    }

    private static string? FindPartProblem(string part) => part switch
    {
        "" => "a part of the path is empty",
        "." or ".." => $"the part '{part}' is a step, not a name",
        { Length: > LongestPart } => $"a part of the path has more than {LongestPart} characters",
        _ when part.Any(char.IsControl) => "the path has a control character",
        _ when part.AsSpan().ContainsAny(Forbidden) => "the path has one of the characters \\ : * ? \" < > |",
        _ when part[0] == ' ' || part[^1] is ' ' or '.' => "a part of the path begins with a space, or ends with a space or a dot",
        _ => null,
    };
}
