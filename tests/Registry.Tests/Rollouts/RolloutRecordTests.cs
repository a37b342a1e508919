using System.Net;
using Sluice.Contracts;

namespace Sluice.Registry.Tests.Rollouts;

/// <summary>What is written down of rollouts, and who waits for it, watches it or holds the judge's lease.</summary>
public sealed class RolloutRecordTests : RolloutStage
{
    [Fact]
    public async Task A_pipeline_waits_for_the_end_and_is_answered_at_once_when_it_comes()
    {
        var rollout = await UnderWayAsync();
        var waiting = Registry.Http.GetAsync($"/api/rollouts/{rollout.Id}?wait=300s", ContractsJson.Default.Rollout);
        var changing = Registry.Http.GetAsync($"/api/rollouts/{rollout.Id}?wait=300&generation={rollout.Generation}", ContractsJson.Default.Rollout);
        Assert.False(waiting.IsCompleted);

        using var paused = await PostAsync(rollout.Id, "pause", "{}");
        Assert.Equal(RolloutPhase.Paused, (await changing).Phase);
        Assert.False(waiting.IsCompleted);
        using var back = await PostAsync(rollout.Id, "rollback", "{}");
        Assert.Equal(RolloutPhase.RolledBack, (await waiting).Phase);

        using var wrong = await Registry.Http.GetAsync($"/api/rollouts/{rollout.Id}?wait=1h", Token);
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

        var page = await Registry.Http.GetAsync($"/api/rollouts/{rollout.Id}/evidence?after=1", ContractsJson.Default.EvidencePage);

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
        using var refused = await Registry.Http.PutAsync(path, Calls.Json("""{"holder": "b", "seconds": 30}"""), Token);
        Assert.Equal("a", (await Calls.AssertProblemAsync(refused, 409, "a holds")).GetProperty("holder").GetString());

        Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(Time.GetUtcNow().AddSeconds(30), (await LeaseAsync("a", 30)).Until);
        Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Null((await Registry.Http.GetAsync(path, ContractsJson.Default.Lease)).Holder);
        Assert.Equal("b", (await LeaseAsync("b", 30)).Holder);
        Assert.Null((await LeaseAsync("b", 0)).Holder);
        Assert.Equal("a", (await LeaseAsync("a", 1)).Holder);

        async Task<Lease> LeaseAsync(string holder, int seconds)
        {
            using var answer = await Registry.Http.PutAsync(path, Calls.Json($$"""{"holder": "{{holder}}", "seconds": {{seconds}}}"""), Token);
            return await Calls.ReadAsync(answer, HttpStatusCode.OK, ContractsJson.Default.Lease);
        }
    }

    [Fact]
    public async Task Watchers_see_the_open_rollout_and_that_it_is_gone()
    {
        await SetUpAsync();
        await using var events = await Watch.Events.OpenAsync(Registry.Http);
        var state = ClusterState.Empty.Apply(await events.NextEventAsync());

        var rollout = await StartAsync(Quick);
        state = state.Apply(await events.NextEventAsync());
        Assert.Equivalent(rollout, state.Rollouts[Model]);
        Assert.Equal(rollout.Id, state.Serving[Model].Rollout);

        using var back = await PostAsync(rollout.Id, "rollback", "{}");
        state = state.Apply(await events.NextEventAsync());
        Assert.Empty(state.Rollouts);
        Assert.Null(state.Serving[Model].Canary);
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
        using var answer = await Registry.Http.GetAsync(path, Token);

        await Calls.AssertProblemAsync(answer, 404);
    }
}
