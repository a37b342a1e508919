namespace Sluice.Registry.Sources;

/// <summary>
/// Finds the model in what a storage URI names. Tools differ in whether a path ends with the model's own folder; so what is accepted is a folder with an
/// <c>MLmodel</c> file or an <c>.onnx</c> file, or the <c>.onnx</c> file itself, at the path or one level below it. The same model then has the same digest
/// by either path.
/// </summary>
internal static class SourceLayout
{
    /// <summary>Names that are told in an error.</summary>
    private const int MostTold = 10;

    /// <summary>The folder of the model, with a slash at its end or empty for the path itself; or what was looked for, where, and what was there.</summary>
    public static (string? Folder, string? Problem) Find(IReadOnlyCollection<string> paths)
    {
        if (paths.Any(path => Depth(path) == 0 && IsSign(path)))
        {
            return ("", null);
        }

        var folders = paths.Where(path => Depth(path) == 1 && IsSign(path)).Select(path => path[..(path.IndexOf('/', StringComparison.Ordinal) + 1)]).Distinct().Order(StringComparer.Ordinal).ToList();
        return folders.Count switch
        {
            1 => (folders[0], null),
            0 => (null, "no model is there: looked for an MLmodel file, model.onnx or another .onnx file, at the path and one folder below; found "
                + (paths.Count == 0 ? "nothing" : Tell(paths))),
            _ => (null, $"several folders below it have a model ({Tell(folders)}): name one of them"),
        };
    }

    private static bool IsSign(string path) => path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) || path[(path.LastIndexOf('/') + 1)..] == "MLmodel";

    private static int Depth(string path) => path.Count(letter => letter == '/');

    private static string Tell(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Order(StringComparer.Ordinal).Take(MostTold)) + (names.Count > MostTold ? ", …" : "");
}
