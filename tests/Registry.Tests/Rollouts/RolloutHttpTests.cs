using System.Net;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Rollouts;

/// <summary>Rollouts as people, pipelines and the judge drive them.</summary>
public sealed class RolloutHttpTests : IAsyncLifetime
{
    private const string Quick = """{"version": 2, "steps": [{"weight": 1000}, {"weight": 5000}], "keepPreviousSeconds": 3600}""";

    private readonly ManualTime _time = new();
    private readonly string _model = Calls.NewModel();
    private RunningRegistry _registry = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        // Reports come when a test says so, not every two seconds: they must not expire.
        _registry = new RunningRegistry(settings: new() { ["Registry:ReplicaExpiry"] = "01:00:00" }, time: _time);
        return default;
    }

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task A_rollout_goes_from_start_to_promotion_and_its_story_can_be_read()
    {
        await SetUpAsync();
        var rollout = await StartAsync(Quick);
        Assert.Equal(($"{_model}.1", RolloutPhase.Preparing, 1, 2), (rollout.Id, rollout.Phase, rollout.Stable, rollout.Canary));
        Assert.Equal([new(Pools.Stable, 1), new(Pools.Canary, 2)], (await ServingAsync()).Assignments);

        await ReportAsync("c1", Pools.Canary, (2, VersionState.Ready));
        rollout = await BecomesAsync(rollout.Id, seen => seen.StepSince is not null);
        Assert.Equal((RolloutPhase.Progressing, 0, 1000), (rollout.Phase, rollout.Step, (await ServingAsync()).CanaryWeight.BasisPoints));

        await VerdictAsync(rollout, "Advance", """{"canary": {"requests": 700, "failures": 0}}""");
        rollout = await BecomesAsync(rollout.Id, seen => seen is { Step: 1, StepSince: not null });
        Assert.Equal(5000, (await ServingAsync()).CanaryWeight.BasisPoints);

        await VerdictAsync(rollout, "Advance");
        await BecomesAsync(rollout.Id, seen => seen.Phase == RolloutPhase.Promoting);
        await ReportAsync("s1", Pools.Stable, (1, VersionState.Ready), (2, VersionState.Ready));
        rollout = await BecomesAsync(rollout.Id, seen => seen.Phase == RolloutPhase.Promoted);
        Assert.Equal((2, null, 1), (await ServingAsync()) is var serving ? (serving.Stable, serving.Canary, serving.Previous) : default);

        var events = await _registry.Http.GetAsync($"/api/rollouts/{rollout.Id}/events", ContractsJson.Default.IReadOnlyListRolloutEvent);
        Assert.Equal(
            ["start", "step.enter", "step.begin", "step.enter", "step.begin", "promote.begin", "promote"], events.Select(each => each.What));
        Assert.Equal(700, events[3].Figures!.Value.GetProperty("canary").GetProperty("requests").GetInt32());
        Assert.Equal(Enumerable.Range(1, 7).Select(n => (long)n), events.Select(each => each.Number));

        // The time to take it back passes.
        _time.Advance(TimeSpan.FromSeconds(3601));
        await BecomesAsync(rollout.Id, seen => seen.IsClosed);
        Assert.Null((await ServingAsync()).Previous);
        Assert.Empty(await _registry.Http.GetAsync("/api/rollouts", ContractsJson.Default.IReadOnlyListRollout));
        Assert.Equal(rollout.Id, Assert.Single(await _registry.Http.GetAsync($"/api/models/{_model}/rollouts", ContractsJson.Default.IReadOnlyListRollout)).Id);
    }

    [Fact]
    public async Task A_restart_loses_nothing_of_a_rollout()
    {
        using var data = new TemporaryFolder();
        await using (var first = new RunningRegistry(data.Path))
        {
            await SetUpAsync(first);
            await ReportAsync("c1", Pools.Canary, first, (2, VersionState.Ready));
            var started = await StartAsync(Quick, first);
            await BecomesAsync(started.Id, seen => seen.StepSince is not null, first);
        }

        await using var second = new RunningRegistry(data.Path);
        await ReportAsync("s1", Pools.Stable, second, (1, VersionState.Ready));
        await ReportAsync("c1", Pools.Canary, second, (2, VersionState.Ready));
        var rollout = await second.Http.GetAsync($"/api/rollouts/{_model}.1", ContractsJson.Default.Rollout);
        Assert.Equal((RolloutPhase.Progressing, 1000), (rollout.Phase, rollout.Weight.BasisPoints));
        using var answer = await second.Http.PostAsync($"/api/rollouts/{rollout.Id}/rollback", Calls.Json("""{"reason": "enough seen"}"""), Token);
        rollout = await Calls.ReadAsync(answer, HttpStatusCode.OK, ContractsJson.Default.Rollout);
        Assert.Equal((RolloutPhase.RolledBack, "enough seen"), (rollout.Phase, rollout.Reason));
    }

    [Fact]
    public async Task A_command_on_another_generation_changes_nothing()
    {
        var rollout = await UnderWayAsync();
        await VerdictAsync(rollout, "Advance");
        var after = await BecomesAsync(rollout.Id, seen => seen is { Step: 1, StepSince: not null });

        using var stale = await PostAsync(rollout.Id, "verdict", $$"""{"generation": {{rollout.Generation}}, "verdict": "RollBack", "reason": "late"}""");
        var problem = await Calls.AssertProblemAsync(stale, 409, "generation", $"{after.Generation}");
        Assert.Equal(after.Generation, problem.GetProperty("generation").GetInt64());
        using var twice = await PostAsync(rollout.Id, "promote", $$"""{"generation": {{rollout.Generation}}}""");
        await Calls.AssertProblemAsync(twice, 409, "generation");

        var now = await _registry.Http.GetAsync($"/api/rollouts/{rollout.Id}", ContractsJson.Default.Rollout);
        Assert.Equal((after.Generation, RolloutPhase.Progressing, 5000), (now.Generation, now.Phase, now.Weight.BasisPoints));
    }

    [Fact]
    public async Task What_lets_traffic_grow_must_name_the_generation_and_what_ends_it_need_not()
    {
        var rollout = await UnderWayAsync();
        foreach (var order in new[] { "resume", "approve", "promote" })
        {
            using var refused = await PostAsync(rollout.Id, order, "{}");
            await Calls.AssertProblemAsync(refused, 400, "generation");
        }

        using var paused = await _registry.Http.PostAsync($"/api/rollouts/{rollout.Id}/pause", content: null, Token);
        Assert.Equal(PauseKind.Person, (await Calls.ReadAsync(paused, HttpStatusCode.OK, ContractsJson.Default.Rollout)).Pause!.Kind);
        using var back = await _registry.Http.PostAsync($"/api/rollouts/{rollout.Id}/rollback", content: null, Token);
        Assert.Equal(RolloutPhase.RolledBack, (await Calls.ReadAsync(back, HttpStatusCode.OK, ContractsJson.Default.Rollout)).Phase);
        Assert.Equal((1, null, 0), (await ServingAsync()) is var serving ? (serving.Stable, serving.Canary, serving.CanaryWeight.BasisPoints) : default);
    }

    [Fact]
    public async Task There_is_one_rollout_a_model_and_no_way_around_it()
    {
        var rollout = await UnderWayAsync();

        using var second = await PostRolloutAsync("""{"version": 2}""");
        await Calls.AssertProblemAsync(second, 409, rollout.Id, "Progressing");
        using var outright = await _registry.Http.ServeAsync(_model, """{"stable": 2}""");
        await Calls.AssertProblemAsync(outright, 409, rollout.Id);
    }

    [Fact]
    public async Task A_new_rollout_ends_the_time_in_which_the_last_one_could_be_taken_back()
    {
        var rollout = await PromotedAsync();
        await ReportAsync("s1", Pools.Stable, (1, VersionState.Ready), (2, VersionState.Ready));

        var next = await StartAsync("""{"version": 1}""");

        Assert.Equal($"{_model}.2", next.Id);
        Assert.True((await _registry.Http.GetAsync($"/api/rollouts/{rollout.Id}", ContractsJson.Default.Rollout)).IsClosed);
        using var late = await PostAsync(rollout.Id, "rollback", "{}");
        await Calls.AssertProblemAsync(late, 409, "over");
        Assert.Equal((2, 1, null), (await ServingAsync()) is var serving ? (serving.Stable, serving.Canary, serving.Previous) : default);
    }

    [Fact]
    public async Task Taking_a_promotion_back_is_one_write()
    {
        var rollout = await PromotedAsync();

        using var answer = await PostAsync(rollout.Id, "rollback", """{"reason": "complaints"}""");

        Assert.Equal(RolloutPhase.RolledBack, (await Calls.ReadAsync(answer, HttpStatusCode.OK, ContractsJson.Default.Rollout)).Phase);
        Assert.Equal((1, null, null), (await ServingAsync()) is var serving ? (serving.Stable, serving.Canary, serving.Previous) : default);
    }

    [Fact]
    public async Task A_model_that_is_served_no_more_can_be_deleted_with_the_story_of_its_rollouts()
    {
        var rollout = await UnderWayAsync();
        using var busy = await _registry.Http.DeleteAsync($"/api/models/{_model}/serving", Token);
        await Calls.AssertProblemAsync(busy, 409, rollout.Id);
        using var back = await PostAsync(rollout.Id, "rollback", "{}");
        using var used = await _registry.Http.DeleteAsync($"/api/models/{_model}", Token);
        await Calls.AssertProblemAsync(used, 409, "version 1 is stable");
        using var stale = await _registry.Http.DeleteAsync($"/api/models/{_model}/serving?generation=1", Token);
        await Calls.AssertProblemAsync(stale, 409, "generation");

        using var stopped = await _registry.Http.DeleteAsync($"/api/models/{_model}/serving", Token);
        var state = await Calls.ReadAsync(stopped, HttpStatusCode.OK, ContractsJson.Default.ServingState);
        Assert.Equal((null, null), (state.Stable, state.Rollout));
        Assert.Empty(state.Assignments);
        using var deleted = await _registry.Http.DeleteAsync($"/api/models/{_model}", Token);
        Assert.True(deleted.IsSuccessStatusCode, await deleted.Content.ReadAsStringAsync(Token));

        using var events = await _registry.Http.GetAsync($"/api/rollouts/{rollout.Id}/events", Token);
        await Calls.AssertProblemAsync(events, 404);
        using var again = await _registry.Http.UploadAsync(_model, Calls.Raw(OnnxModels.Classifier()));
        var version = await Calls.ReadAsync(again, HttpStatusCode.Created, ContractsJson.Default.ModelVersion);
        Assert.Equal(3, version.Version); // numbers are not used twice
        Assert.Equal(1, (await _registry.Http.ServeAsync(_model, 3)).Generation);
    }

    [Fact]
    public async Task Gates_and_signature_refuse_with_figures_and_an_override_is_on_record()
    {
        await SetUpAsync(secondVersion: """{"metrics": {"accuracy": 0.91}}""", firstVersion: """{"metrics": {"accuracy": 0.95}}""");
        using var gates = await _registry.Http.PutAsync(
            $"/api/models/{_model}/gates", Calls.Json("""[{"metric": "accuracy", "min": 0.93, "maxDrop": 0.02}, {"metric": "f1", "min": 0.8}]"""), Token);
        Assert.True(gates.IsSuccessStatusCode, await gates.Content.ReadAsStringAsync(Token));

        using var refused = await PostRolloutAsync(Quick);
        var problem = await Calls.AssertProblemAsync(refused, 409, "accuracy: 0.91 is less than 0.93", "0.95 by more than 0.02", "f1: the version has no such figure");
        Assert.Equal(3, problem.GetProperty("refusals").GetArrayLength());

        var rollout = await StartAsync(Quick.Replace("}]", """}], "override": "the test set was wrong" """.Trim(), StringComparison.Ordinal));
        Assert.Equal("the test set was wrong", rollout.Override);
        Assert.Contains("accuracy: 0.91", rollout.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"version": 3}""", 409, "there is no version 3")]
    [InlineData("""{"version": 1}""", 409, "stable already")]
    [InlineData("""{"version": 2, "generation": 99}""", 409, "generation")]
    [InlineData("""{"version": 2, "profile": "reckless"}""", 400, "profile")]
    [InlineData("""{"version": 2, "steps": []}""", 400, "steps")]
    [InlineData("""{"version": 2, "steps": [{"weight": 5000}, {"weight": 100}]}""", 400, "never fall")]
    [InlineData("""{"version": 2, "steps": [{"weight": 0}]}""", 400, "steps[0].weight")]
    [InlineData("""{"version": 2, "steps": [{"weight": 10001}]}""", 400, "steps[0].weight")]
    [InlineData("""{"version": 2, "mirrorShare": 10001}""", 400, "mirrorShare")]
    [InlineData("""{"version": 2, "steps": [null]}""", 400, "steps[0]")]
    [InlineData("""{"version": 2, "steps": [{"weight": 5, "holdSeconds": -1}]}""", 400, "steps[0].holdSeconds")]
    [InlineData("""{"version": 2, "steps": [{"weight": 5, "gate": "Dog"}]}""", 400, "steps[0].gate")]
    [InlineData("""{"version": 2, "prepareTimeoutSeconds": 0}""", 400, "prepareTimeoutSeconds")]
    [InlineData("""{"version": 2, "analysis": {"maxErrorRate": 2}}""", 400, "analysis.maxErrorRate")]
    [InlineData("""{"version": 2, "promotionGate": "Webhook"}""", 400, "webhook")]
    [InlineData("""{"version": 2, "webhook": "https://hooks.example/"}""", 400, "WebhookSecret")]
    [InlineData("""{"version": "two"}""", 400, "version")]
    [InlineData("""{}""", 400, "version")]
    [InlineData("""[]""", 400, "body")]
    public async Task A_start_that_is_not_as_expected_is_refused(string body, int status, string word)
    {
        await SetUpAsync();

        using var answer = await PostRolloutAsync(body);

        await Calls.AssertProblemAsync(answer, status, word);
        Assert.Null((await ServingAsync()).Rollout);
    }

    [Fact]
    public async Task Nothing_is_compared_with_a_stable_version_that_nobody_serves()
    {
        await RegisterTwoAsync(_registry, null, null);
        await _registry.Http.ServeAsync(_model, 1);

        using var answer = await PostRolloutAsync(Quick);

        await Calls.AssertProblemAsync(answer, 409, "ready on no replica");
    }

    [Fact]
    public async Task A_pipeline_waits_for_the_end_and_is_answered_at_once_when_it_comes()
    {
        var rollout = await UnderWayAsync();
        var waiting = _registry.Http.GetAsync($"/api/rollouts/{rollout.Id}?wait=300s", ContractsJson.Default.Rollout);
        var changing = _registry.Http.GetAsync($"/api/rollouts/{rollout.Id}?wait=300&generation={rollout.Generation}", ContractsJson.Default.Rollout);
        Assert.False(waiting.IsCompleted);

        using var paused = await PostAsync(rollout.Id, "pause", "{}");
        Assert.Equal(RolloutPhase.Paused, (await changing).Phase);
        Assert.False(waiting.IsCompleted);
        using var back = await PostAsync(rollout.Id, "rollback", "{}");
        Assert.Equal(RolloutPhase.RolledBack, (await waiting).Phase);

        using var wrong = await _registry.Http.GetAsync($"/api/rollouts/{rollout.Id}?wait=1h", Token);
        await Calls.AssertProblemAsync(wrong, 400, "wait");
    }

    [Fact]
    public async Task Evidence_is_appended_by_compare_and_set()
    {
        var rollout = await UnderWayAsync();
        using var first = await PostAsync(rollout.Id, "evidence", """{"after": 0, "entries": [{"n": 1}, {"n": 2}]}""");
        Assert.Equal(HttpStatusCode.NoContent, first.StatusCode);
        using var clash = await PostAsync(rollout.Id, "evidence", """{"after": 0, "entries": [{"n": 9}]}""");
        Assert.Equal(2, (await Calls.AssertProblemAsync(clash, 409, "newest entry is 2")).GetProperty("last").GetInt64());
        using var second = await PostAsync(rollout.Id, "evidence", """{"after": 2, "entries": [{"n": 3}]}""");
        Assert.Equal(HttpStatusCode.NoContent, second.StatusCode);

        var page = await _registry.Http.GetAsync($"/api/rollouts/{rollout.Id}/evidence?after=1", ContractsJson.Default.EvidencePage);

        Assert.Equal((3, "2 3"), (page.Last, string.Join(' ', page.Entries.Select(entry => entry.Entry.GetProperty("n").GetInt32()))));
        foreach (var wrong in new[] { """{"after": -1, "entries": [{}]}""", """{"after": 3, "entries": []}""", """{"after": 3, "entries": [1]}""", """{"after": 3}""" })
        {
            using var answer = await PostAsync(rollout.Id, "evidence", wrong);
            await Calls.AssertProblemAsync(answer, 400);
        }
    }

    [Fact]
    public async Task A_lease_has_one_holder_until_it_runs_out_or_is_given_back()
    {
        var path = "/api/leases/judge";
        Assert.Equal("a", (await LeaseAsync("a", 30)).Holder);
        using var refused = await _registry.Http.PutAsync(path, Calls.Json("""{"holder": "b", "seconds": 30}"""), Token);
        Assert.Equal("a", (await Calls.AssertProblemAsync(refused, 409, "a holds")).GetProperty("holder").GetString());

        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(_time.GetUtcNow().AddSeconds(30), (await LeaseAsync("a", 30)).Until);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Null((await _registry.Http.GetAsync(path, ContractsJson.Default.Lease)).Holder);
        Assert.Equal("b", (await LeaseAsync("b", 30)).Holder);
        Assert.Null((await LeaseAsync("b", 0)).Holder);
        Assert.Equal("a", (await LeaseAsync("a", 1)).Holder);

        async Task<Lease> LeaseAsync(string holder, int seconds)
        {
            using var answer = await _registry.Http.PutAsync(path, Calls.Json($$"""{"holder": "{{holder}}", "seconds": {{seconds}}}"""), Token);
            return await Calls.ReadAsync(answer, HttpStatusCode.OK, ContractsJson.Default.Lease);
        }
    }

    [Fact]
    public async Task Watchers_see_the_open_rollout_and_that_it_is_gone()
    {
        await SetUpAsync();
        await using var events = await Watch.Events.OpenAsync(_registry.Http);
        var state = ClusterState.Empty.Apply(await events.NextEventAsync());

        var rollout = await StartAsync(Quick);
        state = state.Apply(await events.NextEventAsync());
        Assert.Equivalent(rollout, state.Rollouts[_model]);
        Assert.Equal(rollout.Id, state.Serving[_model].Rollout);

        using var back = await PostAsync(rollout.Id, "rollback", "{}");
        state = state.Apply(await events.NextEventAsync());
        Assert.Empty(state.Rollouts);
        Assert.Null(state.Serving[_model].Canary);
    }

    [Theory]
    [InlineData("/api/rollouts/nobody.1")]
    [InlineData("/api/rollouts/nobody.1/events")]
    [InlineData("/api/rollouts/nobody.1/evidence")]
    [InlineData("/api/rollouts/nobody")]
    [InlineData("/api/rollouts/nobody.x")]
    [InlineData("/api/rollouts/nobody.99999999999")]
    public async Task A_rollout_that_is_not_there_is_not_found(string path)
    {
        using var answer = await _registry.Http.GetAsync(path, Token);

        await Calls.AssertProblemAsync(answer, 404);
    }

    private async Task SetUpAsync(RunningRegistry? registry = null, string? firstVersion = null, string? secondVersion = null)
    {
        registry ??= _registry;
        await RegisterTwoAsync(registry, firstVersion, secondVersion);
        await registry.Http.ServeAsync(_model, 1);
        await ReportAsync("s1", Pools.Stable, registry, (1, VersionState.Ready));
        await registry.Client.ReportGatewayAsync("g1", new GatewayReport { Address = "http://g1", Loads = [new ModelLoad(_model, 2)] }, Token);
    }

    private async Task RegisterTwoAsync(RunningRegistry registry, string? first, string? second)
    {
        foreach (var metadata in new[] { first, second })
        {
            using var answer = await registry.Http.UploadAsync(_model, Calls.Parts(metadata ?? "{}", ("model.onnx", OnnxModels.Classifier())));
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Other_stickiness_waits_for_the_verdict_and_leaves_the_way_back_open()
    {
        const string body = """{"stable": 2, "stickiness": {"kind": "cookie", "name": "session"}}""";
        var rollout = await UnderWayAsync();
        using var refused = await _registry.Http.ServeAsync(_model, body);
        await Calls.AssertProblemAsync(refused, 409, rollout.Id);
        await ReportAsync("s1", Pools.Stable, (1, VersionState.Ready), (2, VersionState.Ready));
        using var promotion = await PostAsync(rollout.Id, "promote", $$"""{"generation": {{rollout.Generation}}}""");
        Assert.Equal(HttpStatusCode.OK, promotion.StatusCode);
        await BecomesAsync(rollout.Id, seen => seen.Phase == RolloutPhase.Promoted);

        using var set = await _registry.Http.ServeAsync(_model, body);
        var serving = await Calls.ReadAsync(set, HttpStatusCode.OK, ContractsJson.Default.ServingState);
        Assert.Equal((2, 1, rollout.Id), (serving.Stable, serving.Previous, serving.Rollout));

        using var back = await PostAsync(rollout.Id, "rollback", """{"reason": "enough seen"}""");
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
        serving = await ServingAsync();
        Assert.Equal((1, new Stickiness(StickinessKind.Cookie, "session")), (serving.Stable, serving.Stickiness));
    }

    private async Task<Rollout> UnderWayAsync()
    {
        await SetUpAsync();
        await ReportAsync("c1", Pools.Canary, (2, VersionState.Ready));
        var rollout = await StartAsync(Quick);
        return await BecomesAsync(rollout.Id, seen => seen.StepSince is not null);
    }

    private async Task<Rollout> PromotedAsync()
    {
        var rollout = await UnderWayAsync();
        await ReportAsync("s1", Pools.Stable, (1, VersionState.Ready), (2, VersionState.Ready));
        using var answer = await PostAsync(rollout.Id, "promote", $$"""{"generation": {{rollout.Generation}}, "reason": "a hotfix"}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await BecomesAsync(rollout.Id, seen => seen.Phase == RolloutPhase.Promoted);
    }

    private Task ReportAsync(string id, string pool, params (int Version, VersionState State)[] versions) => ReportAsync(id, pool, _registry, versions);

    private Task ReportAsync(string id, string pool, RunningRegistry registry, params (int Version, VersionState State)[] versions) =>
        registry.Client.ReportReplicaAsync(
            id,
            Calls.Replica(pool, [.. versions.Select(version => new ReplicaVersion(_model, version.Version, VersionDigest.Prefix + new string('a', 64), version.State))]),
            Token);

    private Task<HttpResponseMessage> PostRolloutAsync(string body, RunningRegistry? registry = null) =>
        (registry ?? _registry).Http.PostAsync($"/api/models/{_model}/rollouts", Calls.Json(body), Token);

    private Task<HttpResponseMessage> PostAsync(string id, string what, string body) => _registry.Http.PostAsync($"/api/rollouts/{id}/{what}", Calls.Json(body), Token);

    private async Task<Rollout> StartAsync(string body, RunningRegistry? registry = null)
    {
        using var answer = await PostRolloutAsync(body, registry);
        var rollout = await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.Rollout);
        Assert.Equal($"/api/rollouts/{rollout.Id}", answer.Headers.Location?.OriginalString);
        return rollout;
    }

    private async Task VerdictAsync(Rollout rollout, string verdict, string figures = "{}")
    {
        using var answer = await PostAsync(
            rollout.Id, "verdict", $$"""{"generation": {{rollout.Generation}}, "verdict": "{{verdict}}", "reason": "no difference seen", "figures": {{figures}}}""");
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    private async Task<Rollout> BecomesAsync(string id, Func<Rollout, bool> isAsWanted, RunningRegistry? registry = null)
    {
        Rollout? seen = null;
        await Eventually.BecomesTrueAsync(async () =>
        {
            seen = await (registry ?? _registry).Http.GetAsync($"/api/rollouts/{id}", ContractsJson.Default.Rollout);
            return isAsWanted(seen);
        });
        return seen!;
    }

    private Task<ServingState> ServingAsync() => _registry.Http.GetAsync($"/api/models/{_model}/serving", ContractsJson.Default.ServingState);
}
