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
        var example = HelmChart.Of(new Dictionary<string, string>
        {
            ["Chart.yaml"] = "{ apiVersion: v2, name: example, version: 0.1.0 }",
            ["templates/kserve.yaml"] = File.ReadAllText(Repository.PathOf("deploy", "examples", "kserve.yaml")),
        });

        // It refers to objects of a release named sluice. Its pods are KServe's to make, so no peer with KServe's label is in sight.
        var problems = ObjectCheck.FindProblems(
            [.. published.Render("default").Documents, .. example.Render(PublishedChart.Release).Documents], new ObjectCheckOptions { Namespace = PublishedChart.Release.Namespace });
        Assert.Empty(problems.Where(problem => !problem.Contains("serving.kserve.io/inferenceservice", StringComparison.Ordinal)));
    }
}
