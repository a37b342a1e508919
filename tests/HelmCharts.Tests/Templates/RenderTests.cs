using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Tests.Templates;

/// <summary>What a rendering gives, and what it says when it cannot; how single templates are evaluated is held to Go's engine (<see cref="GoEngineTests"/>).</summary>
public sealed class RenderTests
{
    [Fact]
    public void Files_documents_and_notes_come_apart()
    {
        var chart = Charts.Of(
            "name: web",
            ("templates/_names.tpl", "{{ define \"name\" }}{{ .Values.name }}{{ end }}"),
            ("templates/b.yaml", "{{ if false }}a: 1{{ end }}\n"),
            ("templates/sub/a.yaml", "# nothing\n---\nkind: Service\nmetadata: { name: {{ include \"name\" . }} }\n---\nkind: Secret\nmetadata: { name: x, size: 5 }\n"),
            ("templates/NOTES.txt", "Try {{ include \"name\" . }}."));

        var rendered = chart.Render(new HelmRelease());

        Assert.Equal(["templates/sub/a.yaml"], rendered.Files.Select(file => file.Path));
        Assert.Equal("Try web.", rendered.Notes);
        Assert.Equal(["Service web (templates/sub/a.yaml:3)", "Secret x (templates/sub/a.yaml:6)"], rendered.Documents.Select(document => document.ToString()));
    }

    [Fact]
    public void A_document_has_the_types_that_Kubernetes_sees()
    {
        var document = RenderedDocument.ReadAll("a: 8080\nb: \"8080\"\nc: 1.5\nd: off\ne: ~\nf: 0x10\ng: 12:30\nh: [x, {k: z}]\n", "x.yaml")[0];

        Assert.Equal([8080L, "8080", 1.5, false, null, 16L, "12:30", "z"], new[] { "a", "b", "c", "d", "e", "f", "g", "h.1.k" }.Select(document.At));
    }

    [Theory]
    [InlineData("a: 1\nb: [\nc: 2\n", "templates/a.yaml:2: not YAML")]
    [InlineData("x: 0\n---\na: 1\nb: 2\na: 3\n", "templates/a.yaml:5: not YAML: Duplicate key")]
    [InlineData("a: 1\n  b: 2\n", "> ")]
    [InlineData("just text\n", "templates/a.yaml:1: an object was expected, not string")]
    public void What_is_no_YAML_is_refused_with_its_lines(string text, string problem)
    {
        var exception = Assert.Throws<ChartException>(() => Charts.Of("", ("templates/a.yaml", text)).Render(new HelmRelease()));

        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\n{{ .Values.x.y }}", "templates/NOTES.txt:2: nil pointer evaluating interface {}.y: .Values.x is missing")]
    [InlineData("\n\n{{ nope 1 }}", "templates/NOTES.txt:3: function \"nope\" is not defined")]
    [InlineData("{{ if\n eq 1 1.0 }}{{ end }}", "templates/NOTES.txt:2: error calling eq: incompatible types for comparison: int and float64")]
    [InlineData("{{ trunc 63 .Values.x }}", "wrong type for an argument of trunc: expected string; got <nil>")]
    [InlineData("\n{{ if .Values }}\n", "templates/NOTES.txt:2: {{if}} has no {{end}}")]
    [InlineData("{{ required \"give x\" .Values.x }}", "error calling required: give x")]
    [InlineData("{{ define \"t\" }}\n{{ fail \"no\" }}{{ end }}{{ include \"t\" . }}", "templates/NOTES.txt:2: in \"t\": error calling fail: no")]
    [InlineData("{{ define \"t\" }}{{ include \"t\" . }}{{ end }}{{ include \"t\" . }}", "includes itself")]
    [InlineData("{{ define \"t\" }}{{ template \"t\" . }}{{ end }}{{ template \"t\" . }}", "call each other more than")]
    [InlineData("{{ define \"t\" }}{{ end }}{{ define \"t\" }}{{ end }}", "template \"t\" is defined twice")]
    [InlineData("{{ .Chart.Nothing }}", "can't evaluate field Nothing in type chart.Metadata")]
    [InlineData("{{ \"x\" | b64dec | \n }}", "templates/NOTES.txt:2: a value is missing")]
    [InlineData("a {{ .Values.x", "unclosed action")]
    public void An_error_names_file_line_and_what_was_expected(string template, string problem) =>
        Assert.Contains(problem, Charts.Refused(template).Message, StringComparison.Ordinal);

    [Fact]
    public void A_large_number_of_values_prints_with_an_exponent_unless_it_is_made_an_int() =>
        Assert.Equal("1e+06 1000000 8080", Charts.Rendered("{{ .Values.size }} {{ .Values.size | int }} {{ .Values.port }}", "size: 1000000\nport: 8080"));

    [Fact]
    public void Lookup_finds_what_is_in_the_cluster()
    {
        const string Template = "{{ $old := lookup \"v1\" \"Secret\" .Release.Namespace \"tokens\" }}{{ if $old }}{{ $old.data.token | b64dec }}{{ else }}{{ randAlphaNum 4 }}{{ end }} {{ len (lookup \"v1\" \"Secret\" \"\" \"\").items }}";
        var upgrade = new HelmRelease
        {
            IsUpgrade = true,
            Revision = 2,
            ClusterObjects = [HelmRelease.ObjectOf("apiVersion: v1\nkind: Secret\nmetadata: { name: tokens, namespace: default }\ndata: { token: a2VwdA== }")],
        };

        Assert.Equal("kept 1", Charts.Rendered(Template, "", upgrade));
        Assert.Equal("zzzz 1", Charts.Rendered(Template, "", upgrade with { Namespace = "other", RandomText = length => new string('z', length) }));
        Assert.Equal("abcd", Charts.Rendered("{{ randAlphaNum 4 }}"));
        Assert.Equal("true 2 false", Charts.Rendered("{{ .Release.IsUpgrade }} {{ .Release.Revision }} {{ .Release.IsInstall }}", "", upgrade));
    }

    [Fact]
    public void The_cluster_has_the_APIs_that_the_release_names()
    {
        const string Template = "{{ range list \"apps/v1\" \"keda.sh/v1alpha1\" }}{{ $.Capabilities.APIVersions.Has . }} {{ end }}{{ .Capabilities.KubeVersion.Minor }}";

        Assert.Equal("true false 33", Charts.Rendered(Template));
        Assert.Equal("true true 29", Charts.Rendered(Template, "", new HelmRelease { ApiVersions = ["keda.sh/v1alpha1"], KubernetesVersion = "v1.29.4" }));
    }

    [Fact]
    public void Every_rendering_begins_anew()
    {
        var chart = Charts.Of("a: {}", ("templates/NOTES.txt", "{{ .Values.a.b }}{{ $_ := set .Values.a \"b\" 1 }}{{ .Values.a.b }}"));

        Assert.Equal(["1", "1"], Enumerable.Range(0, 2).Select(_ => chart.Render(new HelmRelease()).Notes));
    }

    [Fact]
    public void Charts_within_charts_are_refused_rather_than_left_out() =>
        Assert.Contains("charts within charts", Assert.Throws<ChartException>(() => Charts.Of("", ("charts/redis/Chart.yaml", "name: redis"))).Message, StringComparison.Ordinal);

    [Fact]
    public void Values_of_a_layer_are_merged_before_templates_see_them() =>
        Assert.Equal("b x", Charts.Rendered("{{ .Values.a }} {{ .Values.b.m }}", "a: a\nb: {m: x}", null, ValuesLayer.Set("a=b"), ValuesLayer.FromYaml("b: {o: 1}")));
}
