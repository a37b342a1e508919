using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.EndToEnd.Tests.Judged;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests;

/// <summary>The Prometheus that the AppHost runs: it finds every process of Sluice by itself, and its rules rest on what these show.</summary>
[Collection(nameof(SharedSluice))]
public sealed partial class PrometheusTests(RunningSluice sluice)
{
    // There only with TLS, with a GPU, or once a load has failed; Gateway.Tests and Predictor.Tests read them.
    private static readonly string[] Conditional =
        ["sluice_gateway_certificate_remaining_seconds", "sluice_predictor_gpu_memory_used_bytes", "sluice_predictor_model_load_failures_total"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_process_is_scraped_at_its_own_address()
    {
        Assert.SkipUnless(PrometheusServer.IsInstalled, PrometheusServer.Missing);
        (string Job, string Url)[] targets = [];
        await Eventually.BecomesTrueAsync(
            async () => (targets = await TargetsAsync("up")).Length == 6, TimeSpan.FromSeconds(60), "registry, judge, gateway and three predictors are scraped");

        Assert.Equal(
            ["canaryjudge", "gateway", "predictor", "predictor", "predictor", "registry"], targets.Select(target => target.Job).Order(StringComparer.Ordinal));
        var replicas = await sluice.ReplicasAsync();
        Assert.Equal(
            replicas.Select(replica => $"{replica.Status.MetricsAddress}/metrics").Order(StringComparer.Ordinal),
            targets.Where(target => target.Job == "predictor").Select(target => target.Url).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_series_in_the_rules_is_shown_by_a_running_service()
    {
        Assert.SkipUnless(PrometheusServer.IsInstalled, PrometheusServer.Missing);
        var rules = string.Join('\n', Directory.GetFiles(Repository.PathOf("deploy", "prometheus"), "*.rules.yml").Select(File.ReadAllText));
        var recorded = RecordPattern().Matches(rules).Select(match => match.Groups[1].Value).ToHashSet();
        var named = SeriesPattern().Matches(string.Join('\n', Expressions(rules))).Select(match => match.Value).Where(name => !recorded.Contains(name)).ToHashSet();
        Assert.Contains("sluice_gateway_responses_total", named); // or none was found

        var wanted = named.Except(Conditional).ToArray();
        string[] missing = wanted;
        var model = new JudgedModel(sluice.Gateway, sluice.Registry, "ruled");
        await model.ServeAsync(1, 2);
        await model.StartAsync(2); // the judge shows figures of open rollouts only
        try
        {
            await Eventually.BecomesTrueAsync(
                async () => (missing = [.. wanted.Except(await ShownAsync())]).Length == 0, TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException)
        {
            Assert.Fail($"The rules name what no service shows: {string.Join(", ", missing)}");
        }
        finally
        {
            await model.RollBackAsync();
        }
    }

    [Fact]
    public async Task The_rules_are_evaluated()
    {
        Assert.SkipUnless(PrometheusServer.IsInstalled, PrometheusServer.Missing);
        using var answer = JsonDocument.Parse(await AskAsync("rules"));

        var rules = answer.RootElement.GetProperty("data").GetProperty("groups").EnumerateArray()
            .SelectMany(group => group.GetProperty("rules").EnumerateArray()).ToArray();
        Assert.True(rules.Length > 20, $"{rules.Length} rules");
        Assert.All(rules, rule => Assert.NotEqual("err", rule.GetProperty("health").GetString()));
    }

    private async Task<HashSet<string>> ShownAsync()
    {
        using var http = new HttpClient();
        var names = new HashSet<string> { "up" };
        foreach (var (_, url) in await TargetsAsync("up"))
        {
            names.UnionWith(PrometheusText.Parse(await http.GetStringAsync(url, Token)).Values.SelectMany(family => family.Samples).Select(sample => sample.Name));
        }

        return names;
    }

    private async Task<(string Job, string Url)[]> TargetsAsync(string health)
    {
        using var answer = JsonDocument.Parse(await AskAsync("targets"));
        return
        [
            .. answer.RootElement.GetProperty("data").GetProperty("activeTargets").EnumerateArray()
                .Where(target => target.GetProperty("health").GetString() == health)
                .Select(target => (target.GetProperty("labels").GetProperty("job").GetString()!, target.GetProperty("scrapeUrl").GetString()!)),
        ];
    }

    private async Task<string> AskAsync(string what)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{sluice.Ports[5]}/api/v1/{what}"), Token);
    }

    // What stands between "expr:" and the next key.
    private static IEnumerable<string> Expressions(string rules) => ExpressionPattern().Matches(rules).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"- record: (\S+)")]
    private static partial Regex RecordPattern();

    [GeneratedRegex(@"(?ms)^\s+expr:(.*?)(?=^\s*(?:- |for:|labels:|annotations:|#|\z))")]
    private static partial Regex ExpressionPattern();

    [GeneratedRegex(@"\b(?:[a-z_]+:)?sluice_[a-z_0-9]+(?::[a-z0-9_]+)?\b|\bup\b(?=\{)")]
    private static partial Regex SeriesPattern();
}
