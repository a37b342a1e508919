using Sluice.HelmCharts;
using Sluice.HelmCharts.Values;

namespace Sluice.AppHost.Tests.Kubernetes;

/// <summary>The chart's values: each is documented, used and checked, and no text of anybody's breaks what it stands in.</summary>
public sealed class ValuesTests(PublishedChart published)
{
    public static TheoryData<string, string> Mistakes { get; } = new()
    {
        { "gatway: {}", "gatway" },
        { "gateway: { replica: 3 }", "replica" },
        { "gateway: { replicas: three }", "gateway.replicas" },
        { "gateway: { settings: { Gateway__HeldBytes: 1000000000 } }", "Gateway__HeldBytes" },
        { "gateway: { autoscaling: { mode: utilization } }", "gateway.autoscaling.mode" },
        { "registry: { store: postgres }", "registry.store" },
        { "predictor: { cache: { size: lots } }", "predictor.cache.size" },
        { "commonLabels: { a: 'no label!' }", "commonLabels" },
        { "prometheus: { url: prometheus:9090 }", "prometheus.url" },
    };

    public static TheoryData<string, string> Contradictions { get; } = new()
    {
        { "registry: { blobs: { store: s3 } }", "registry.blobs.bucket is missing" },
        { "predictor: { stable: { autoscaling: { mode: utilization } } }", "prometheus.url is missing" },
        { "gatewayApi: { enabled: true }", "gatewayApi.parentRefs is missing" },
        { "{ ingress: { enabled: true }, gatewayApi: { enabled: true } }", "choose one" },
        { "ingress: { enabled: true, grpcHost: grpc.example.org }", "ingress.tlsSecret is missing" },
    };

    [Fact]
    public void Every_value_is_documented_where_it_stands() => Assert.Empty(ValuesLint.UndocumentedValues(published.Chart));

    [Fact]
    public void Every_value_is_used() =>
        Assert.Empty(ValuesLint.UnusedValues(published.Chart, PublishedChart.Installations.Keys.Select(installation => published.Render(installation))));

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_refused_with_its_path(string values, string path) =>
        Assert.Contains(path, Assert.Throws<ChartException>(() => published.Render("default", values)).Message, StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void Values_that_contradict_each_other_are_refused_with_a_reason(string values, string reason) =>
        Assert.Contains(reason, Assert.Throws<ChartException>(() => published.Render("default", values)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("a \"quoted\" one")]
    [InlineData(@"back\slash \n")]
    [InlineData("two\nlines: and\n- more")]
    [InlineData("{{ .Values.image }} # no comment")]
    [InlineData("yes")]
    [InlineData("0123")]
    [InlineData("1000000000")]
    [InlineData("' : | >")]
    [InlineData("")]
    public void Any_text_comes_through_as_it_is(string text)
    {
        var rendered = published.Chart.Render(PublishedChart.Release, ValuesLayer.SetText("gateway.settings.Gateway__DefaultModel", text));

        Assert.Equal(text, Data(rendered, "sluice-gateway")["Gateway__DefaultModel"]);
    }

    [Theory]
    [InlineData("pods.runAsUser=2000", 2000L)] // a whole number of the command line is of another kind than one of a file
    [InlineData("pods.runAsUser=null", null)]
    public void The_user_may_be_another_or_the_platforms(string assignment, long? user)
    {
        var rendered = published.Chart.Render(PublishedChart.Release, ValuesLayer.Set(assignment));

        Assert.Equal(user, rendered.Object("Deployment", "sluice-gateway").At("spec.template.spec.securityContext.runAsUser"));
    }

    [Fact]
    public void A_setting_of_ones_own_wins_over_the_charts()
    {
        var data = Data(published.Render("default", """predictor: { settings: { Predictor__IntraOpThreads: "3" } }"""), "sluice-predictor");

        Assert.Equal("3", data["Predictor__IntraOpThreads"]);
    }

    private static ValueMap Data(RenderedChart rendered, string name) => (ValueMap)rendered.Object("ConfigMap", name).Content["data"]!;
}
