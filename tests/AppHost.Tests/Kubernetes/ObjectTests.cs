using Sluice.HelmCharts.Checks;
using Sluice.HelmCharts.Go;
using Sluice.HelmCharts.Values;

namespace Sluice.AppHost.Tests.Kubernetes;

/// <summary>Every object, in every way of installing the chart: its fields, what it refers to, what it is allowed; and the renderer itself, against Go's engine.</summary>
public sealed class ObjectTests(PublishedChart published)
{
    // What whoever installs it in that way has in the cluster already.
    private static readonly HashSet<string> External =
    [
        "Secret/my-tokens", "Secret/prometheus-token", "Secret/gateway-tls", "Secret/gateway-extra", "Secret/predictor-extra", "Secret/s3", "Secret/edge-tls",
        "Secret/my-redis", "PersistentVolumeClaim/mine", "Gateway/edge", "Secret/pull",
    ];

    public static TheoryData<string> Installations { get; } = [.. PublishedChart.Installations.Keys];

    [Theory]
    [MemberData(nameof(Installations))]
    public void They_are_what_an_API_server_takes_and_fit_each_other(string installation)
    {
        var rendered = published.Render(installation);
        var secrets = rendered.Documents.Where(document => document.Kind == "Secret")
            .SelectMany(document => (ValueMap)document.Content["data"]!).Select(entry => System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)entry.Value!)));

        Assert.Empty(ObjectCheck.FindProblems(rendered.Documents, new ObjectCheckOptions
        {
            Namespace = PublishedChart.Release.Namespace,
            External = External,
            SecretValues = [.. secrets],
        }));
    }

    [Fact]
    public async Task Gos_own_engine_renders_the_same_bytes()
    {
        Assert.SkipUnless(GoEngine.IsInstalled, GoEngine.Missing);
        var layers = PublishedChart.Installations.Select(installation => new[] { ValuesLayer.FromYaml(installation.Value, installation.Key) });

        Assert.Empty(await GoEngine.FindDifferencesAsync(published.Chart, PublishedChart.Release, [.. layers]));
    }
}
