using Sluice.CanaryJudge.Tests.Sources;
using Sluice.Contracts;

namespace Sluice.CanaryJudge.Tests.FailureTable;

/// <summary>Metrics that are away, partial or late. The rule: an outage has a budget in minutes, and nothing that was counted meanwhile is lost.</summary>
internal static class OutageRows
{
    public static readonly FailureRow[] All =
    [
        new(19, "one question failed, and the experiment stays paused (iter8#271)", async trial =>
        {
            await trial.BeginAsync();
            await trial.GoOnAsync(1);
            trial.Prometheus.Instead = ScriptedPrometheus.Body(503, "");
            await trial.GoOnAsync(2);
            Assert.Equal(HoldKind.Blind, trial.Rollout.Hold!.Kind);
            trial.Prometheus.Instead = null;
            await trial.GoOnAsync(() => trial.Rollout.Step == 2);
            var windows = trial.Looks.SelectMany(look => look.Windows).ToArray();
            Assert.All(windows.Zip(windows.Skip(1)), pair => Assert.Equal(pair.First.To, pair.Second.From)); // nothing of it is lost
        }),
        new(20, "five failed questions abort the release (argo-rollouts#2892)", async trial =>
        {
            await trial.BeginAsync();
            await trial.GoOnAsync(1);
            trial.Prometheus.Instead = ScriptedPrometheus.Body(400, """{"status":"error","errorType":"bad_data","error":"no"}""");
            await trial.GoOnAsync(11);
            Assert.Equal([Verdict.Hold], trial.Verdicts);
            trial.Prometheus.Instead = null;
            await trial.GoOnAsync(() => trial.Rollout.Step == 2);
        }),
        new(21, "the server of the metrics is not there: initialising for 13 hours, or rolled back for failed checks (flagger#1758)", async trial =>
        {
            trial.Prometheus.Instead = context =>
            {
                context.Abort();
                return Task.CompletedTask;
            };
            await trial.GoOnAsync(16);
            var hold = Assert.Single(trial.Registry.Preflights); // said, and not begun
            Assert.Equal(HoldKind.Blind, hold.Hold);
            Assert.Contains("Prometheus: it could not be asked", hold.Reason, StringComparison.Ordinal);
            trial.Prometheus.Instead = null;
            await trial.GoOnAsync(() => trial.Rollout.IsCleared, most: 3);
        }),
        new(22, "a partial sum with a warning, which is dropped (thanos#622)", async trial =>
        {
            await trial.BeginAsync();
            trial.Prometheus.Instead = context => ScriptedPrometheus.Body(
                200, trial.Prometheus.Recording.Answer(trial.Prometheus.Asked.Last()["query"])[..^1] + ""","warnings":["store g7 did not answer"]}""")(context);
            await trial.GoOnAsync(8);
            Assert.Equal([Verdict.Hold], trial.Verdicts);
            Assert.Contains("store g7 did not answer", trial.Rollout.Hold!.Detail, StringComparison.Ordinal);
            Assert.Equal(0, trial.Now.Figures.StepRequests);
        }),
        new(23, "a range as long as a scrape has one sample, and the canary fails (flagger#1123)", async trial =>
        {
            trial.LooksPerScrape = 3;
            await trial.GoOnAsync(() => trial.Rollout.IsCleared, most: 8);
            trial.Registry.Begins(0);
            await trial.GoOnAsync(2);
            trial.Registry.Begins(1);
            await trial.GoOnAsync(() => trial.Rollout.Step == 3);
            Assert.All(trial.Looks.SelectMany(look => look.Windows), window => Assert.Equal(15, (window.To - window.From).TotalSeconds));
            Assert.Equal([Verdict.Advance, Verdict.Advance], trial.Verdicts);
        }),
        new(24, "metrics come late, and the first measurement is of before (argo-rollouts#291)", async trial =>
        {
            trial.Lag = TimeSpan.FromSeconds(8);
            await trial.GoOnAsync(() => trial.Rollout.IsCleared, most: 8);
            trial.Registry.Begins(0);
            await trial.GoOnAsync(2);
            trial.Registry.Begins(1);
            await trial.GoOnAsync(() => trial.Rollout.Step == 3);
            var first = trial.Registry.Verdicts.First(verdict => verdict.Verdict.Verdict == Verdict.Advance).Verdict.Figures!.Value;
            Assert.Equal(
                (first.GetProperty("figures").GetProperty("stepSeconds").GetDouble() - 10) / 5 * 40, // the last ten seconds are not there yet, and none of before the step
                first.GetProperty("figures").GetProperty("stepRequests").GetInt64());
        }),
        new(25, "the first increment of a counter is not seen (prometheus-net#278)", async trial =>
        {
            await trial.BeginAsync();
            await trial.GoOnAsync(1, requests => new(requests - 3, Failed: 3)); // the first ever, of counters that stood at 0
            Assert.Equal(3, trial.Looks[^1].Windows[^1].Canary.Model);
        }),
        new(26, "increase() is extrapolated (prometheus#3746)", async trial =>
        {
            await trial.BeginAsync();
            var counted = trial.Looks.Sum(look => look.Windows.Sum(window => window.Canary.Ok));
            foreach (var requests in new[] { 7, 13, 29, 31 })
            {
                trial.Pass(new(requests), new(requests));
                trial.Time.Advance(TimeSpan.FromMilliseconds(1234));
                await trial.LookAsync(new(3), new(2));
            }

            Assert.Equal(counted + 7 + 13 + 29 + 31 + (4 * 2), trial.Looks.Sum(look => look.Windows.Sum(window => window.Canary.Ok)));
        }),
        new(27, "a quantile of no requests is NaN, one between edges a guess (prometheus#4264)", async trial =>
        {
            await trial.BeginAsync();
            await trial.LookTimesAsync(3, new(5), new(0));
            var figures = trial.Now.Figures;
            Assert.All(new[] { figures.Errors!, figures.Latency!, figures.AbsoluteLatency!, figures.LatencyProof! }, figure => Assert.True(double.IsFinite(figure.LogEvidence)));
            await trial.GoOnAsync(() => trial.Rollout.Step == 3);
            Assert.Contains(trial.LastVerdict.Figures.Latency!.Limit!.Value, new[] { 0.1, 0.5 }); // an edge, never in between
        }),
    ];
}
