namespace Sluice.HelmCharts.Values;

/// <summary>Which of a chart's values were read while it was rendered, as paths like <c>gateway.image.tag</c>.</summary>
internal sealed class ReadLog
{
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);

    public IReadOnlySet<string> Paths => _paths;

    public void Note(string path, string key) => _paths.Add(PathOf(path, key));

    public static string PathOf(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
