using System.Collections.Concurrent;
using Sluice.CanaryJudge.Sources;
using Sluice.Contracts;
using Sluice.Judging;
using Sluice.Testing;

namespace Sluice.CanaryJudge.Tests.Rounds;

/// <summary>A judge, a Registry that is one rollout, gateways whose counters the test moves, and a clock that stands still in between.</summary>
internal sealed class Court : IMetricsSource, IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, (Totals Stable, Totals Canary)> _totals = [];
    private readonly HandmadeJudge _judge;
    private Scrapes _scrapes = new();
    private int _looks;

    public Court(AnalysisRule rule = AnalysisRule.Sequential, params string[] gateways)
    {
        Registry = new FakeRegistry(Time, rule);
        _judge = new HandmadeJudge(Registry.Client, this, Time);
        Gateways = gateways.Length == 0 ? ["g1"] : gateways;
    }

    public ManualTime Time { get; } = new();

    public FakeRegistry Registry { get; }

    public IReadOnlyList<string> Gateways { get; set; }

    /// <summary>Gateways that cannot be read.</summary>
    public HashSet<string> Unreadable { get; } = [];

    /// <summary>What gateways say that they route; null for what the rollout says.</summary>
    public int? ReportedWeight { get; set; }

    /// <summary>Copies compared at every gateway between two looks.</summary>
    public MirrorCounts? Mirrored { get; set; }

    public ConcurrentQueue<string> Logged => _judge.Logged;

    public string Name => "script";

    public bool KnowsPast => false;

    /// <summary>The looks in the evidence log.</summary>
    public IReadOnlyList<Look> Looks => [.. Log.Select(entry => entry.Look).OfType<Look>()];

    public IReadOnlyList<LogEntry> Log =>
        [.. Registry.Evidence.Select(entry => System.Text.Json.JsonSerializer.Deserialize(entry, JudgingJson.Default.LogEntry)!)];

    public IReadOnlyList<Verdict> Verdicts => [.. Registry.Verdicts.Select(verdict => verdict.Verdict.Verdict)];

    /// <summary>Time passes, requests come to every gateway, and the judge looks.</summary>
    public async Task LookAsync(Totals? stable = null, Totals? canary = null)
    {
        Time.Advance(Interval);
        foreach (var gateway in Gateways)
        {
            var former = _totals.TryGetValue(gateway, out var known) ? known : (new Totals(0), new Totals(0));
            var now = _totals[gateway] = (former.Item1 + (stable ?? new Totals(0)), former.Item2 + (canary ?? new Totals(0)));
            if (!Unreadable.Contains(gateway))
            {
                _scrapes.Add(gateway, (Time.GetUtcNow() - Scrapes.Start).TotalSeconds, now.Item1, now.Item2, Registry.Rollout.Weight.BasisPoints / 10_000.0);
                if (Mirrored is { } mirrored)
                {
                    _looks++;
                    _scrapes.AddMirror(gateway, (Time.GetUtcNow() - Scrapes.Start).TotalSeconds, _looks * mirrored.Agree, _looks * mirrored.Disagree);
                }
            }
        }

        await _judge.LookAsync(Registry.State([.. Gateways.Select(gateway => Scrapes.Gateway(gateway, ReportedWeight ?? Registry.Rollout.Weight.BasisPoints))]));
    }

    /// <summary>Looks until something is so; fails when it never is.</summary>
    public async Task LookUntilAsync(Func<bool> holds, Totals stable, Totals canary, int most = 100)
    {
        for (var looks = 0; !holds(); looks++)
        {
            Assert.True(looks < most, $"after {looks} looks the rollout is {Registry.Rollout}");
            await LookAsync(stable, canary);
        }
    }

    /// <summary>Another process takes over: it knows nothing but what is stored.</summary>
    /// <param name="forgets">Whether its source begins anew, too.</param>
    public void Restart(bool forgets = false)
    {
        Registry.Holder = null;
        _scrapes = forgets ? new() : _scrapes;
        _judge.Restart();
    }

    public Task<Reading> ReadAsync(MetricsQuery query, CancellationToken cancellationToken) => Task.FromResult(
        _scrapes.Reading((Time.GetUtcNow() - Scrapes.Start).TotalSeconds, [.. query.Gateways.Where(gateway => Unreadable.Contains(gateway.Id)).Select(gateway => (gateway.Id, "it is down"))]));

    public void Dispose() => _judge.Dispose();
}
