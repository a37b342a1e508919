using System.Text.Json;
using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.CanaryJudge.Tests.FailureTable;

/// <summary>What is concluded from what was seen. The rule: counts of the very events that are looked for, all of them, added up over windows.</summary>
internal static class StatisticsRows
{
    public static readonly FailureRow[] All =
    [
        new(13, "a test of ranks passes a tail that is much worse (kayenta#780)", async trial =>
        {
            static Totals Stable(long requests) => new(requests, Slow: requests / 50);
            await trial.BeginAsync(stable: Stable);
            await trial.GoOnAsync(() => trial.Rollout.IsDecided, requests => new(requests, Slow: requests / 8), Stable); // the median is the same
            Assert.Equal((Verdict.RollBack, JudgementReason.LatencyRatio), (trial.LastVerdict.Verdict, trial.LastVerdict.Reason));
            Assert.Equal(0.1, trial.LastVerdict.Figures.Latency!.Limit);
        }),
        new(14, "few errors against none: passed (kayenta#426)", async trial =>
        {
            await trial.BeginAsync();
            await trial.GoOnAsync(() => trial.Rollout.Step == 2);
            foreach (var failed in new[] { 0, 1, 2, 1, 0, 0 })
            {
                await trial.GoOnAsync(1, requests => new(requests - failed, failed));
            }

            Assert.Equal((4, 0), (trial.Now.Figures.Errors!.CanaryHits, trial.Now.Figures.Errors!.StableHits));
            Assert.InRange(Math.Exp(trial.Now.Figures.Errors.LogEvidence), 4, 9); // at equal traffic 4 : 0 is about 6 : 1, too much to go on
            Assert.Equal((2, JudgementReason.Suspicion), (trial.Rollout.Step, trial.Now.Reason));
        }),
        new(15, "a verdict that nobody can explain (kayenta#744)", async trial =>
        {
            await trial.BeginAsync(stable: Stable);
            await trial.GoOnAsync(() => trial.Rollout.IsDecided, requests => new(requests - 2, Failed: 2), Stable);
            Assert.Matches(
                @"\d+ failures in [\d,]+ canary requests against \d+ in [\d,]+ stable ones of the same windows; ratio \d+\.\d, allowed 1\.1; evidence [\d,.]+ : 1, needed \d+\.?\d* : 1\.",
                trial.Rollout.Reason);

            static Totals Stable(long requests) => new(requests - 1, Failed: 1);
        }),
        new(16, "outliers are taken out, and with them the failures (kayenta#420)", async trial =>
        {
            await trial.BeginAsync();
            await trial.GoOnAsync(2);
            await trial.GoOnAsync(1, requests => new(requests - 14, Failed: 14));
            Assert.Equal((RolloutPhase.RolledBack, 14), (trial.Rollout.Phase, trial.LastVerdict.Figures.Errors!.CanaryHits));
        }),
        new(17, "the judge failed, the stage is green (kayenta#353)", async trial =>
        {
            await trial.BeginAsync();
            trial.Registry.Append(JsonSerializer.SerializeToElement(new { look = "none" }));
            await trial.GoOnAsync(10);
            Assert.Empty(trial.Verdicts);
            Assert.Contains(trial.Logged, line => line.Contains("could not be looked at", StringComparison.Ordinal));
        }),
        new(18, "fewer than fifty points are too few, however many requests they are (spinnaker.github.io#1292)", async trial =>
        {
            await trial.BeginAsync();
            await trial.LookAsync(new(15_920, Failed: 80), new(3880, Failed: 120));
            Assert.Equal(RolloutPhase.RolledBack, trial.Rollout.Phase);
        }),
    ];
}
