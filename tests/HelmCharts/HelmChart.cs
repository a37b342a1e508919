using System.Text;
using Sluice.HelmCharts.Schema;
using Sluice.HelmCharts.Templates;
using Sluice.HelmCharts.Values;
using Sluice.HelmCharts.Yaml;

namespace Sluice.HelmCharts;

/// <summary>A Helm chart of a folder. It is rendered as Helm does it, which has to be exact: where this would do something else, it refuses.</summary>
public sealed class HelmChart
{
    private const string TemplatesFolder = "templates/";
    private const string NotesFile = "templates/NOTES.txt";
    private const string SchemaFile = "values.schema.json";

    private readonly SortedDictionary<string, byte[]> _files;
    private readonly ValueMap _metadata;
    private readonly ValueMap _defaults;
    private readonly ValuesSchema? _schema;

    private HelmChart(SortedDictionary<string, byte[]> files)
    {
        _files = files;
        _metadata = YamlReader.ReadOne(Text("Chart.yaml"), "Chart.yaml") as ValueMap ?? throw new ChartException("Chart.yaml", 0, "the chart's description was expected");
        ValuesText = files.ContainsKey("values.yaml") ? Text("values.yaml") : "";
        _defaults = ValuesLayer.ReadYaml(ValuesText, "values.yaml");
        _schema = files.ContainsKey(SchemaFile) ? ValuesSchema.Parse(Text(SchemaFile), SchemaFile) : null;
        CheckIsSupported();
    }

    /// <summary>The name in Chart.yaml.</summary>
    public string Name => (string)_metadata["name"]!;

    /// <summary>What values.yaml says.</summary>
    public ValueMap DefaultValues => _defaults.Copy();

    /// <summary>values.yaml itself.</summary>
    internal string ValuesText { get; }

    /// <summary>Chart.yaml itself.</summary>
    internal string MetadataText => Text("Chart.yaml");

    /// <summary>The templates by their paths.</summary>
    internal IReadOnlyDictionary<string, string> TemplateTexts => Templates().ToDictionary(path => path, Text);

    /// <summary>What <c>.Files</c> gives.</summary>
    internal IReadOnlyDictionary<string, string> OtherTexts => OtherFiles().ToDictionary(file => file.Key, file => Text(file.Key));

    /// <summary>Reads a chart.</summary>
    /// <param name="folder">The folder with Chart.yaml.</param>
    public static HelmChart Load(string folder)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            files[Path.GetRelativePath(folder, path).Replace('\\', '/')] = File.ReadAllBytes(path);
        }

        return new HelmChart(files);
    }

    /// <summary>A chart of texts by their paths, for tests.</summary>
    public static HelmChart Of(IReadOnlyDictionary<string, string> files)
    {
        var bytes = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (path, text) in files)
        {
            bytes[path] = Encoding.UTF8.GetBytes(text);
        }

        return new HelmChart(bytes);
    }

    /// <summary>Renders every template.</summary>
    /// <param name="release">As what, and where.</param>
    /// <param name="values">What is laid over the chart's values, the later over the earlier.</param>
    /// <exception cref="ChartException">A template, the values, or what was rendered is wrong.</exception>
    public RenderedChart Render(HelmRelease release, params ValuesLayer[] values)
    {
        var merged = Merge(values);
        var shown = merged.Copy();
        var reads = new ReadLog();
        merged.Watch(reads, "");
        var engine = new Engine(release);
        foreach (var path in Templates())
        {
            engine.Add(path, Text(path));
        }

        var files = RenderFiles(engine, release, merged);
        var notes = files.Find(file => file.Path == NotesFile)?.Text ?? "";
        files.RemoveAll(file => file.Path == NotesFile || string.IsNullOrWhiteSpace(file.Text));
        return new RenderedChart(files, [.. files.SelectMany(DocumentSplitter.Split)], notes, shown, reads.Paths);
    }

    /// <summary>The values that a rendering would see, checked against the schema.</summary>
    internal ValueMap Merge(IEnumerable<ValuesLayer> layers)
    {
        var merged = new ValueMap();
        foreach (var layer in layers)
        {
            layer.ApplyTo(merged);
        }

        ValuesMerge.FillWithDefaults(merged, _defaults);
        var problems = _schema?.FindProblems(merged) ?? [];
        return problems.Count == 0 ? merged : throw new ChartException("values", 0, $"they do not fit {SchemaFile}:\n" + string.Join('\n', problems));
    }

    private List<RenderedFile> RenderFiles(Engine engine, HelmRelease release, ValueMap values)
    {
        var files = ChartFiles.Of(OtherFiles().ToDictionary(StringComparer.Ordinal));
        return [.. Templates().Where(path => !Path.GetFileName(path).StartsWith('_')).Select(path =>
            new RenderedFile(path, engine.Render(path, ChartContext.Of(release, _metadata, values, files, $"{Name}/{path}"))))];
    }

    private IEnumerable<KeyValuePair<string, byte[]>> OtherFiles() => _files.Where(file =>
        !file.Key.StartsWith(TemplatesFolder, StringComparison.Ordinal) && file.Key is not ("Chart.yaml" or "values.yaml" or SchemaFile));

    private IEnumerable<string> Templates() => _files.Keys.Where(path => path.StartsWith(TemplatesFolder, StringComparison.Ordinal));

    private string Text(string path) => _files.TryGetValue(path, out var bytes)
        ? new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes)
        : throw new ChartException(path, 0, "there is no such file");

    private void CheckIsSupported()
    {
        if (_files.Keys.FirstOrDefault(path => path.StartsWith("charts/", StringComparison.Ordinal)) is { } part || _metadata["dependencies"] is List<object?> { Count: > 0 })
        {
            throw new ChartException("Chart.yaml", 0, "charts within charts are not supported by this renderer");
        }

        if (_files.TryGetValue(".helmignore", out var ignored) && Encoding.UTF8.GetString(ignored).Split('\n').Any(line => line.TrimStart().StartsWith('!')))
        {
            throw new ChartException(".helmignore", 0, "negated patterns are not supported by this renderer");
        }
    }
}
