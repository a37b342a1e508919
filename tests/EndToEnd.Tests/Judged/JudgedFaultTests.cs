using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests.Judged;

/// <summary>While a good version is on its way, what the judge rests on goes and comes: it is promoted all the same, by figures that can be recomputed, and no user notices.</summary>
public sealed class JudgedFaultTests(JudgedFleet fleet) : IClassFixture<JudgedFleet>
{
    [Fact]
    public Task The_judge_is_killed_and_started_again() => PromotedAsync("judge-killed", async model =>
    {
        await fleet.Judge.KillAsync();
        var asked = model.Answers.Count;
        await Eventually.BecomesTrueAsync(() => model.Answers.Count > asked + 300, TimeSpan.FromSeconds(120), "the traffic goes on");
        fleet.Judge.Start();
        await fleet.Judge.ReadyAsync();
    });

    [Fact]
    public Task Prometheus_is_away_for_two_minutes() => PromotedAsync("prometheus-away", async model =>
    {
        await fleet.Prometheus.StopAsync();
        await model.BecomesAsync(rollout => rollout.Hold?.Kind == HoldKind.Blind, TimeSpan.FromSeconds(120), "the rollout waits, blind");
        var step = (await model.CurrentAsync()).Step;
        await Task.Delay(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken); // an outage of that length is what this is about
        Assert.Equal((step, RolloutPhase.Progressing), ((await model.CurrentAsync()).Step, (await model.CurrentAsync()).Phase));
        await fleet.Prometheus.RestartAsync();
    });

    [Fact]
    public Task A_gateway_is_ended_and_started_again() => PromotedAsync("gateway-restarted", async model =>
    {
        await fleet.Gateways[0].TerminateAsync();
        var asked = model.Answers.Count;
        await Eventually.BecomesTrueAsync(() => model.Answers.Count > asked + 100, TimeSpan.FromSeconds(120), "the traffic goes on");
        fleet.Gateways[0].Start();
        await fleet.Gateways[0].ReadyAsync();
    });

    private async Task PromotedAsync(string name, Func<JudgedModel, Task> fault)
    {
        LongRun.Only();
        Assert.SkipUnless(PrometheusServer.IsInstalled, PrometheusServer.Missing);
        var model = new JudgedModel(fleet.Users, fleet.Api, name);
        await model.ServeAsync(1, 2);
        await model.WithTrafficAsync(async () =>
        {
            await model.StartAsync(2);
            await model.BecomesAsync(rollout => rollout is { Phase: RolloutPhase.Progressing, Step: 1, StepSince: not null }, TimeSpan.FromMinutes(3), "the first step after the warm-up is under way");

            await fault(model);

            var promoted = await model.DecidedAsync(TimeSpan.FromMinutes(8));
            Assert.True(promoted.Phase == RolloutPhase.Promoted, $"{promoted.Phase}: {promoted.Reason}");
            var proof = await model.LastVerdictAsync(promoted);
            Assert.Equal(Verdict.Advance, proof.Verdict);
            Assert.NotNull(proof.Tier);
        });
    }
}
