using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Tests.Values;

public sealed class ValuesTests
{
    private const string Chart = """
        image:
          name: web
          tag: "1.0"
          pull:
            policy: Always
        hosts: [a, b]
        limit: 5
        """;

    [Fact]
    public void Layers_go_over_the_charts_values_maps_deep_and_lists_as_a_whole()
    {
        var values = Merged(ValuesLayer.FromYaml("image: {tag: '2.0'}\nhosts: [c]"), ValuesLayer.FromYaml("image: {pull: {policy: Never}}"));

        Assert.Equal("map[hosts:[c] image:map[name:web pull:map[policy:Never] tag:2.0] limit:5]", values);
    }

    [Fact]
    public void Null_takes_a_key_of_the_chart_away() =>
        Assert.Equal("map[hosts:[a b] image:map[name:web tag:1.0]]", Merged(ValuesLayer.FromYaml("limit: null"), ValuesLayer.Set("image.pull=null")));

    [Theory]
    [InlineData("image.tag=3", "3 int64")]
    [InlineData("image.tag=true", "true bool")]
    [InlineData("image.tag=03", "03 string")]
    [InlineData("image.tag=a=b", "a=b string")]
    [InlineData("image.tag=", " string")]
    public void Set_gives_types(string assignment, string expected) =>
        Assert.Equal(expected, Charts.Rendered("{{ .Values.image.tag }} {{ kindOf .Values.image.tag }}", Chart, null, ValuesLayer.Set(assignment)));

    [Fact]
    public void Set_reaches_into_lists_and_keys_with_dots()
    {
        var values = Merged(ValuesLayer.Set(@"image.a\.b/c=x"), ValuesLayer.Set("hosts[2].name=y"), ValuesLayer.SetText("limit", "7"));

        Assert.Equal("map[hosts:[<nil> <nil> map[name:y]] image:map[a.b/c:x name:web pull:map[policy:Always] tag:1.0] limit:7]", values);
    }

    [Fact]
    public void A_key_twice_is_refused_with_its_line() =>
        Assert.Contains("values.yaml:3: not YAML: Duplicate key", Assert.Throws<ChartException>(() => Charts.Of("a: 1\nb: 2\na: 3\n")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_key_that_YAML_takes_for_a_truth_value_is_refused() =>
        Assert.Contains("a key that is text was expected", Assert.Throws<ChartException>(() => Charts.Of("on: 1\n")).Message, StringComparison.Ordinal);

    private static string Merged(params ValuesLayer[] layers) => Charts.Rendered("{{ .Values }}", Chart, null, layers);
}
