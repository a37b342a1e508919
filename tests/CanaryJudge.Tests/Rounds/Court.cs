using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sluice.CanaryJudge.Rounds;
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
    private readonly ServiceProvider _services;
    private Scrapes _scrapes = new();
    private JudgeRound _round;

    public Court(AnalysisRule rule = AnalysisRule.Sequential, params string[] gateways)
    {
        Registry = new FakeRegistry(Time, rule);
        _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        Gateways = gateways.Length == 0 ? ["g1"] : gateways;
        _round = NewRound();
    }

    public ManualTime Time { get; } = new();

    public FakeRegistry Registry { get; }

    public IReadOnlyList<string> Gateways { get; set; }

    /// <summary>Gateways that cannot be read.</summary>
    public HashSet<string> Unreadable { get; } = [];

    /// <summary>What gateways say that they route; null for what the rollout says.</summary>
    public int? ReportedWeight { get; set; }

    public ConcurrentQueue<string> Logged { get; } = new();

    public string Name => "script";

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
            }
        }

        await _round.TickAsync(
            Registry.State([.. Gateways.Select(gateway => Scrapes.Gateway(gateway, ReportedWeight ?? Registry.Rollout.Weight.BasisPoints))]),
            TestContext.Current.CancellationToken);
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
        _round = NewRound();
    }

    public Task<Reading> ReadAsync(MetricsQuery query, CancellationToken cancellationToken) => Task.FromResult(
        _scrapes.Reading((Time.GetUtcNow() - Scrapes.Start).TotalSeconds, [.. query.Gateways.Where(gateway => Unreadable.Contains(gateway.Id)).Select(gateway => (gateway.Id, "it is down"))]));

    public void Dispose() => _services.Dispose();

    private JudgeRound NewRound()
    {
        var registry = Registry.Client();
        var lines = new Lines(Logged);
        var watch = new RegistryWatch(registry, Options.Create(new RegistryClientOptions { StateFile = "none/such.json" }), Time, new Logger<RegistryWatch>(lines));
        return new JudgeRound(
            registry, this, new CaseFile(registry), new JudgeLease(registry, Options.Create(new JudgeOptions()), new Logger<JudgeLease>(lines)),
            new Endings(registry, this, Time, new Logger<Endings>(lines)),
            new JudgeMetrics(_services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), watch, Time), new Logger<JudgeRound>(lines));
    }

    private sealed class Lines(ConcurrentQueue<string> lines) : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
