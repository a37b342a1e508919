using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Testing;

namespace Sluice.AppHost.Tests.Kubernetes;

/// <summary>The dashboard for Grafana: of the form that Grafana reads, of series that there are, with the alerts' limits.</summary>
public sealed partial class DashboardTests
{
    /// <summary>Series that others show: .NET, Prometheus itself, kube-state-metrics, NVIDIA's DCGM exporter.</summary>
    private static readonly string[] Foreign =
    [
        "ALERTS",
        "DCGM_FI_DEV_GPU_UTIL",
        "dotnet_process_memory_working_set_bytes",
        "kube_pod_container_status_last_terminated_reason",
        "kube_pod_container_status_restarts_total",
        "target_info",
        "up",
    ];

    private static readonly Dashboard Page = Dashboard.Read();

    [Fact]
    public void It_is_no_installations_own()
    {
        Assert.Equal("sluice", Dashboard.Text(Page.Root, "uid"));
        Assert.True(Page.Root.GetProperty("schemaVersion").GetInt32() >= 39);
        Assert.False(Page.Root.TryGetProperty("id", out _));
        Assert.NotEmpty(Page.Root.GetProperty("tags").EnumerateArray());
        Assert.All(Sources(Page.Root), source => Assert.Equal("${datasource}", source));
        Assert.True(Sources(Page.Root).Count() > Page.Charts.Count());
    }

    [Fact]
    public void It_has_the_rows_that_an_operator_looks_for()
    {
        var rows = Page.Panels.Where(panel => Dashboard.Text(panel, "type") == "row").Select(panel => Dashboard.Text(panel, "title"));

        Assert.Equal(["Now", "Registry", "Serving", "Rollouts", "Quality", "GPUs and pods"], rows);
    }

    [Fact]
    public void Panels_have_ids_of_their_own_and_do_not_overlap()
    {
        var taken = new HashSet<(int X, int Y)>();

        Assert.Equal(Page.Panels.Count, Page.Panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.All(Page.Panels, panel =>
        {
            var place = panel.GetProperty("gridPos");
            var (x, y, width, height) = (Number(place, "x"), Number(place, "y"), Number(place, "w"), Number(place, "h"));
            Assert.True(x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 24, place.ToString());
            var cells = from column in Enumerable.Range(x, width) from line in Enumerable.Range(y, height) select (column, line);
            Assert.All(cells, cell => Assert.True(taken.Add(cell), $"{Dashboard.Text(panel, "title")} lies over another panel at {cell}."));
        });
    }

    [Fact]
    public void Panels_say_what_they_show_and_in_which_unit()
    {
        Assert.Equal(Page.Charts.Count(), Page.Charts.Select(panel => Dashboard.Text(panel, "title")).Distinct().Count());
        Assert.All(Page.Charts, panel =>
        {
            Assert.NotEmpty(Dashboard.Text(panel, "description"));
            Assert.NotEmpty(Dashboard.Text(Defaults(panel), "unit"));
            var references = panel.GetProperty("targets").EnumerateArray().Select(target => Dashboard.Text(target, "refId")).ToList();
            Assert.NotEmpty(references);
            Assert.Equal(references.Distinct(), references);
        });
        Assert.All(Page.Expressions, expression => Assert.NotEmpty(expression.Expression));
    }

    [Fact]
    public void Every_variable_that_is_used_is_there_and_the_other_way_round()
    {
        var defined = Page.Variables.Select(variable => Dashboard.Text(variable, "name")).Order();

        Assert.Equal(defined, Dashboard.VariablesIn(Page.Root.GetRawText()).Distinct().Order());
    }

    [Fact]
    public void A_label_that_not_every_scrape_gives_may_be_absent()
    {
        // All is .*, which a label matches, too, that is not there: /scrape-targets gives no namespace.
        Assert.All(Page.Variables.Where(variable => Dashboard.Text(variable, "type") == "query"), variable =>
        {
            Assert.Equal(".*", Dashboard.Text(variable, "allValue"));
            Assert.Equal("$__all", Dashboard.Text(variable.GetProperty("current"), "value"));
        });
        Assert.All(Page.Expressions, expression => Assert.DoesNotMatch(ExactMatcher(), expression.Expression));
    }

    [Fact]
    public void Every_series_is_documented_recorded_or_of_a_known_exporter()
    {
        Assert.True(SeriesNames.Documented.Count > 40);
        Assert.True(SeriesNames.Recorded.Count > 5);
        Assert.All(Page.Expressions.Concat(Page.Choices), expression =>
        {
            var names = SeriesNames.In(expression.Expression).ToList();
            Assert.NotEmpty(names);
            Assert.All(names, name => Assert.True(SeriesNames.IsKnown(name) || Foreign.Contains(name), $"{expression.Place}: there is no series {name}."));
        });
    }

    [Fact]
    public void Panels_of_foreign_exporters_say_which_they_need()
    {
        Assert.All(
            Page.Charts.Where(panel => panel.GetRawText() is var text && (text.Contains("kube_", StringComparison.Ordinal) || text.Contains("DCGM_", StringComparison.Ordinal))),
            panel => Assert.Matches(panel.GetRawText().Contains("DCGM_", StringComparison.Ordinal) ? "DCGM exporter" : "kube-state-metrics", Dashboard.Text(panel, "title")));
    }

    [Theory]
    [InlineData("Failures", "SluiceErrorRateHigh", "> 0.01", 0.01)]
    [InlineData("Failures of answers", "SluiceErrorRateHigh", "> 0.01", 0.01)]
    [InlineData("p99", "SluiceLatencyHigh", "> 0.5", 0.5)]
    [InlineData("p99 by model", "SluiceLatencyHigh", "> 0.5", 0.5)]
    [InlineData("p99 by version", "SluiceLatencyHigh", "> 0.5", 0.5)]
    [InlineData("Busiest pool", "SluicePoolSaturated", "> 0.9", 0.9)]
    [InlineData("Utilisation by pool", "SluicePoolSaturated", "> 0.9", 0.9)]
    [InlineData("Wait for promotion", "SluicePromotionWaits", "> 86400", 86400)]
    [InlineData("Time of commits, p99", "SluiceStoreSlow", "> 0.25", 0.25)]
    [InlineData("Silence of the Registry", "SluiceRegistryUnheard", "> 60", 60)]
    [InlineData("Age of the judge's data", "SluiceJudgeBlind", "> 60", 60)]
    [InlineData("Versions against stable", "SluiceQualityWorse", "- 0.02", -0.02)]
    [InlineData("Killed for want of memory, in a day (kube-state-metrics)", "SluiceContainerOutOfMemory", "[1d]) > 0", 0)]
    [InlineData("Life of certificates", "SluiceCertificateEnds", "< 14 * 86400", 14 * 86400)]
    public void A_limit_is_the_alerts(string title, string alert, string condition, double limit)
    {
        var panel = Page.Charts.Single(panel => Dashboard.Text(panel, "title") == title);
        var steps = Defaults(panel).GetProperty("thresholds").GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("value"));

        Assert.Contains(condition, Alert(alert), StringComparison.Ordinal);
        Assert.Contains(limit, steps.Where(value => value.ValueKind == JsonValueKind.Number).Select(value => value.GetDouble()));
        Assert.Contains(alert, Dashboard.Text(panel, "description"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Promtool_reads_every_expression()
    {
        Assert.SkipUnless(PrometheusServer.HasTool, PrometheusServer.Missing);
        using var folder = new TemporaryFolder();
        var rules = Page.Expressions.Concat(Page.Choices).Select((expression, number) => string.Create(
            CultureInfo.InvariantCulture, $"      - record: dashboard:{number}\n        expr: {JsonSerializer.Serialize(Dashboard.WithSamples(expression.Expression))}\n"));
        await File.WriteAllTextAsync(folder.PathOf("dashboard.rules.yml"), $"groups:\n  - name: dashboard\n    rules:\n{string.Concat(rules)}", TestContext.Current.CancellationToken);

        await using var tool = ChildProcess.Start("promtool", ["check", "rules", folder.PathOf("dashboard.rules.yml")]);
        var exitCode = await tool.WaitForExitAsync(TimeSpan.FromSeconds(60));

        Assert.True(exitCode == 0, tool.Output);
        Assert.Contains($"{Page.Expressions.Count() + Page.Choices.Count()} rules found", tool.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sum by (model) (rate(a_total{b=\"c d{\"}[5m])) / on (x) group_left (y) max(e_f)", "a_total e_f")]
    [InlineData("1e3 * a:b:c and on (pod) d == 1", "a:b:c d")]
    [InlineData("count(u{m=~\"$n\"}) or vector(0)", "u")]
    public void Series_are_found_in_an_expression(string expression, string names) =>
        Assert.Equal(names.Split(' '), SeriesNames.In(expression));

    private static JsonElement Defaults(JsonElement panel) => panel.GetProperty("fieldConfig").GetProperty("defaults");

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    /// <summary>An alert's text, from its name to the next one's.</summary>
    private static string Alert(string name) =>
        Directory.GetFiles(Repository.PathOf("deploy", "prometheus"), "*.rules.yml", SearchOption.AllDirectories)
            .SelectMany(file => File.ReadAllText(file).Split("- alert: "))
            .Single(text => text.StartsWith(name + "\n", StringComparison.Ordinal));

    /// <summary>The uids of all data sources that the document names.</summary>
    private static IEnumerable<string> Sources(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member =>
            member.Name == "datasource" ? [Dashboard.Text(member.Value, "uid")] : Sources(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Sources),
        _ => [],
    };

    [GeneratedRegex(@"=\s*""\$")]
    private static partial Regex ExactMatcher();
}
