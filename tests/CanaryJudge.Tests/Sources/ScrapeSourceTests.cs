using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Sluice.CanaryJudge.Sources;
using Sluice.CanaryJudge.Sources.Scraping;
using Sluice.CanaryJudge.Windows;
using Sluice.Testing;

namespace Sluice.CanaryJudge.Tests.Sources;

public sealed class ScrapeSourceTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly PageClient _client;
    private readonly ScrapeSource _source;
    private FakeGateway _gateway = null!;

    public ScrapeSourceTests()
    {
        _client = new PageClient(Options.Create(new ScrapeOptions { Timeout = TimeSpan.FromSeconds(2), MaxPageBytes = 100_000 }), _time);
        _source = new ScrapeSource(_client, Options.Create(new JudgeOptions()), _time);
    }

    [Fact]
    public async Task Two_scrapes_make_a_window_and_a_third_another_one()
    {
        await StartAsync();
        _gateway.Shows(new(100), new(10));
        Assert.Empty(Windows(await ReadAsync()));

        _gateway.Shows(new(140, Failed: 1), new(20));
        var window = Assert.Single(Windows(await ReadAsync()));
        Assert.Equal((40, 1, 10), (window.Stable.Ok, window.Stable.Model, window.Canary.Ok));
        Assert.Equal(5, (window.To - window.From).TotalSeconds);

        _gateway.Shows(new(150, Failed: 1), new(21));
        Assert.Equal(2, Windows(await ReadAsync()).Count);
        Assert.Equal(2, Windows(await ReadAsync(since: window.To), window.To).Count); // the third and a fourth; the first is known
    }

    [Fact]
    public async Task Rollouts_that_are_looked_at_together_share_a_page()
    {
        await StartAsync();
        _gateway.Shows(new(100), new(10));

        var query = Query();
        await Task.WhenAll(_source.ReadAsync(query, Token), _source.ReadAsync(query with { Model = "iris" }, Token));
        await _source.ReadAsync(query with { Model = "digits" }, Token);

        Assert.Equal(1, _gateway.Asked);
    }

    [Fact]
    public async Task A_gateway_that_cannot_be_read_is_missing_and_the_others_are_not()
    {
        await StartAsync();
        _gateway.Shows(new(100), new(10));
        var down = Scrapes.Gateway("down") with { MetricsAddress = $"http://127.0.0.1:{FreePort.Take(1)[0]}" };
        var silent = Scrapes.Gateway("silent") with { MetricsAddress = null };

        var reading = await _source.ReadAsync(Query() with { Gateways = [_gateway.Status("g1"), down, silent] }, Token);

        Assert.Equal(["down", "silent"], reading.Missing.Keys.Order());
        Assert.Contains("Management:Port", reading.Missing["silent"], StringComparison.Ordinal);
        Assert.NotEmpty(reading.Series);
        Assert.All(reading.Series, series => Assert.Equal("g1", series.Gateway));
    }

    [Fact]
    public async Task Without_a_gateway_nothing_can_be_said()
    {
        var reading = await _source.ReadAsync(Query() with { Gateways = [] }, Token);

        Assert.Equal("no gateway is registered", reading.Blind);
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "html", "not Prometheus' text format" },
        { "open metrics", "not Prometheus' text format" },
        { "no type", "not Prometheus' text format" },
        { "503", "answered 503" },
        { "redirect", "answered 302" },
        { "cut at its length", "could not be read" },
        { "cut in a line", "cut off" },
        { "malformed", "not of the text format" },
        { "endless", "larger than 100000 bytes" },
        { "hangs before the headers", "did not answer within 2 s" },
        { "hangs within the page", "did not answer within 2 s" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_is_no_whole_page_is_missing_with_the_reason_and_leaves_no_samples(string how, string reason)
    {
        await StartAsync();
        _gateway.Answer = context => AnswerAsync(context, how);

        var reading = await _source.ReadAsync(Query(), Token);

        Assert.Contains(reason, Assert.Single(reading.Missing).Value, StringComparison.Ordinal);
        Assert.Empty(reading.Series);
        Assert.Null(reading.Blind);

        // And it recovers by itself.
        _time.Advance(TimeSpan.FromSeconds(5));
        _gateway.Shows(new(100), new(10));
        Assert.Empty((await _source.ReadAsync(Query(), Token)).Missing);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }
    }

    private static async Task AnswerAsync(HttpContext context, string how)
    {
        var page = FakeGateway.Page(new(100), new(10));
        context.Response.ContentType = how switch
        {
            "html" => "text/html",
            "open metrics" => "application/openmetrics-text; version=1.0.0",
            "no type" => null,
            _ => "text/plain; version=0.0.4; charset=utf-8",
        };
        switch (how)
        {
            case "503":
                context.Response.StatusCode = 503;
                break;
            case "redirect":
                context.Response.Redirect("/elsewhere");
                break;
            case "cut at its length":
                context.Response.ContentLength = page.Length;
                await context.Response.WriteAsync(page[..^200]);
                await context.Response.Body.FlushAsync();
                context.Abort();
                break;
            case "cut in a line":
                await context.Response.WriteAsync(page[..^2]);
                break;
            case "malformed":
                await context.Response.WriteAsync(page.Replace("} 100\n", "} many\n", StringComparison.Ordinal));
                break;
            case "endless":
                for (var i = 0; i < 200 && !context.RequestAborted.IsCancellationRequested; i++)
                {
                    await context.Response.WriteAsync(new string('#', 1023) + "\n");
                }

                break;
            case "hangs before the headers":
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case "hangs within the page":
                await context.Response.WriteAsync(page[..100]);
                await context.Response.Body.FlushAsync();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            default:
                await context.Response.WriteAsync(page);
                break;
        }
    }

    private async Task StartAsync() => _gateway = await FakeGateway.StartAsync();

    private MetricsQuery Query(DateTimeOffset? since = null) => Scrapes.Query(_gateway is null ? [] : [_gateway.Status("g1")]) with { Since = since ?? DateTimeOffset.MinValue };

    private async Task<Reading> ReadAsync(DateTimeOffset? since = null)
    {
        _time.Advance(TimeSpan.FromSeconds(5));
        var reading = await _source.ReadAsync(Query(since), Token);
        Assert.Empty(reading.Missing);
        return reading;
    }

    private IReadOnlyList<Judging.EvidenceWindow> Windows(Reading reading, DateTimeOffset? foldedTo = null) => WindowBuilder.Build(reading, Query(), _ => foldedTo);
}
