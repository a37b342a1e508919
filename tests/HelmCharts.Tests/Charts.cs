using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Tests;

/// <summary>Small charts for tests.</summary>
internal static class Charts
{
    public static HelmChart Of(string values, params (string Path, string Text)[] files)
    {
        var all = files.ToDictionary(file => file.Path, file => file.Text);
        all.TryAdd("Chart.yaml", "name: small\nversion: 1.0.0\n");
        all.TryAdd("values.yaml", values);
        return HelmChart.Of(all);
    }

    /// <summary>What a template renders, as notes, since it need not be YAML.</summary>
    public static string Rendered(string template, string values = "", HelmRelease? release = null, params ValuesLayer[] layers) =>
        Of(values, ("templates/NOTES.txt", template)).Render(release ?? new HelmRelease(), layers).Notes;

    public static ChartException Refused(string template, string values = "") => Assert.Throws<ChartException>(() => Rendered(template, values));
}
