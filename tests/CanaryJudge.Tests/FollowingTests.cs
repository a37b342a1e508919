using System.Diagnostics.Metrics;
using System.Net;
using Sluice.Contracts;
using Sluice.ServiceDefaults;
using Sluice.Testing;

namespace Sluice.CanaryJudge.Tests;

public sealed class FollowingTests
{
    [Fact]
    public async Task The_judge_is_ready_exactly_while_the_Registry_is_heard()
    {
        await using var judge = RunningJudge.Start();
        await using var registry = new WatchOnlyRegistry(judge.RegistryPort);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await judge.HealthAsync(Management.ReadyPath));

        await registry.StartAsync();
        await Eventually.BecomesTrueAsync(async () => await judge.HealthAsync(Management.ReadyPath) == HttpStatusCode.OK);

        await registry.StopAsync();
        await Eventually.BecomesTrueAsync(async () => await judge.HealthAsync(Management.ReadyPath) == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, await judge.HealthAsync(Management.LivePath));

        await registry.StartAsync();
        await Eventually.BecomesTrueAsync(async () => await judge.HealthAsync(Management.ReadyPath) == HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_age_of_the_data_grows_until_the_Registry_is_heard()
    {
        await using var judge = RunningJudge.Start();
        using var age = new Gauge(judge);
        await Eventually.BecomesTrueAsync(() => age.Read() > 0.5);

        await using var registry = new WatchOnlyRegistry(judge.RegistryPort);
        await registry.StartAsync();
        await Eventually.BecomesTrueAsync(() => age.Read() < 0.5);

        await registry.StopAsync();
        await Eventually.BecomesTrueAsync(() => age.Read() > 0.5);
    }

    [Fact]
    public async Task It_offers_nothing_to_ask()
    {
        await using var judge = RunningJudge.Start();

        using var http = new HttpClient { BaseAddress = judge.PublicAddress };
        foreach (var path in new[] { "/", "/api/rollouts", "/verdicts", Management.ReadyPath })
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    /// <summary>Reads the gauge of one judge; tests run beside each other, and a listener hears them all.</summary>
    private sealed class Gauge : IDisposable
    {
        private readonly MeterListener _listener = new();
        private double _value = double.NaN;

        public Gauge(RunningJudge judge)
        {
            var own = (IMeterFactory)judge.Services.GetService(typeof(IMeterFactory))!;
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == MetricNames.JudgeRegistrySilence && instrument.Meter.Scope == own)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<double>((_, value, _, _) => _value = value);
            _listener.Start();
        }

        public double Read()
        {
            _listener.RecordObservableInstruments();
            return _value;
        }

        public void Dispose() => _listener.Dispose();
    }
}
