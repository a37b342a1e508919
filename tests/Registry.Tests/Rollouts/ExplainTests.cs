using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Judging;
using Sluice.Registry.Rollouts.Explaining;
using Sluice.Registry.Store;
using LogEntry = Sluice.Judging.LogEntry;

namespace Sluice.Registry.Tests.Rollouts;

/// <summary>Why a rollout went as it did, asked over HTTP, of evidence that was written over HTTP.</summary>
public sealed class ExplainTests : RolloutStage
{
    private static readonly Baseline Hour = new() { Requests = 72_000, Failed = 360, Edges = [0.25, 0.5], Timed = 72_000, AtMost = [70_488, 71_950] };

    [Fact]
    public async Task A_rollback_is_recomputed_to_the_last_bit_and_said_with_its_figures()
    {
        var judgement = await RolledBackAsync(canaryFailures: 18);

        var explanation = await ExplainAsync("");
        Assert.Equal((1, 1, true), (explanation.Looks, explanation.Recorded.Count, explanation.Recorded[0].IsSame));
        Assert.Equal(JsonSerializer.Serialize(judgement, JudgingJson.Default.Judgement), JsonSerializer.Serialize(explanation.Explained!.Judgement, JudgingJson.Default.Judgement));
        Assert.Equal(
            "Rolled back at 00:07:15: 18 failures in 700 canary requests against 85 in 13,300 stable ones of the same windows; ratio 4.0, allowed 1.1; evidence 2,487 : 1, needed 250 : 1.",
            explanation.Explained.Text);

        var text = await TextAsync("explain?format=text");
        Assert.Contains(explanation.Explained.Text, text, StringComparison.Ordinal);
        Assert.Matches(@"\n\*  failures, over 1.1 times stable's +18 of 700 +85 of 13,300 +2,487 : 1 +250 : 1\n", text);
        Assert.Contains("after 1 looks", text, StringComparison.Ordinal);
        Assert.Contains("Recomputed: the same, every figure.", text, StringComparison.Ordinal);
        Assert.Contains("RolledBack", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_verdict_that_does_not_follow_from_the_evidence_is_told()
    {
        await RolledBackAsync(canaryFailures: 18, judgement => judgement with { Figures = judgement.Figures with { Errors = judgement.Figures.Errors! with { LogEvidence = Math.BitIncrement(judgement.Figures.Errors.LogEvidence) } } });

        Assert.False((await ExplainAsync("")).Recorded[0].IsSame);
        Assert.Contains("NOT the same", await TextAsync("explain?format=text"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_it_is_open_what_is_explained_is_the_present_or_any_earlier_look()
    {
        var (rollout, opening) = await OpenedAsync();
        var looks = new List<Look>();
        for (var i = 0; i < 12; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(15));
            looks.Add(Look(rollout, 0, seconds: 15));
        }

        await AppendAsync(0, [new LogEntry(opening), .. looks.Select(look => new LogEntry(Look: look))]);
        var timeline = Timeline.Of(await Registry.Http.GetAsync($"/api/rollouts/{rollout.Id}/events", ContractsJson.Default.IReadOnlyListRolloutEvent));

        var now = await ExplainAsync("");
        Assert.Equal(Sentence.Of(Judge.Replay(opening, timeline, looks)), now.Explained!.Text);
        Assert.Equal(Verdict.Advance, now.Explained.Judgement.Verdict);
        Assert.Empty(now.Recorded);
        var third = await ExplainAsync("?looks=3");
        Assert.Equal(Sentence.Of(Judge.Replay(opening, timeline, looks.Take(3))), third.Explained!.Text);
        Assert.Equal(Verdict.Hold, third.Explained.Judgement.Verdict);

        foreach (var (query, word) in new[] { ("looks=13", "there are 12"), ("looks=0", "looks"), ("looks=x", "looks"), ("format=xml", "format") })
        {
            using var wrong = await GetAsync($"explain?{query}");
            await Calls.AssertProblemAsync(wrong, 400, word);
        }
    }

    [Theory]
    [InlineData("text/plain", "text/plain")]
    [InlineData("application/json;q=0.5, text/plain", "text/plain")]
    [InlineData("text/html, */*;q=0.8", "application/json")]
    [InlineData("application/json", "application/json")]
    [InlineData(null, "application/json")]
    public async Task Who_asks_for_text_gets_text(string? accept, string type)
    {
        await OpenedAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/rollouts/{Model}.1/explain");
        if (accept is not null)
        {
            request.Headers.Add("Accept", accept);
        }

        using var answer = await Registry.Http.SendAsync(request, Token);

        Assert.Equal((HttpStatusCode.OK, type), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task Without_evidence_it_says_who_did_what_and_that_nobody_judged()
    {
        await OpenedAsync();
        using var back = await Registry.Http.PostAsync($"/api/rollouts/{Model}.1/rollback", Calls.Json("""{"reason": "a complaint"}"""), Token);
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);

        var text = await TextAsync("explain?format=text");

        Assert.Contains("a complaint", text, StringComparison.Ordinal);
        Assert.Contains("no evidence", text, StringComparison.Ordinal);
        Assert.Null((await ExplainAsync("")).Explained);
        using var whatIf = await GetAsync("whatif?beta=0.1");
        await Calls.AssertProblemAsync(whatIf, 409, "no evidence");
        using var unknown = await Registry.Http.GetAsync("/api/rollouts/nobody.1/explain", Token);
        await Calls.AssertProblemAsync(unknown, 404);
    }

    [Fact]
    public async Task Other_settings_are_tried_on_the_same_evidence()
    {
        await RolledBackAsync(canaryFailures: 18);

        Assert.Equal(Verdict.RollBack, Assert.Single((await WhatIfAsync("")).Changes).Judgement.Verdict);
        var patient = await WhatIfAsync("?errorAlpha=0.0001&MaxErrorRate=0.1");
        Assert.Equal((0.0001, 0.1, 0.004), (patient.Settings.ErrorAlpha, patient.Settings.MaxErrorRate, patient.Settings.LatencyAlpha));
        Assert.Equal(JudgementReason.Suspicion, Assert.Single(patient.Changes).Judgement.Reason);
        var checks = await WhatIfAsync("?rule=checks&checkSeconds=435&checkCount=1&whenBlind=Hold&watchShare=false&maxDisagreement=");
        Assert.Equal((AnalysisRule.Checks, BlindEnd.Hold, false, null), (checks.Rule, checks.Settings.WhenBlind, checks.Settings.WatchShare, checks.Settings.MaxDisagreement));
        Assert.Equal(JudgementReason.ChecksFailed, Assert.Single(checks.Changes).Judgement.Reason);
        Assert.Contains("errorAlpha 0.0001", await TextAsync("whatif?format=text&errorAlpha=0.0001"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("maxErorRate=0.1", "maxErorRate: is no setting")]
    [InlineData("maxErrorRate=much", "maxErrorRate")]
    [InlineData("maxErrorRate=", "maxErrorRate")]
    [InlineData("maxErrorRate=7", "maxErrorRate: more than 0, at most 1 is expected")]
    [InlineData("maxErrorRate=NaN", "maxErrorRate")]
    [InlineData("minRequests=1.5", "minRequests")]
    [InlineData("maxErrorRate=0.1&maxErrorRate=0.2", "maxErrorRate")]
    [InlineData("whenBlind=Panic", "whenBlind")]
    [InlineData("rule=Dice", "rule")]
    [InlineData("rule=1", "rule")]
    [InlineData("falseRollbackRate=0.1", "falseRollbackRate")]
    public async Task A_setting_that_cannot_be_tried_is_named(string query, string words)
    {
        var (_, opening) = await OpenedAsync();
        await AppendAsync(0, new LogEntry(opening));

        using var answer = await GetAsync($"whatif?{query}");

        await Calls.AssertProblemAsync(answer, 400, words);
    }

    [Theory]
    [InlineData("""{"n": 1}""")]
    [InlineData("""{"opening": null}""")]
    [InlineData("""{"opening": {"rule": "Sequential", "steps": [null], "settings": {}}}""")]
    [InlineData("""{"opening": {"rule": "Sequential", "steps": [], "settings": {}}}""")]
    [InlineData("""{"opening": {"rule": 7, "steps": [{"weight": 500}], "settings": {}}}""")]
    [InlineData("""{"opening": {"rule": "Sequential", "steps": [{"weight": 500}], "settings": {"beta": 2}}}""")]
    [InlineData("""{"opening": {"rule": "Sequential", "steps": [{"weight": 500}], "settings": {"unknown": 2}}}""")]
    [InlineData("""{"opening": {"rule": "Sequential", "steps": [{"weight": 500}], "settings": {}, "baseline": {"edges": [0.5], "timed": 5, "atMost": []}}}""")]
    [InlineData("""{"look": {"at": "2026-01-01T00:00:00Z", "generation": 1}}""")]
    public async Task A_log_that_is_not_the_judges_is_refused_in_words(string entry)
    {
        await OpenedAsync();
        await PostEvidenceAsync(0, entry);

        foreach (var path in new[] { "explain", "whatif" })
        {
            using var answer = await GetAsync(path);
            await Calls.AssertProblemAsync(answer, 422, "Entry 1 of the evidence");
        }
    }

    [Theory]
    [InlineData("""{"opening": {"rule": "Sequential", "steps": [{"weight": 500}], "settings": {}}}""")]
    [InlineData("""{"look": {"at": "2026-01-01T00:00:00Z"}}""")]
    [InlineData("""{"look": {"at": "2026-01-01T00:00:00Z", "generation": 1, "windows": [null]}}""")]
    [InlineData("""{"look": {"at": "2026-01-01T00:00:00Z", "generation": 1, "classes": [null]}}""")]
    [InlineData("""{"look": {"at": "2026-01-01T00:00:00Z", "generation": 1, "windows": [{"gateway": "g", "from": "2026-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z", "weight": 5, "stable": {}, "canary": {}}]}}""")]
    [InlineData("""{"look": {"at": "2026-01-01T00:00:00Z", "generation": 1, "windows": [{"gateway": "g", "from": "2025-12-31T23:59:00Z", "to": "2026-01-01T00:00:00Z", "weight": 5, "edges": [0.5], "stable": {"timed": 1}, "canary": {"timed": 1, "atMost": [1]}}]}}""")]
    [InlineData("""{"look": {"at": "2026-01-01T00:00:00Z", "generation": 1, "windows": [{"gateway": "g", "from": "2025-12-31T23:59:00Z", "to": "2026-01-01T00:00:00Z", "weight": 5, "stable": {"ok": -1}, "canary": {}}]}}""")]
    [InlineData("""{"look": {"at": "2026-01-01T00:00:00Z", "generation": 1, "windows": [{"gateway": "g", "from": "2025-12-31T23:59:00Z", "to": "2026-01-01T00:00:00Z", "weight": 5, "stable": null, "canary": {}}]}}""")]
    public async Task So_is_a_look_that_is_none(string entry)
    {
        var (_, opening) = await OpenedAsync();
        await AppendAsync(0, new LogEntry(opening));
        await PostEvidenceAsync(1, entry);

        using var answer = await GetAsync("explain");

        await Calls.AssertProblemAsync(answer, 422, "Entry 2 of the evidence");
    }

    [Fact]
    public async Task A_log_that_is_too_long_is_refused_in_words()
    {
        var (rollout, opening) = await OpenedAsync();
        await AppendAsync(0, new LogEntry(opening));
        var store = Registry.Services.GetRequiredService<IStore>();
        var padded = JsonSerializer.SerializeToUtf8Bytes(new { look = JsonSerializer.SerializeToElement(Look(rollout, 0), JudgingJson.Default.Look), pad = new string('x', 8 << 20) });
        for (var i = 0; i < 9; i++)
        {
            Assert.True((await store.CommitAsync(new StoreBatch().Append(StoreKeys.Evidence(rollout.Id), padded), Token)).Succeeded);
        }

        using var answer = await GetAsync("explain");

        await Calls.AssertProblemAsync(answer, 422, "longer than 64 MiB");
    }

    [Fact]
    public async Task What_is_to_be_expected_of_a_plan_is_told_before_it_starts()
    {
        await SetUpWithCanaryAsync();

        var forecast = await ForecastAsync("requestsPerSecond=20&stableErrorRate=0.005", """{"version": 2, "profile": "production"}""");

        var expected = Forecast.Of(new Opening { Rule = AnalysisRule.Sequential, Steps = forecast.Plan.Steps, Settings = JudgeSettings.For("production", forecast.Plan) }, 20, 0.005);
        Assert.Equal((expected.Minutes, 5), (forecast.Forecast.Minutes, forecast.Forecast.Steps.Count));
        Assert.Equal(expected.Steps.Select(step => step.BadRequests), forecast.Forecast.Steps.Select(step => step.BadRequests));
        Assert.InRange(expected.Minutes!.Value, 20, 40);
        Assert.Empty(forecast.Refusals);
        Assert.Contains($"about {expected.Minutes:0} min", forecast.Text, StringComparison.Ordinal);
        Assert.Empty(await Registry.Http.GetAsync("/api/rollouts", ContractsJson.Default.IReadOnlyListRollout)); // nothing was started
    }

    [Fact]
    public async Task The_forecast_takes_the_traffic_from_the_last_evidence_and_names_what_would_refuse_the_start()
    {
        await SetUpWithCanaryAsync();
        using (var unknown = await PostForecastAsync("", """{"version": 2}"""))
        {
            await Calls.AssertProblemAsync(unknown, 400, "requestsPerSecond: missing");
        }

        await RolledBackAsync(canaryFailures: 18, isSetUp: true);
        using var gates = await Registry.Http.PutAsync($"/api/models/{Model}/gates", Calls.Json("""[{"metric": "f1", "min": 0.8}]"""), Token);
        Assert.True(gates.IsSuccessStatusCode);

        var forecast = await ForecastAsync("", """{"version": 2}""");

        Assert.Equal(14_000 / 435.0, forecast.RequestsPerSecond, 1e-9);
        Assert.Equal(85 / 13_300.0, forecast.StableErrorRate, 1e-12);
        Assert.Contains("f1: the version has no such figure", Assert.Single(forecast.Refusals), StringComparison.Ordinal);
        Assert.Contains("no version 9", Assert.Single((await ForecastAsync("", """{"version": 9}""")).Refusals), StringComparison.Ordinal);
        Assert.Equal(5, (await ForecastAsync("requestsPerSecond=5", """{"version": 2}""")).RequestsPerSecond);
    }

    [Theory]
    [InlineData("requestsPerSecond=0", """{"version": 2}""", "requestsPerSecond")]
    [InlineData("requestsPerSecond=fast", """{"version": 2}""", "requestsPerSecond")]
    [InlineData("requestsPerSecond=NaN", """{"version": 2}""", "requestsPerSecond")]
    [InlineData("requestsPerSecond=5&stableErrorRate=1.5", """{"version": 2}""", "stableErrorRate")]
    [InlineData("requestsPerSecond=5", """{"version": 2, "steps": []}""", "steps")]
    [InlineData("requestsPerSecond=5", """{"version": 2, "analysis": {"rule": "Checks"}}""", "analysis.rule")]
    [InlineData("requestsPerSecond=5", """{}""", "version")]
    [InlineData("requestsPerSecond=5&format=xml", """{"version": 2}""", "format")]
    public async Task A_forecast_that_cannot_be_made_says_why(string query, string body, string word)
    {
        await SetUpWithCanaryAsync();

        using var answer = await PostForecastAsync(query, body);

        await Calls.AssertProblemAsync(answer, 400, word);
    }

    [Theory]
    [InlineData("0.000001", "0")]
    [InlineData("0.000001", "1")]
    [InlineData("1e9", "0")]
    [InlineData("1e9", "1")]
    public async Task Odd_traffic_has_a_forecast_too(string requestsPerSecond, string stableErrorRate)
    {
        await SetUpWithCanaryAsync();
        foreach (var steps in new[] { """[{"weight": 1}]""", """[{"weight": 10000}]""" })
        {
            var forecast = await ForecastAsync($"requestsPerSecond={requestsPerSecond}&stableErrorRate={stableErrorRate}", $$"""{"version": 2, "steps": {{steps}}}""");
            Assert.True(double.IsFinite(Assert.Single(forecast.Forecast.Steps).DetectMinutes));
        }
    }

    // The figures of the example that facts on the rule were worked out with: one window of 435 s at 5 %.
    private Look Look(Rollout rollout, int canaryFailures, int seconds = 435) => new()
    {
        At = Time.GetUtcNow(), Generation = rollout.Generation,
        Windows = [new EvidenceWindow
        {
            Gateway = "g1", From = Time.GetUtcNow().AddSeconds(-seconds), To = Time.GetUtcNow(), Weight = rollout.Weight, Edges = [0.25, 0.5],
            Stable = new() { Ok = 13_215, Model = 85, Timed = 13_215, AtMost = [13_000, 13_215] },
            Canary = new() { Ok = 700 - canaryFailures, Model = canaryFailures, Timed = 700 - canaryFailures, AtMost = [690 - canaryFailures, 700 - canaryFailures] },
        }],
    };

    private async Task<Judgement> RolledBackAsync(int canaryFailures, Func<Judgement, Judgement>? forge = null, bool isSetUp = false)
    {
        var (rollout, opening) = await OpenedAsync(isSetUp);
        Time.Advance(TimeSpan.FromSeconds(435));
        var look = Look(rollout, canaryFailures);
        await AppendAsync(0, new LogEntry(opening), new LogEntry(Look: look));
        var timeline = Timeline.Of(await Registry.Http.GetAsync($"/api/rollouts/{rollout.Id}/events", ContractsJson.Default.IReadOnlyListRolloutEvent));
        var judgement = Judge.Replay(opening, timeline, [look]);
        var proposal = new VerdictProposal
        {
            Generation = rollout.Generation, Verdict = judgement.Verdict, Reason = Sentence.Of(judgement),
            Figures = JsonSerializer.SerializeToElement(forge?.Invoke(judgement) ?? judgement, JudgingJson.Default.Judgement),
        };
        using var answer = await Registry.Http.PostAsJsonAsync($"/api/rollouts/{rollout.Id}/verdict", proposal, ContractsJson.Default.VerdictProposal, Token);
        Assert.Equal(RolloutPhase.RolledBack, (await Calls.ReadAsync(answer, HttpStatusCode.OK, ContractsJson.Default.Rollout)).Phase);
        return judgement;
    }

    private async Task<(Rollout Rollout, Opening Opening)> OpenedAsync(bool isSetUp = false)
    {
        if (!isSetUp)
        {
            await SetUpWithCanaryAsync();
        }

        var started = await StartAsync("""{"version": 2, "steps": [{"weight": 500}, {"weight": 5000}]}""");
        var rollout = await BecomesAsync(started.Id, seen => seen.StepSince is not null);
        return (rollout, Opening.Of(rollout, isSticky: false, Hour) with { Settings = JudgeSettings.For("production", rollout.Plan) with { WatchShare = false } });
    }

    private async Task SetUpWithCanaryAsync()
    {
        await SetUpAsync();
        await ReportAsync("c1", Pools.Canary, (2, VersionState.Ready));
    }

    private Task AppendAsync(long after, params LogEntry[] entries) => PostEvidenceAsync(after, string.Join(',', entries.Select(entry => JsonSerializer.Serialize(entry, JudgingJson.Default.LogEntry))));

    private async Task PostEvidenceAsync(long after, string entries)
    {
        using var answer = await Registry.Http.PostAsync($"/api/rollouts/{Model}.1/evidence", Calls.Json($$"""{"after": {{after}}, "entries": [{{entries}}]}"""), Token);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    private Task<HttpResponseMessage> GetAsync(string path) => Registry.Http.GetAsync($"/api/rollouts/{Model}.1/{path}", Token);

    private Task<RolloutExplanation> ExplainAsync(string query) => Registry.Http.GetAsync($"/api/rollouts/{Model}.1/explain{query}", ExplainingJson.Default.RolloutExplanation);

    private Task<WhatIfAnswer> WhatIfAsync(string query) => Registry.Http.GetAsync($"/api/rollouts/{Model}.1/whatif{query}", ExplainingJson.Default.WhatIfAnswer);

    private async Task<string> TextAsync(string path)
    {
        using var answer = await GetAsync(path);
        Assert.Equal("text/plain; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        return await answer.Content.ReadAsStringAsync(Token);
    }

    private Task<HttpResponseMessage> PostForecastAsync(string query, string body) => Registry.Http.PostAsync($"/api/models/{Model}/rollouts/forecast?{query}", Calls.Json(body), Token);

    private async Task<PlanForecast> ForecastAsync(string query, string body)
    {
        using var answer = await PostForecastAsync(query, body);
        return await Calls.ReadAsync(answer, HttpStatusCode.OK, ExplainingJson.Default.PlanForecast);
    }
}
