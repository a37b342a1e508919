using System.Text.Json;
using Sluice.Testing;

namespace Sluice.HelmCharts.Tests.Templates;

/// <summary>Go's own text/template with Sprig (<c>go/render.go</c>), from Debian's packages, without a network.</summary>
internal static class RealEngine
{
    /// <summary>Why a test is skipped where it is missing.</summary>
    public const string Missing = "Go, Sprig or its YAML is missing: install Debian's golang-go, golang-github-masterminds-sprig-dev and golang-k8s-sigs-yaml-dev.";

    private const string GoPath = "/usr/share/gocode";

    /// <summary>Whether it is there.</summary>
    public static bool IsInstalled { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "go")))
        && Directory.Exists(Path.Combine(GoPath, "src/github.com/Masterminds/sprig"))
        && Directory.Exists(Path.Combine(GoPath, "src/sigs.k8s.io/yaml"));

    /// <summary>Renders charts, all in one process.</summary>
    public static async Task<IReadOnlyList<RealResult>> RenderAsync(IReadOnlyList<RealCase> cases)
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
        var program = Repository.PathOf("tests", "HelmCharts.Tests", "go", "render.go");
        await using var go = ChildProcess.Start("go", ["run", program, folder.PathOf("cases.json"), folder.PathOf("results.json")], environment);
        Assert.True(await go.WaitForExitAsync(TimeSpan.FromMinutes(3)) == 0, go.Output);
        return JsonSerializer.Deserialize<RealResult[]>(await File.ReadAllTextAsync(folder.PathOf("results.json")))!;
    }
}

/// <summary>What is rendered.</summary>
internal sealed record RealCase(IReadOnlyDictionary<string, string> Templates, string Values, string Chart)
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
internal sealed record RealResult(IReadOnlyDictionary<string, string>? Rendered, string Error);
