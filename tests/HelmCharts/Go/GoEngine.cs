using System.Text.Json;
using Sluice.HelmCharts.Values;
using Sluice.HelmCharts.Yaml;
using Sluice.Testing;

namespace Sluice.HelmCharts.Go;

/// <summary>
/// Go's own text/template with Sprig (<c>render.go</c>), from Debian's packages, without a network: what the renderer is held to. Tests of it begin with
/// <c>Assert.SkipUnless(GoEngine.IsInstalled, GoEngine.Missing)</c>.
/// </summary>
public static class GoEngine
{
    /// <summary>Why a test is skipped where it is missing.</summary>
    public const string Missing = "Go, Sprig or its YAML is missing: install Debian's golang-go, golang-github-masterminds-sprig-dev and golang-k8s-sigs-yaml-dev.";

    private const string GoPath = "/usr/share/gocode";

    /// <summary>Whether it is there.</summary>
    public static bool IsInstalled { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "go")))
        && Directory.Exists(Path.Combine(GoPath, "src/github.com/Masterminds/sprig"))
        && Directory.Exists(Path.Combine(GoPath, "src/sigs.k8s.io/yaml"));

    /// <summary>
    /// Renders a chart with each of some values by both engines and tells the files that differ. What a cluster has (<see cref="HelmRelease.ClusterObjects"/>) and random
    /// text of one's own are not compared.
    /// </summary>
    public static async Task<IReadOnlyList<string>> FindDifferencesAsync(HelmChart chart, HelmRelease release, IReadOnlyList<ValuesLayer[]> values)
    {
        var results = await RenderAsync([.. values.Select(layers => CaseOf(chart, release, layers))]);
        return [.. values.Zip(results).SelectMany((pair, i) => Differences($"values {i}", chart.Render(release, pair.First), pair.Second))];
    }

    /// <summary>Renders cases, all in one process.</summary>
    internal static async Task<IReadOnlyList<GoResult>> RenderAsync(IReadOnlyList<GoCase> cases)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.PathOf("cases.json"), JsonSerializer.Serialize(cases));
        var environment = new Dictionary<string, string?>
        {
            ["GO111MODULE"] = "off",
            ["GOPATH"] = GoPath,
            ["GOFLAGS"] = null,
            ["GOPROXY"] = "off",
            ["GOCACHE"] = folder.PathOf("cache"),
        };
        var program = Repository.PathOf("tests", "HelmCharts", "Go", "render.go");
        await using var go = ChildProcess.Start("go", ["run", program, folder.PathOf("cases.json"), folder.PathOf("results.json")], environment);
        return await go.WaitForExitAsync(TimeSpan.FromMinutes(3)) == 0
            ? JsonSerializer.Deserialize<GoResult[]>(await File.ReadAllTextAsync(folder.PathOf("results.json")))!
            : throw new InvalidOperationException(go.Output);
    }

    private static GoCase CaseOf(HelmChart chart, HelmRelease release, ValuesLayer[] layers) =>
        new(chart.TemplateTexts, GoYamlWriter.Write(chart.Merge(layers)), chart.MetadataText)
        {
            Files = chart.OtherTexts,
            Release = GoCase.ReleaseOf(release),
            APIVersions = [.. HelmRelease.KubernetesApiVersions, .. release.ApiVersions],
            KubeVersion = release.KubernetesVersion,
        };

    private static IEnumerable<string> Differences(string name, RenderedChart here, GoResult there)
    {
        if (there.Rendered is null)
        {
            return [$"{name}: Go refuses what is rendered here: {there.Error}"];
        }

        var texts = here.Files.ToDictionary(file => file.Path, file => file.Text);
        texts["templates/NOTES.txt"] = here.Notes;
        return there.Rendered
            .Where(file => !string.IsNullOrWhiteSpace(file.Value) && texts.GetValueOrDefault(file.Key) != file.Value)
            .Select(file => $"{name}: {file.Key} differs\n--- Go\n{file.Value}\n--- here\n{texts.GetValueOrDefault(file.Key)}");
    }
}

/// <summary>What Go renders.</summary>
internal sealed record GoCase(IReadOnlyDictionary<string, string> Templates, string Values, string Chart)
{
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    public object Release { get; init; } = ReleaseOf(new HelmRelease());

    public IReadOnlyList<string> APIVersions { get; init; } = HelmRelease.KubernetesApiVersions;

    public string KubeVersion { get; init; } = new HelmRelease().KubernetesVersion;

    public static object ReleaseOf(HelmRelease release) => new
    {
        release.Name,
        release.Namespace,
        release.Revision,
        IsInstall = !release.IsUpgrade,
        release.IsUpgrade,
        Service = "Helm",
    };
}

/// <summary>What came of it.</summary>
internal sealed record GoResult(IReadOnlyDictionary<string, string>? Rendered, string Error);
