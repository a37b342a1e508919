using System.Text.Json;
using Sluice.CanaryJudge.Tests.Sources;
using Sluice.Judging;

namespace Sluice.CanaryJudge.Tests.Rounds;

/// <summary>What only Prometheus knows: the hour before, and what the predictors counted.</summary>
public sealed class PastTests : IAsyncLifetime
{
    private Trial _trial = null!;

    public async ValueTask InitializeAsync() => _trial = await Trial.StartAsync();

    public ValueTask DisposeAsync() => _trial.DisposeAsync();

    [Fact]
    public async Task The_log_begins_with_what_stable_was_like_in_the_hour_before()
    {
        (_trial.Gateways, _trial.LooksPerScrape) = (["g1", "g2"], 3);
        for (var pass = 0; pass < 100; pass++)
        {
            _trial.Pass(new(1000, Failed: 300)); // of longer ago
        }

        for (var pass = 0; pass < 720; pass++)
        {
            _trial.Pass(new(98, Failed: 2, Slow: 4));
        }

        _trial.Registry.Happens("start", rollout => rollout with { StartedAt = _trial.Time.GetUtcNow() });
        await _trial.LookAsync(new(5000));

        // Scrapes are at every third look: the last before the start was at it, or two looks earlier.
        var baseline = _trial.Log[0].Opening!.Baseline;
        Assert.InRange(baseline.Requests, 100 * 2 * 716, 100 * 2 * 720);
        Assert.Equal(baseline.Requests / 50, baseline.Failed);
        Assert.Equal(baseline.Requests - baseline.Failed, baseline.Timed);
        Assert.Equal([0.1, 0.5], baseline.Edges);
        Assert.Equal(baseline.Timed - (baseline.Requests / 25), baseline.AtMost[0]);
        Assert.Equal((1, 1), (baseline.FailureDispersion, baseline.LatencyDispersion));
    }

    [Fact]
    public async Task How_failures_cluster_there_is_in_the_figures_of_the_verdicts()
    {
        _trial.LooksPerScrape = 3;
        for (var pass = 0; pass < 720; pass++)
        {
            _trial.Pass(pass % 60 < 6 ? new(150, Failed: 50) : new(200));
        }

        _trial.Registry.Happens("start", rollout => rollout with { StartedAt = _trial.Time.GetUtcNow() });
        _trial.LooksPerScrape = 1;
        await _trial.BeginAsync();
        await _trial.GoOnAsync(3, requests => new(requests - 3, Failed: 3));

        Assert.InRange(_trial.Log[0].Opening!.Baseline.FailureDispersion, 5, Dispersion.Most);
        Assert.Equal(_trial.Log[0].Opening!.Baseline.FailureDispersion, _trial.Now.Figures.FailureDispersion);
        Assert.False(_trial.Rollout.IsDecided); // untempered, nine failures of 120 against none of 480 would do
    }

    [Fact]
    public async Task A_Prometheus_that_does_not_answer_at_the_start_is_asked_again_for_a_while()
    {
        for (var pass = 0; pass < 60; pass++)
        {
            _trial.Pass(new(200));
        }

        _trial.Registry.Happens("start", rollout => rollout with { StartedAt = _trial.Time.GetUtcNow() });
        _trial.Prometheus.Instead = ScriptedPrometheus.Body(422, "{}");
        await _trial.GoOnAsync(4);
        Assert.Empty(_trial.Log);

        _trial.Prometheus.Instead = null;
        await _trial.GoOnAsync(1);
        Assert.Equal(200 * 59, _trial.Log[0].Opening!.Baseline.Requests);
    }

    [Fact]
    public async Task And_after_that_while_the_rollout_goes_without()
    {
        _trial.Prometheus.Instead = ScriptedPrometheus.Body(422, "{}");
        await _trial.GoOnAsync(7);

        Assert.Equal(0, _trial.Log[0].Opening!.Baseline.Requests);
        Assert.Contains(_trial.Logged, line => line.Contains("what stable was like in the hour before is not known", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_both_versions_predicted_is_shown_and_decides_nothing()
    {
        var (first, second) = (0, 0);
        await _trial.BeginAsync();
        Predict(); // counters of before the first look at them
        while (_trial.Rollout.Step < 2)
        {
            await _trial.GoOnAsync(1);
            Predict();
        }

        var verdict = _trial.Registry.Verdicts[^1].Verdict;
        Assert.Equal(0.5, verdict.Figures!.Value.Deserialize(JudgingJson.Default.Judgement)!.Figures.ClassShift!.Value, 1e-12);
        Assert.Equal(
            [new("a", 30, 0), new("b", 30, 5), new("c", 0, 5)],
            _trial.Looks.Last(look => look.Classes.Count > 0).Classes);

        // Two predictors of stable, one of which is started again now and then, and one of the canary.
        void Predict()
        {
            (first, second) = (first + 10, second == 60 ? 20 : second + 20);
            var at = _trial.Time.GetUtcNow().AddSeconds(1);
            foreach (var name in new[] { "a", "b" })
            {
                Add("p1", 1, name, first);
                Add("p2", 1, name, second);
            }

            Add("p3", 2, "b", first / 2);
            Add("p3", 2, "c", first / 2);
            Add("p3", 7, "a", first * 100);

            void Add(string replica, int version, string label, int count) =>
                _trial.Prometheus.Recording.Add(at, [$"instance={replica}"], ($"sluice_predictor_predictions_total model=wine version={version} device=cpu class={label}", $"{count}"));
        }
    }
}
