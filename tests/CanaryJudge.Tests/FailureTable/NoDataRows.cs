using Sluice.CanaryJudge.Tests.Sources;
using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.CanaryJudge.Tests.FailureTable;

/// <summary>No data, no numbers, the wrong metric. The rule: what is not seen is no evidence, neither for the canary nor against it.</summary>
internal static class NoDataRows
{
    private const string Nothing = """{"status":"success","data":{"resultType":"matrix","result":[]}}""";

    public static readonly FailureRow[] All =
    [
        new(1, "NaN compares false with every limit, and the canary advances (flagger#1098)", async trial =>
        {
            await trial.BeginAsync();
            trial.Page = (series, value) => series.StartsWith("sluice_gateway_requests_total", StringComparison.Ordinal) && series.Contains("version=2", StringComparison.Ordinal) ? "NaN" : value;
            await trial.GoOnAsync(() => trial.Rollout.IsDecided);
            Assert.Equal([Verdict.Hold, Verdict.RollBack], trial.Verdicts);
            Assert.Contains("sluice_gateway_requests_total is NaN", trial.Registry.Verdicts[0].Verdict.Reason, StringComparison.Ordinal);
            Assert.Equal(JudgementReason.Blind, trial.LastVerdict.Reason);
        }),
        new(2, "a service with little traffic can never be released, or is by faking data (flagger#1035)", async trial =>
        {
            await trial.BeginAsync();
            await trial.LookUntilAsync(() => trial.Rollout.Phase == RolloutPhase.Paused, new(4), new(1));
            Assert.Equal((PauseKind.Inconclusive, JudgementReason.TooOld), (trial.Rollout.Pause!.Kind, trial.LastVerdict.Reason)); // a person is asked
            Assert.False(trial.LastVerdict.Figures.ErrorProof!.IsReached);
        }) { Plan = plan => plan with { MaxStepAgeSeconds = 100 } },
        new(3, "traffic stops half-way, the analysis goes on (flagger#1011)", async trial =>
        {
            await trial.BeginAsync();
            await trial.GoOnAsync(() => trial.Rollout.Step == 2);
            await trial.LookUntilAsync(() => trial.Rollout.Phase == RolloutPhase.Paused, null, null);
            Assert.Equal([Verdict.Advance, Verdict.Inconclusive], trial.Verdicts.Where(verdict => verdict != Verdict.Hold));
            Assert.Equal(2, trial.Rollout.Step);
        }) { Plan = plan => plan with { MaxStepAgeSeconds = 100 } },
        new(4, "a metric of another name is passed over, every check passes (flagger#1581)", async trial =>
        {
            trial.Page = (series, value) => series.StartsWith("sluice_gateway_requests_total", StringComparison.Ordinal) ? null : value;
            await trial.GoOnAsync(10);
            var hold = Assert.Single(trial.Registry.Preflights); // it does not begin
            Assert.Equal((Verdict.Hold, HoldKind.Blind, false), (hold.Verdict, hold.Hold, trial.Rollout.IsCleared));
            Assert.Contains("gateway g1 does not show both versions", hold.Reason, StringComparison.Ordinal);
            trial.Page = (_, value) => value;
            await trial.GoOnAsync(() => trial.Rollout.IsCleared, most: 3);
        }),
        new(5, "an empty answer is an error, and the release is aborted (argo-rollouts#1466)", async trial =>
        {
            await trial.BeginAsync();
            trial.Prometheus.Instead = ScriptedPrometheus.Body(200, Nothing);
            await trial.GoOnAsync(5);
            Assert.Equal([Verdict.Hold], trial.Verdicts);
            Assert.Equal(HoldKind.Blind, trial.Rollout.Hold!.Kind);
            trial.Prometheus.Instead = null;
            await trial.GoOnAsync(() => trial.Rollout.Step == 2); // by itself
        }),
        new(6, "no errors are an empty series, which is taken for an error, or for zero (argo-rollouts#3503)", async trial =>
        {
            await trial.BeginAsync();
            await trial.GoOnAsync(2);
            Assert.Equal(0, trial.Now.Figures.Errors!.CanaryHits); // shown at 0 beside requests: that is none
            trial.Page = (series, value) => series.Contains("version=2 outcome=model", StringComparison.Ordinal) ? null : value;
            await trial.GoOnAsync(8);
            Assert.Equal(HoldKind.Blind, trial.Rollout.Hold?.Kind); // not shown: that is not known
            trial.Page = (_, value) => value;
            await trial.GoOnAsync(() => trial.Rollout.Step == 2);
        }),
        new(7, "every measurement failed, and the phase is successful as their number was reached (argo-rollouts#4479)", async trial =>
        {
            await trial.BeginAsync();
            trial.Prometheus.Instead = ScriptedPrometheus.Body(422, """{"status":"error","errorType":"execution","error":"too many samples"}""");
            await trial.GoOnAsync(() => trial.Rollout.IsDecided);
            Assert.Equal([Verdict.Hold, Verdict.RollBack], trial.Verdicts);
            Assert.Contains("nothing reliable was seen for", trial.Rollout.Reason, StringComparison.Ordinal);
        }),
        new(8, "the analysis begins before the canary has traffic (argo-rollouts#4864)", async trial =>
        {
            await trial.GoOnAsync(() => trial.Rollout.IsCleared, most: 5);
            trial.ReportedWeight = 0;
            trial.Page = (series, value) => series.StartsWith("sluice_gateway_route_weight_ratio", StringComparison.Ordinal) ? "0" : value;
            trial.Registry.Begins(0);
            await trial.LookTimesAsync(2, new(200), new(0));
            trial.Registry.Begins(1);
            await trial.LookTimesAsync(15, new(200), new(0)); // longer than a step may be left after with fewer requests
            Assert.Empty(trial.Verdicts);
            (trial.ReportedWeight, trial.Page) = (null, (_, value) => value);
            await trial.GoOnAsync(() => trial.Rollout.Step == 2);
            Assert.Equal([Verdict.Advance], trial.Verdicts);
        }),
        new(9, "all steps are over before the first measurement (Kubernetes-Manifests#410)", async trial =>
        {
            await trial.BeginAsync();
            trial.NotScraped.Add("g1");
            await trial.GoOnAsync(15);
            Assert.DoesNotContain(Verdict.Advance, trial.Verdicts);
            Assert.Equal(1, trial.Rollout.Step);
        }),
        new(10, "stable has no errors, the canary has: passed (kayenta#799)", async trial =>
        {
            await trial.BeginAsync();
            await trial.GoOnAsync(() => trial.Rollout.IsDecided, requests => new(requests - 2, Failed: 2));
            Assert.Equal(RolloutPhase.RolledBack, trial.Rollout.Phase);
            Assert.Equal(0, trial.LastVerdict.Figures.Errors!.StableHits);
        }),
        new(11, "both versions without data: passed (kayenta#700)", async trial =>
        {
            await trial.BeginAsync();
            await trial.LookUntilAsync(() => trial.Rollout.Phase == RolloutPhase.Paused, null, null);
            Assert.Equal(Verdict.Inconclusive, trial.Verdicts[^1]);
            Assert.DoesNotContain(Verdict.Advance, trial.Verdicts);
        }) { Plan = plan => plan with { MaxStepAgeSeconds = 100 } },
        new(12, "without objectives the score is 100 (keptn#6096)", async trial =>
        {
            await trial.GoOnAsync(5);
            Assert.False(trial.Rollout.IsCleared);
            Assert.Empty(trial.Registry.Preflights);
            Assert.Contains(trial.Logged, line => line.Contains("maxErrorRate: more than 0", StringComparison.Ordinal));
        }) { Plan = plan => plan with { Analysis = plan.Analysis with { MaxErrorRate = 0 } } },
    ];
}
