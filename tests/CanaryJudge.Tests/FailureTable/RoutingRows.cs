using Sluice.CanaryJudge.Tests.Rounds;
using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.CanaryJudge.Tests.FailureTable;

/// <summary>Weights, ends, restarts, who is asked, what is told. The rule: what was ordered is done when it is seen, and all is on record.</summary>
internal static class RoutingRows
{
    public static readonly FailureRow[] All =
    [
        new(28, "a change of replicas begins the analysis anew, in a loop (flagger#634)", async trial =>
        {
            await trial.BeginAsync();
            await trial.GoOnAsync(2);
            var before = trial.Now.Figures.Errors!.Canary;
            trial.Registry.Happens("weight.lower", rollout => rollout with { Weight = new Weight(500), StepSince = null, Hold = new(HoldKind.Capacity, "too few replicas") });
            await trial.GoOnAsync(2);
            trial.Registry.Happens("step.begin", rollout => rollout with { Weight = new Weight(2000), StepSince = trial.Time.GetUtcNow(), Hold = null });
            await trial.GoOnAsync(1);
            Assert.True(trial.Now.Figures.Errors!.Canary >= before + 40); // what was seen stays evidence
        }),
        new(30, "success is reported, and the old version still serves (flagger#189)", async trial =>
        {
            await trial.BeginAsync();
            trial.ReportedWeight = 500;
            await trial.GoOnAsync(8);
            Assert.Empty(trial.Verdicts);
            Assert.Contains(trial.Logged, line => line.Contains("does not route by 20 % yet", StringComparison.Ordinal));
            trial.ReportedWeight = null;
            await trial.GoOnAsync(1);
            Assert.Equal([Verdict.Advance], trial.Verdicts);
        }),
        new(31, "a broken stable version keeps the one that would mend it from being released (argo-rollouts#1774)", async trial =>
        {
            static Totals Sick(long requests) => new(requests / 2, Failed: requests - (requests / 2));
            await trial.BeginAsync();
            await trial.GoOnAsync(10, Sick, Sick);
            Assert.Equal([Verdict.Hold], trial.Verdicts); // no step, no blame, and it is said
            Assert.Equal(HoldKind.StableSick, trial.Rollout.Hold!.Kind);
            await trial.GoOnAsync(() => trial.Rollout.Step == 2);
        }),
        new(32, "after an abort the route flips between versions (argo-rollouts#3078)", async trial =>
        {
            await trial.BeginAsync();
            trial.Registry.After = request =>
            {
                if (request.RequestUri!.AbsolutePath.EndsWith("/verdict", StringComparison.Ordinal))
                {
                    trial.Registry.After = null;
                    throw new HttpRequestException("the answer was lost");
                }
            };
            await trial.GoOnAsync(() => trial.Rollout.Step == 2);
            await trial.GoOnAsync(1);
            Assert.Single(trial.Registry.Events, item => item is { What: "step.begin", Step: 2 });
            Assert.Single(trial.Verdicts);
        }),
        new(33, "an aborted canary keeps some of the traffic (argo-rollouts#4841)", async trial =>
        {
            await trial.BeginAsync();
            await trial.GoOnAsync(() => trial.Rollout.IsDecided, requests => new(requests / 2, Failed: requests / 2));
            await trial.LookTimesAsync(3, new(160), new(40));
            Assert.DoesNotContain(trial.Logged, line => line.Contains("stand still", StringComparison.Ordinal)); // ordered is not done
            await trial.LookTimesAsync(2, new(200), new(0));
            Assert.Single(trial.Logged, line => line.Contains("stand still", StringComparison.Ordinal));
        }),
        new(35, "ten minutes of waits took hours (argo-rollouts#3569)", async trial =>
        {
            static Totals Sick(long requests) => new(requests / 2, Failed: requests - (requests / 2));
            await trial.BeginAsync();
            await trial.GoOnAsync(() => trial.Rollout.Phase == RolloutPhase.Paused, Sick, Sick);
            Assert.Equal((PauseKind.Inconclusive, JudgementReason.TooOld), (trial.Rollout.Pause!.Kind, trial.LastVerdict.Reason));
        }) { Plan = plan => plan with { MaxStepAgeSeconds = 100 } },
        new(36, "the analysis failed, the rollout went on (argo-rollouts#1411)", async trial =>
        {
            await trial.BeginAsync();
            await trial.GoOnAsync(() => trial.Verdicts.Count > 0, requests => new(requests / 2, Failed: requests / 2));
            Assert.Equal((RolloutPhase.RolledBack, Weight.None), (trial.Rollout.Phase, trial.Rollout.Weight)); // one write
            await trial.GoOnAsync(10);
            Assert.Equal([Verdict.RollBack], trial.Verdicts);
        }),
        new(37, "stuck until the controller is restarted, or hundreds of runs (argo-rollouts#2522)", async trial =>
        {
            await trial.BeginAsync();
            await trial.GoOnAsync(
                () =>
                {
                    trial.RestartJudge();
                    return trial.Rollout.Step == 3;
                });
            Assert.Equal([Verdict.Advance, Verdict.Advance], trial.Verdicts);
            Assert.Single(trial.Log, entry => entry.Opening is not null);
            Assert.Equal(trial.Looks.Count, trial.Looks.Select(look => look.Windows[^1].To).Distinct().Count()); // nothing twice
        }),
        new(38, "after a restart of the controller the status is wrong (flagger#127)", async trial =>
        {
            await trial.BeginAsync();
            await trial.GoOnAsync(3, requests => new(requests - 1, Failed: 1));
            trial.RestartJudge();
            await trial.GoOnAsync(() => trial.Rollout.IsDecided, requests => new(requests - 3, Failed: 3));
            Assert.True(Explanation.Of(trial.Log, Timeline.Of(trial.Registry.Events), trial.LastVerdict.Looks)!.IsOf(trial.LastVerdict));
            Assert.True(trial.LastVerdict.Figures.Errors!.CanaryHits >= 6); // those of before, too
        }),
        new(39, "the release went to another revision than was meant (kserve#1968)", async trial =>
        {
            await trial.BeginAsync();
            for (var look = 1; look < 60 && trial.Rollout.Step < 3; look++)
            {
                trial.Besides = [.. new[] { 3, 21, 22 }.Select(version => ($"sluice_gateway_requests_total model=wine version={version} outcome=model", $"{500 * look}"))];
                await trial.GoOnAsync(1);
            }

            Assert.Equal(3, trial.Rollout.Step);
            Assert.Contains("version=~\"1|2|\"", trial.Prometheus.Asked.First(form => form["query"][0] == '{')["query"], StringComparison.Ordinal);
        }),
        new(40, "weights of 100 to 0 gave 50 to 50 (seldon-core#4067)", async trial =>
        {
            await trial.BeginAsync();
            await trial.LookTimesAsync(10, new(100), new(100)); // a fifth was ordered
            Assert.Equal((JudgementReason.Share, 1), (trial.Now.Reason, trial.Rollout.Step));
            Assert.Contains("its weight is 20 %", trial.Rollout.Hold!.Detail, StringComparison.Ordinal);
        }),
        new(43, "a young canary is compared with a warm stable version (argo-rollouts#532)", async trial =>
        {
            await trial.BeginAsync(requests => new(requests - (requests / 20), Failed: requests / 20, Slow: requests / 4));
            await trial.GoOnAsync(() => trial.Rollout.Step == 3);
            Assert.Equal(0, trial.LastVerdict.Figures.Errors!.CanaryHits); // what happened in the warm-up is none of its evidence
            Assert.True(trial.LastVerdict.Figures.Catastrophic!.CanaryHits > 0); // but it was watched
        }),
        new(44, "one failure in a handful aborts, or every window of few requests passes (cloud-run-release-manager#42)", async trial =>
        {
            await trial.BeginAsync();
            await trial.LookAsync(new(8), new(1, Failed: 1));
            Assert.Empty(trial.Verdicts);
            await trial.LookTimesAsync(8, new(8), new(2));
            Assert.Empty(trial.Verdicts);
            Assert.Equal((1, 18), (trial.Now.Figures.Errors!.CanaryHits, trial.Now.Figures.Errors!.Canary)); // it adds up
        }),
        new(45, "nobody sees which value and which limit decided (flagger#1815)", async trial =>
        {
            await trial.BeginAsync();
            await trial.GoOnAsync(() => trial.Rollout.Step == 2);
            await trial.GoOnAsync(() => trial.Rollout.IsDecided, requests => new(requests - 10, Failed: 10));
            Assert.All(trial.Registry.Verdicts, item => RecordedFigures.AssertAreOf(item.Verdict, trial.Log, trial.Registry.Events));
        }),
    ];
}
