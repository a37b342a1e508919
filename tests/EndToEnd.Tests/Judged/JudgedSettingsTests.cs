using System.Globalization;
using System.Net;
using Sluice.Contracts;
using Sluice.Judging;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests.Judged;

/// <summary>The judge with other settings of a local run, and with other faults of a canary than failures.</summary>
public sealed class JudgedSettingsTests
{
    [Fact]
    public Task By_the_gateways_own_pages() => RunAsync(Stories.GoodAndBadAsync, ("Metrics", "embedded"));

    [Fact]
    public Task With_the_state_in_Redis()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        return RunAsync(Stories.GoodAndBadAsync, ("Store", "redis"), ("Ports__Redis", FreePort.Take(1)[0].ToString(CultureInfo.InvariantCulture)));
    }

    [Fact]
    public Task A_slow_version_is_rolled_back_for_its_latency() => RunAsync(async model =>
    {
        await model.ServeAsync(1, 3);
        await model.WithTrafficAsync(async () =>
        {
            // Sample 3 takes 30 ms and more for a row, version 1 some 2 ms.
            var rolledBack = await model.RollOutAsync(2, new { version = 2, profile = "development", analysis = new { maxLatencySeconds = 0.02 } });
            Assert.True(rolledBack.Phase == RolloutPhase.RolledBack, rolledBack.Reason);
            var verdict = await model.LastVerdictAsync(rolledBack);
            Assert.True(verdict.Reason is JudgementReason.AbsoluteLatency or JudgementReason.LatencyRatio, rolledBack.Reason);
            await model.AnswersOnlyAsync("1");
        });
    });

    [Fact]
    public Task A_version_whose_accuracy_is_worse_is_refused_and_by_an_override_rolled_back_for_its_answers() => RunAsync(async model =>
    {
        await model.ServeAsync(1, 5);
        await model.GuardAccuracyAsync();
        var (status, body) = await model.TryStartAsync(new { version = 2, profile = "development" });
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("accuracy", body, StringComparison.Ordinal);

        // Sample 5 is fast and wrong: without a mirror nobody would see it.
        await model.WithTrafficAsync(async () =>
        {
            var rolledBack = await model.RollOutAsync(
                2, new { version = 2, profile = "development", @override = "to see what it does", mirrorShare = 5000, analysis = new { maxDisagreement = 0.1 } });
            Assert.True(rolledBack.Phase == RolloutPhase.RolledBack, rolledBack.Reason);
            Assert.Equal("to see what it does", rolledBack.Override);
            var verdict = await model.LastVerdictAsync(rolledBack);
            Assert.True(verdict.Reason == JudgementReason.Disagreement, rolledBack.Reason);
            await model.AnswersOnlyAsync("1");
        });
    });

    private static async Task RunAsync(Func<JudgedModel, Task> story, params (string Key, string Value)[] settings)
    {
        LongRun.Only();
        await using var sluice = new RunningSluice(settings);
        await sluice.InitializeAsync();
        await story(new JudgedModel(sluice.Gateway, sluice.Registry, "judged"));
    }
}
