using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Sluice.CanaryJudge.Sources;
using Sluice.CanaryJudge.Sources.Scraping;
using Sluice.CanaryJudge.Windows;
using Sluice.Contracts;
using Sluice.Judging;
using Sluice.Testing;

namespace Sluice.CanaryJudge.Tests.Sources;

/// <summary>One sequence of pages of a gateway, read by each source at the same times: the windows, and so the evidence, are the same to the last count.</summary>
public sealed partial class SameEvidenceTests
{
    private static readonly string[] Pages = [.. Recorded()];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_scraped_here_and_what_a_scripted_Prometheus_scraped_make_the_same_windows()
    {
        await using var prometheus = await ScriptedPrometheus.StartAsync();
        DateTimeOffset[] times = [.. Pages.Index().Select(page => Scrapes.Start.AddMilliseconds((5003 * page.Index) + 17))];
        foreach (var (at, page) in times.Zip(Pages))
        {
            prometheus.Recording.Scrape(at, "g1", ["instance=g1:8090"], [.. Lines(page)]);
        }

        var query = Query("http://127.0.0.1:1");
        var reading = await prometheus.Source(new Clock { Now = times[^1] }).ReadAsync(query, Token);

        await AssertSameAsync(reading, times);
    }

    [Fact]
    public async Task What_is_scraped_here_and_what_a_real_Prometheus_scraped_make_the_same_windows()
    {
        Assert.SkipUnless(PrometheusServer.IsInstalled, PrometheusServer.Missing);
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Answer = context => gateway.Asked > Pages.Length ? AwayAsync(context) : PageAsync(context, Pages[gateway.Asked - 1]);
        var target = new Uri(gateway.Status("g1").MetricsAddress!).Authority;
        await using var prometheus = await PrometheusServer.StartAsync(TimeSpan.FromMilliseconds(300), ("gateway", [target]));
        var source = ScriptedPrometheus.SourceOf(prometheus.Http.BaseAddress!, TimeProvider.System);
        await Eventually.BecomesTrueAsync(() => gateway.Asked > Pages.Length, TimeSpan.FromSeconds(60));

        Reading reading = null!;
        await Eventually.BecomesTrueAsync(
            async () => (reading = await source.ReadAsync(Query("http://127.0.0.1:1"), Token)) is { Blind: null, Missing.Count: 0 } && TimesOf(reading).Length == Pages.Length, TimeSpan.FromSeconds(60));

        await AssertSameAsync(reading, TimesOf(reading));
    }

    // The embedded source is shown the same pages at the times at which Prometheus scraped them.
    private static async Task AssertSameAsync(Reading reading, DateTimeOffset[] times)
    {
        await using var gateway = await FakeGateway.StartAsync();
        var clock = new Clock();
        using var client = new PageClient(Options.Create(new ScrapeOptions()), clock);
        var source = new ScrapeSource(client, Options.Create(new JudgeOptions { Interval = TimeSpan.FromMilliseconds(1) }), clock);
        var query = Query(gateway.Status("g1").MetricsAddress!);
        Reading scraped = null!;
        foreach (var (at, page) in times.Zip(Pages))
        {
            clock.Now = at;
            gateway.Answer = context => PageAsync(context, page);
            scraped = await source.ReadAsync(query, Token);
            Assert.Empty(scraped.Missing);
        }

        var (one, other) = (WindowBuilder.Build(scraped, query, _ => null), WindowBuilder.Build(reading, query, _ => null));
        Assert.Equal(Pages.Length - 1, one.Count);
        Assert.Equal(one.Select(Text), other.Select(Text));

        // As they are meant: a restart, failures, slow answers, copies and a change of weight are among them.
        Assert.Contains(one, window => window.Canary.Model > 0);
        Assert.Contains(one, window => window.Mirror is { Disagree: > 0 });
        Assert.Contains(one, window => window.Canary.Above(window.Edges.Count - 1) > 0);
        Assert.Equal([2000, 5000], one.Select(window => window.Weight.BasisPoints).Distinct());
        Assert.Equal(14, one[0].Edges.Count);
        Assert.Equal(Evidence(one), Evidence(other));
    }

    private static string Evidence(IReadOnlyList<EvidenceWindow> windows)
    {
        var opening = new Opening { Rule = AnalysisRule.Sequential, Steps = [new(new Weight(2000))], Settings = JudgeSettings.Development };
        var timeline = new Timeline([new(windows[0].From, TimelineEventKind.StepBegan, 0, new Weight(2000), 1)]);
        var judgement = Judge.Replay(opening, timeline, windows.Select(window => new Look { At = window.To, Generation = 1, Windows = [window] }));
        return JsonSerializer.Serialize(judgement, JudgingJson.Default.Judgement);
    }

    private static string Text(EvidenceWindow window) =>
        JsonSerializer.Serialize(new LogEntry(Look: new Look { At = window.To, Generation = 1, Windows = [window] }), JudgingJson.Default.LogEntry);

    private static MetricsQuery Query(string address) =>
        Scrapes.Query(Scrapes.Gateway("g1") with { MetricsAddress = address }) with { Since = DateTimeOffset.MinValue };

    private static DateTimeOffset[] TimesOf(Reading reading) =>
        [.. reading.Series.First(series => series.Name == "sluice_gateway_request_duration_seconds_count").Samples.Select(sample => sample.At)];

    private static Task PageAsync(HttpContext context, string page)
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return context.Response.WriteAsync(page);
    }

    private static Task AwayAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    }

    private static IEnumerable<(string Series, string Value)> Lines(string page) => page.Split('\n')
        .Select(line => Line().Match(line)).Where(match => match.Success && !match.Groups["name"].Value.EndsWith("_info", StringComparison.Ordinal))
        .Select(match => ($"{match.Groups["name"].Value} {match.Groups["labels"].Value.Replace("\"", "", StringComparison.Ordinal).Replace(',', ' ')}", match.Groups["value"].Value));

    [GeneratedRegex(@"^(?<name>\w+)\{(?<labels>.*)\} (?<value>\S+)$")]
    private static partial Regex Line();

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
