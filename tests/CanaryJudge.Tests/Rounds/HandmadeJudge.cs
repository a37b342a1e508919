using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sluice.CanaryJudge.Rounds;
using Sluice.CanaryJudge.Sources;
using Sluice.Contracts;

namespace Sluice.CanaryJudge.Tests.Rounds;

/// <summary>The judge's rounds, put together around a Registry, a source and a clock; the test says when it looks.</summary>
internal sealed class HandmadeJudge : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Func<RegistryClient> _registry;
    private readonly IMetricsSource _source;
    private readonly TimeProvider _time;
    private JudgeRound _round;

    public HandmadeJudge(Func<RegistryClient> registry, IMetricsSource source, TimeProvider time)
    {
        (_registry, _source, _time) = (registry, source, time);
        _round = NewRound();
    }

    public ConcurrentQueue<string> Logged { get; } = new();

    public Task LookAsync(ClusterState state) => _round.TickAsync(state, TestContext.Current.CancellationToken);

    /// <summary>Another process takes over: it knows nothing but what is stored.</summary>
    public void Restart() => _round = NewRound();

    public void Dispose() => _services.Dispose();

    private JudgeRound NewRound()
    {
        var registry = _registry();
        var lines = new Lines(Logged);
        var watch = new RegistryWatch(registry, Options.Create(new RegistryClientOptions { StateFile = "none/such.json" }), _time, new Logger<RegistryWatch>(lines));
        return new JudgeRound(
            registry, _source, new Openings(_source, new Logger<Openings>(lines)), new CaseFile(registry), new JudgeLease(registry, Options.Create(new JudgeOptions()), new Logger<JudgeLease>(lines)),
            new Endings(registry, _source, _time, new Logger<Endings>(lines)),
            new JudgeMetrics(_services.GetRequiredService<IMeterFactory>(), watch, _time), new Logger<JudgeRound>(lines));
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
