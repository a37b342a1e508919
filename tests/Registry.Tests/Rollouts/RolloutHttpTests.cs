using System.Net;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Rollouts;

/// <summary>Rollouts as people, pipelines and the judge drive them.</summary>
public sealed class RolloutHttpTests : RolloutStage
{
    [Fact]
    public async Task A_rollout_goes_from_start_to_promotion_and_its_story_can_be_read()
    {
        await SetUpAsync();
        var rollout = await StartAsync(Quick);
        Assert.Equal(($"{Model}.1", RolloutPhase.Preparing, 1, 2), (rollout.Id, rollout.Phase, rollout.Stable, rollout.Canary));
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

        var events = await Registry.Http.GetAsync($"/api/rollouts/{rollout.Id}/events", ContractsJson.Default.IReadOnlyListRolloutEvent);
        Assert.Equal(
            ["start", "step.enter", "step.begin", "step.enter", "step.begin", "promote.begin", "promote"], events.Select(each => each.What));
        Assert.Equal(700, events[3].Figures!.Value.GetProperty("canary").GetProperty("requests").GetInt32());
        Assert.Equal(Enumerable.Range(1, 7).Select(n => (long)n), events.Select(each => each.Number));

        // The time to take it back passes.
        Time.Advance(TimeSpan.FromSeconds(3601));
        await BecomesAsync(rollout.Id, seen => seen.IsClosed);
        Assert.Null((await ServingAsync()).Previous);
        Assert.Empty(await Registry.Http.GetAsync("/api/rollouts", ContractsJson.Default.IReadOnlyListRollout));
        Assert.Equal(rollout.Id, Assert.Single(await Registry.Http.GetAsync($"/api/models/{Model}/rollouts", ContractsJson.Default.IReadOnlyListRollout)).Id);
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
        var rollout = await second.Http.GetAsync($"/api/rollouts/{Model}.1", ContractsJson.Default.Rollout);
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

        var now = await Registry.Http.GetAsync($"/api/rollouts/{rollout.Id}", ContractsJson.Default.Rollout);
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

        using var paused = await Registry.Http.PostAsync($"/api/rollouts/{rollout.Id}/pause", content: null, Token);
        Assert.Equal(PauseKind.Person, (await Calls.ReadAsync(paused, HttpStatusCode.OK, ContractsJson.Default.Rollout)).Pause!.Kind);
        using var back = await Registry.Http.PostAsync($"/api/rollouts/{rollout.Id}/rollback", content: null, Token);
        Assert.Equal(RolloutPhase.RolledBack, (await Calls.ReadAsync(back, HttpStatusCode.OK, ContractsJson.Default.Rollout)).Phase);
        Assert.Equal((1, null, 0), (await ServingAsync()) is var serving ? (serving.Stable, serving.Canary, serving.CanaryWeight.BasisPoints) : default);
    }

    [Fact]
    public async Task A_new_rollout_ends_theTime_in_which_the_last_one_could_be_taken_back()
    {
        var rollout = await PromotedAsync();
        await ReportAsync("s1", Pools.Stable, (1, VersionState.Ready), (2, VersionState.Ready));

        var next = await StartAsync("""{"version": 1}""");

        Assert.Equal($"{Model}.2", next.Id);
        Assert.True((await Registry.Http.GetAsync($"/api/rollouts/{rollout.Id}", ContractsJson.Default.Rollout)).IsClosed);
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
    public async Task AModel_that_is_served_no_more_can_be_deleted_with_the_story_of_its_rollouts()
    {
        var rollout = await UnderWayAsync();
        using var busy = await Registry.Http.DeleteAsync($"/api/models/{Model}/serving", Token);
        await Calls.AssertProblemAsync(busy, 409, rollout.Id);
        using var back = await PostAsync(rollout.Id, "rollback", "{}");
        using var used = await Registry.Http.DeleteAsync($"/api/models/{Model}", Token);
        await Calls.AssertProblemAsync(used, 409, "version 1 is stable");
        using var stale = await Registry.Http.DeleteAsync($"/api/models/{Model}/serving?generation=1", Token);
        await Calls.AssertProblemAsync(stale, 409, "generation");

        using var stopped = await Registry.Http.DeleteAsync($"/api/models/{Model}/serving", Token);
        var state = await Calls.ReadAsync(stopped, HttpStatusCode.OK, ContractsJson.Default.ServingState);
        Assert.Equal((null, null), (state.Stable, state.Rollout));
        Assert.Empty(state.Assignments);
        using var deleted = await Registry.Http.DeleteAsync($"/api/models/{Model}", Token);
        Assert.True(deleted.IsSuccessStatusCode, await deleted.Content.ReadAsStringAsync(Token));

        using var events = await Registry.Http.GetAsync($"/api/rollouts/{rollout.Id}/events", Token);
        await Calls.AssertProblemAsync(events, 404);
        using var again = await Registry.Http.UploadAsync(Model, Calls.Raw(OnnxModels.Classifier()));
        var version = await Calls.ReadAsync(again, HttpStatusCode.Created, ContractsJson.Default.ModelVersion);
        Assert.Equal(3, version.Version); // numbers are not used twice
        Assert.Equal(1, (await Registry.Http.ServeAsync(Model, 3)).Generation);
    }

    [Fact]
    public async Task Other_stickiness_waits_for_the_verdict_and_leaves_the_way_back_open()
    {
        const string body = """{"stable": 2, "stickiness": {"kind": "cookie", "name": "session"}}""";
        var rollout = await UnderWayAsync();
        using var refused = await Registry.Http.ServeAsync(Model, body);
        await Calls.AssertProblemAsync(refused, 409, rollout.Id);
        await ReportAsync("s1", Pools.Stable, (1, VersionState.Ready), (2, VersionState.Ready));
        using var promotion = await PostAsync(rollout.Id, "promote", $$"""{"generation": {{rollout.Generation}}}""");
        Assert.Equal(HttpStatusCode.OK, promotion.StatusCode);
        await BecomesAsync(rollout.Id, seen => seen.Phase == RolloutPhase.Promoted);

        using var set = await Registry.Http.ServeAsync(Model, body);
        var serving = await Calls.ReadAsync(set, HttpStatusCode.OK, ContractsJson.Default.ServingState);
        Assert.Equal((2, 1, rollout.Id), (serving.Stable, serving.Previous, serving.Rollout));

        using var back = await PostAsync(rollout.Id, "rollback", """{"reason": "enough seen"}""");
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
        serving = await ServingAsync();
        Assert.Equal((1, new Stickiness(StickinessKind.Cookie, "session")), (serving.Stable, serving.Stickiness));
    }
}
