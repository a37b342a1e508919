namespace Sluice.HelmCharts.Tests.Values;

public sealed class ValuesLintTests
{
    private const string Values = """
        # The image.
        image:
          # Its name.
          name: web
          tag: "#1" # which one
        # Labels of everything.
        labels:
          team: a # comment
          stage: b
        # Never mind.
        unused: {deep: 1}
        bare: "no # comment"
        list: [{x: 1}]
        guarded: {}
        """;

    [Fact]
    public void A_value_that_no_template_reads_is_found()
    {
        var chart = Charts.Of(Values, ("templates/a.yaml", "a: {{ .Values.image.name }}\n{{- if .Values.bare }}\nb: {{ toYaml .Values.labels | nindent 2 }}\n{{- end }}\n{{- with .Values.guarded }}{{ end }}"));

        Assert.Equal(["image.tag", "list", "unused.deep"], ValuesLint.UnusedValues(chart, [chart.Render(new HelmRelease())]));
    }

    [Fact]
    public void A_value_behind_a_branch_is_used_by_the_rendering_that_takes_it()
    {
        var chart = Charts.Of("on_: false\nx: 1\n", ("templates/a.yaml", "a: 1{{ if .Values.on_ }}\nx: {{ .Values.x }}{{ end }}"));
        var (off, on) = (chart.Render(new HelmRelease()), chart.Render(new HelmRelease(), HelmCharts.Values.ValuesLayer.Set("on_=true")));

        Assert.Equal(["x"], ValuesLint.UnusedValues(chart, [off]));
        Assert.Empty(ValuesLint.UnusedValues(chart, [off, on]));
    }

    [Fact]
    public void A_value_without_a_comment_is_found() =>
        Assert.Equal(["9: labels.stage", "12: bare", "13: list", "14: guarded"], ValuesLint.UndocumentedValues(Charts.Of(Values)));
}
