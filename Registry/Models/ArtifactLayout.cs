using System.Text.RegularExpressions;

namespace Sluice.Registry.Models;

/// <summary>
/// Finds the ONNX graph among an artifact's files: what an <c>MLmodel</c> file names, else <c>model.onnx</c>, else a single <c>.onnx</c> file; at the
/// root, else one level below it, since exporters differ in whether they add a folder.
/// </summary>
internal static partial class ArtifactLayout
{
    /// <summary>The MLmodel file to ask first; null when there is none where one is looked for.</summary>
    public static string? FindMlModel(IReadOnlyCollection<string> paths) =>
        paths.Where(path => Depth(path) <= 1 && NameOf(path) == "MLmodel").OrderBy(Depth).ThenBy(path => path, StringComparer.Ordinal).FirstOrDefault();

    /// <summary>The file of golden vectors: beside the graph, else at the root, else one folder below; null when there is none.</summary>
    public static string? FindGolden(string graph, IEnumerable<string> paths) => paths
        .Where(path => NameOf(path) == GoldenVectors.FileName && (Depth(path) <= 1 || IsBeside(path, graph)))
        .OrderBy(path => (IsBeside(path, graph) ? 0 : 1, Depth(path)))
        .ThenBy(path => path, StringComparer.Ordinal)
        .FirstOrDefault();

    /// <summary>What an MLmodel file names as the data of its ONNX flavour; null when it names none that was uploaded.</summary>
    /// <param name="mlModel">Its path.</param>
    /// <param name="text">Its content (YAML).</param>
    /// <param name="paths">What was uploaded.</param>
    public static string? FindNamed(string mlModel, string text, IReadOnlyCollection<string> paths) => NamedData().Matches(text)
        .Select(match => ArtifactPath.Resolve(ArtifactPath.FolderOf(mlModel), match.Groups["path"].Value))
        .FirstOrDefault(path => path is not null && IsOnnx(path) && paths.Contains(path));

    /// <summary>Finds the graph by its name and place.</summary>
    /// <returns>Its path, or what was looked for, where, and what was there.</returns>
    public static (string? Path, string? Problem) FindGraph(IReadOnlyCollection<string> paths)
    {
        for (var depth = 0; depth <= 1; depth++)
        {
            var graphs = paths.Where(path => Depth(path) == depth && IsOnnx(path)).Order(StringComparer.Ordinal).ToList();
            var named = graphs.FindAll(path => NameOf(path) == "model.onnx");
            var candidates = named.Count > 0 ? named : graphs;
            if (candidates.Count == 1)
            {
                return (candidates[0], null);
            }

            if (candidates.Count > 1)
            {
                return (null, $"The artifact has several graphs ({string.Join(", ", candidates.Take(5))}); one is expected, or an MLmodel file that names it.");
            }
        }

        return (null, "The artifact has no ONNX graph: looked for what an MLmodel file names, for model.onnx and for a single .onnx file, at the root and one"
            + $" folder below; found {string.Join(", ", paths.Order(StringComparer.Ordinal).Take(10))}{(paths.Count > 10 ? ", …" : "")}.");
    }

    private static bool IsBeside(string path, string graph) => ArtifactPath.FolderOf(path) == ArtifactPath.FolderOf(graph);

    private static bool IsOnnx(string path) => path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);

    private static int Depth(string path) => path.Count(letter => letter == '/');

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    // One line of the file is all that is wanted of it: "data: model.onnx", plain or quoted.
    [GeneratedRegex("""^[ \t]*data:[ \t]*["']?(?<path>[^"'\r\n#]+?)["']?[ \t]*\r?$""", RegexOptions.Multiline | RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex NamedData();
}
