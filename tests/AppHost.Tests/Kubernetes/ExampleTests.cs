using Sluice.HelmCharts;
using Sluice.HelmCharts.Checks;
using Sluice.Testing;

namespace Sluice.AppHost.Tests.Kubernetes;

/// <summary>The examples beside the chart say what their kinds take.</summary>
public sealed class ExampleTests(PublishedChart published)
{
    [Fact]
    public void KServe_s_is_an_InferenceService_that_fits_the_chart()
    {
        var example = RenderedDocument.ReadAll(File.ReadAllText(Repository.PathOf("deploy", "examples", "kserve.yaml")), "kserve.yaml");

        // It refers to objects of a release named sluice.
        Assert.Contains(example, document => document.Kind == "InferenceService");
        Assert.Empty(ObjectCheck.FindProblems(
            [.. published.Render("default").Documents, .. example], new ObjectCheckOptions { Namespace = PublishedChart.Release.Namespace }));
    }
}
