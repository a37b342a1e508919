using System.Globalization;
using System.Text.Json;
using Sluice.CanaryJudge.Sources.Prometheus;
using Sluice.CanaryJudge.Tests.Sources;
using Sluice.Contracts;
using Sluice.Judging;
using Sluice.Testing;

namespace Sluice.CanaryJudge.Tests.Rounds;

/// <summary>
/// The whole judge by what Prometheus has: gateways whose pages a scripted Prometheus scrapes just before every look, a Registry, both over HTTP, and a clock that
/// the test moves.
/// </summary>
internal sealed class Trial : IAsyncDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly ScriptedPrometheus _prometheus;
    private readonly HostedRegistry _hosted;
    private readonly PrometheusClient _client;
    private readonly HandmadeJudge _judge;
    private readonly Dictionary<string, (Totals Stable, Totals Canary)> _totals = [];
    private readonly Queue<(DateTimeOffset Due, Action Scrape)> _late = new();
    private int _looks;

    private Trial(ManualTime time, FakeRegistry registry, ScriptedPrometheus prometheus, HostedRegistry hosted)
    {
        (Time, Registry, _prometheus, _hosted) = (time, registry, prometheus, hosted);
        _client = ScriptedPrometheus.ClientOf(prometheus.Url, TimeProvider.System); // its delays are real, a tenth of a second
        _judge = new HandmadeJudge(hosted.Client, new PrometheusSource(_client, time), time);
    }

    public ManualTime Time { get; }

    public FakeRegistry Registry { get; }

    public ScriptedPrometheus Prometheus => _prometheus;

    public IReadOnlyList<string> Gateways { get; set; } = ["g1"];

    /// <summary>Gateways that Prometheus does not scrape.</summary>
    public HashSet<string> NotScraped { get; } = [];

    /// <summary>What becomes of a value of a page, by its series as in <c>sluice_gateway_requests_total model=wine …</c>; null: it is not on the page.</summary>
    public Func<string, string, string?> Page { get; set; } = (_, value) => value;

    /// <summary>More series of every page.</summary>
    public IReadOnlyList<(string Series, string Value)> Besides { get; set; } = [];

    /// <summary>Every so many looks there is a scrape.</summary>
    public int LooksPerScrape { get; set; } = 1;

    /// <summary>How late a scrape can be queried.</summary>
    public TimeSpan Lag { get; set; }

    /// <summary>What gateways say that they route; null for what the rollout says.</summary>
    public int? ReportedWeight { get; set; }

    public IEnumerable<string> Logged => _judge.Logged;

    public IReadOnlyList<LogEntry> Log => [.. Registry.Evidence.Select(entry => entry.Deserialize(JudgingJson.Default.LogEntry)!)];

    public IReadOnlyList<Look> Looks => [.. Log.Select(entry => entry.Look).OfType<Look>()];

    public IReadOnlyList<Verdict> Verdicts => [.. Registry.Verdicts.Select(verdict => verdict.Verdict.Verdict)];

    public Rollout Rollout => Registry.Rollout;

    /// <summary>What the log amounts to now.</summary>
    public Judgement Now => Judge.Replay(Log[0].Opening!, Timeline.Of(Registry.Events), Looks);

    /// <summary>The judgement that came with the last verdict.</summary>
    public Judgement LastVerdict => Registry.Verdicts[^1].Verdict.Figures!.Value.Deserialize(JudgingJson.Default.Judgement)!;

    public static async Task<Trial> StartAsync(Func<RolloutPlan, RolloutPlan>? plan = null)
    {
        var time = new ManualTime();
        time.Advance(TimeSpan.FromHours(3));
        var registry = new FakeRegistry(time);
        if (plan is not null)
        {
            registry.Happens("start", rollout => rollout with { Plan = plan(rollout.Plan) });
        }

        return new Trial(time, registry, await ScriptedPrometheus.StartAsync(), await HostedRegistry.StartAsync(registry));
    }

    /// <summary>Time passes, requests come to every gateway, Prometheus scrapes them, and the judge looks.</summary>
    public async Task LookAsync(Totals? stable = null, Totals? canary = null)
    {
        Pass(stable, canary);
        await _judge.LookAsync(Registry.State([.. Gateways.Select(gateway => Scrapes.Gateway(gateway, ReportedWeight ?? Rollout.Weight.BasisPoints))]));
    }

    /// <summary>The same without a look.</summary>
    public void Pass(Totals? stable = null, Totals? canary = null)
    {
        Time.Advance(Interval);
        foreach (var gateway in Gateways)
        {
            var former = _totals.TryGetValue(gateway, out var known) ? known : (new Totals(0), new Totals(0));
            var now = _totals[gateway] = (former.Item1 + (stable ?? new Totals(0)), former.Item2 + (canary ?? new Totals(0)));
            if (!NotScraped.Contains(gateway) && _looks % LooksPerScrape == 0)
            {
                var (at, values) = (Time.GetUtcNow(), PageOf(now.Item1, now.Item2));
                _late.Enqueue((at + Lag, () => _prometheus.Recording.Scrape(at, gateway, [$"instance={gateway}:8090"], values)));
            }
        }

        _looks++;
        while (_late.TryPeek(out var next) && next.Due <= Time.GetUtcNow())
        {
            _late.Dequeue().Scrape();
        }
    }

    /// <summary>Looks until something is so; fails when it never is.</summary>
    public async Task LookUntilAsync(Func<bool> holds, Totals? stable, Totals? canary, int most = 60)
    {
        for (var looks = 0; !holds(); looks++)
        {
            Assert.True(looks < most, $"after {looks} looks the rollout is {Rollout}; {string.Join(" | ", Logged.TakeLast(5))}");
            await LookAsync(stable, canary);
        }
    }

    /// <summary>200 requests a look, divided as the weight says, until something is so; fails when it never is.</summary>
    /// <param name="holds">What.</param>
    /// <param name="canary">What becomes of the canary's share; null: it is answered.</param>
    /// <param name="stable">The same of stable's.</param>
    /// <param name="most">So many looks at most.</param>
    public async Task GoOnAsync(Func<bool> holds, Func<long, Totals>? canary = null, Func<long, Totals>? stable = null, int most = 60)
    {
        for (var looks = 0; !holds(); looks++)
        {
            Assert.True(looks < most, $"after {looks} looks the rollout is {Rollout}; {string.Join(" | ", Logged.TakeLast(5))}");
            var share = 200L * Rollout.Weight.BasisPoints / Weight.Whole;
            await LookAsync((stable ?? Answered)(200 - share), (canary ?? Answered)(share));
        }

        static Totals Answered(long requests) => new(requests);
    }

    /// <summary>The same for some looks.</summary>
    public Task GoOnAsync(int looks, Func<long, Totals>? canary = null, Func<long, Totals>? stable = null)
    {
        var end = _looks + looks;
        return GoOnAsync(() => _looks >= end, canary, stable, looks + 1);
    }

    /// <summary>Preparing, pre-flight and warm-up: the first step whose traffic is evidence has just begun.</summary>
    public async Task BeginAsync(Func<long, Totals>? canary = null, Func<long, Totals>? stable = null)
    {
        await GoOnAsync(() => Rollout.IsCleared, canary, stable, 5);
        Registry.Begins(0);
        await GoOnAsync(2, canary, stable);
        Registry.Begins(1);
    }

    public async Task LookTimesAsync(int looks, Totals? stable = null, Totals? canary = null)
    {
        for (; looks > 0; looks--)
        {
            await LookAsync(stable, canary);
        }
    }

    /// <summary>The gateways were started again: they count from 0.</summary>
    public void RestartGateways() => _totals.Clear();

    /// <summary>Another process takes over.</summary>
    public void RestartJudge()
    {
        Registry.Holder = null;
        _judge.Restart();
    }

    public async ValueTask DisposeAsync()
    {
        _judge.Dispose();
        _client.Dispose();
        await _hosted.DisposeAsync();
        await _prometheus.DisposeAsync();
    }

    private (string Series, string Value)[] PageOf(Totals stable, Totals canary) =>
    [
        .. new Scrapes().Add("g", 0, stable, canary, Rollout.Weight.BasisPoints / 10_000.0).Reading(0).Series
            .Select(series => (
                Series: $"{series.Name} {string.Join(' ', series.Labels.Select(label => $"{label.Key}={label.Value}"))}",
                Value: series.Samples[0].Value.ToString(CultureInfo.InvariantCulture)))
            .Select(item => (item.Series, Value: Page(item.Series, item.Value)))
            .Where(item => item.Value is not null).Select(item => (item.Series, item.Value!)),
        .. Besides,
    ];
}
