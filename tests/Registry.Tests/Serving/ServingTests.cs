using System.Net;
using Sluice.Contracts;
using Sluice.Registry.Serving;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Serving;

/// <summary>Which version serves a model.</summary>
public sealed class ServingTests(SharedRegistry registry)
{
    [Fact]
    public async Task The_first_stable_version_is_assigned_to_the_stable_pool()
    {
        var model = await NewModelAsync(versions: 1);

        var state = await registry.Http.ServeAsync(model, 1);

        Assert.Equal((1, 1, null, null, Weight.None), (state.Generation, state.Stable, state.Previous, state.Canary, state.CanaryWeight));
        Assert.Equal([new PoolAssignment(Pools.Stable, 1)], state.Assignments);
        Assert.Equivalent(state, await registry.Http.GetAsync($"/api/models/{model}/serving", ContractsJson.Default.ServingState));
        Assert.Contains(await registry.Http.GetAsync(ApiPaths.AllServing, ContractsJson.Default.IReadOnlyListServingState), one => one.Model == model);
    }

    [Fact]
    public async Task The_former_stable_version_stays_assigned()
    {
        var model = await NewModelAsync(versions: 3);
        await registry.Http.ServeAsync(model, 1);

        var second = await registry.Http.ServeAsync(model, 2);
        Assert.Equal((2, 2, 1), (second.Generation, second.Stable, second.Previous));
        Assert.Equal([new PoolAssignment(Pools.Stable, 2), new PoolAssignment(Pools.Stable, 1)], second.Assignments);

        var third = await registry.Http.ServeAsync(model, 3);
        Assert.Equal([new PoolAssignment(Pools.Stable, 3), new PoolAssignment(Pools.Stable, 2)], third.Assignments);

        var back = await registry.Http.ServeAsync(model, 2);
        Assert.Equal((4, 2, 3), (back.Generation, back.Stable, back.Previous));
    }

    [Fact]
    public async Task What_is_stable_already_stays_as_it_is()
    {
        var model = await NewModelAsync(versions: 1);
        var first = await registry.Http.ServeAsync(model, 1);

        Assert.Equivalent(first, await registry.Http.ServeAsync(model, 1));
    }

    [Theory]
    [InlineData("""{"kind": "header", "name": "x-user"}""", StickinessKind.Header, "x-user")]
    [InlineData("""{"kind": "Cookie", "name": "session_id"}""", StickinessKind.Cookie, "session_id")]
    [InlineData("""{"kind": "key"}""", StickinessKind.Key, null)]
    public async Task Callers_stay_on_one_version_by_what_is_set_until_that_is_taken_back(string stickiness, StickinessKind kind, string? name)
    {
        var model = await NewModelAsync(versions: 2);
        await registry.Http.ServeAsync(model, 1);

        Assert.Equal((2, new Stickiness(kind, name)), await StickAsync(model, $$"""{"stable": 1, "stickiness": {{stickiness}}}"""));
        Assert.Equal((2, new Stickiness(kind, name)), await StickAsync(model, $$"""{"stable": 1, "stickiness": {{stickiness}}}""")); // as it is already
        Assert.Equal((3, new Stickiness(kind, name)), await StickAsync(model, """{"stable": 2}"""));
        Assert.Equal((4, null), await StickAsync(model, """{"stable": 1, "stickiness": {"kind": "none"}}"""));

        var audit = await registry.Http.GetAsync($"{ApiPaths.Audit}?model={model}", ContractsJson.Default.AuditPage);
        Assert.Contains(audit.Records, record => record.Action == "serving.set" && record.Reason?.Contains($"{kind}", StringComparison.OrdinalIgnoreCase) is true);
        Assert.Contains(audit.Records, record => record.Reason == "Callers stay on no version.");
    }

    [Theory]
    [InlineData("""{"kind": "header"}""", 422, "stickiness.name")]
    [InlineData("""{"kind": "header", "name": "a b"}""", 422, "stickiness.name")]
    [InlineData("""{"kind": "cookie", "name": ""}""", 422, "stickiness.name")]
    [InlineData("""{"kind": "key", "name": "x"}""", 422, "stickiness.name")]
    [InlineData("""{"kind": "none", "name": "x"}""", 422, "stickiness.name")]
    [InlineData("""{"kind": 9}""", 422, "stickiness.kind")]
    [InlineData("""{"kind": "weather"}""", 400, "stickiness")]
    [InlineData("""{"name": "x"}""", 400, "stickiness")]
    public async Task A_stickiness_that_says_nothing_is_refused(string stickiness, int status, string word)
    {
        var model = await NewModelAsync(versions: 1);

        using var answer = await registry.Http.ServeAsync(model, $$"""{"stable": 1, "stickiness": {{stickiness}}}""");

        await Calls.AssertProblemAsync(answer, status, word);
    }

    [Fact]
    public async Task A_generation_that_is_stale_is_refused_with_the_current_one()
    {
        var model = await NewModelAsync(versions: 2);
        await registry.Http.ServeAsync(model, 1);

        foreach (var (stable, generation) in new[] { (2, 0), (2, 2), (1, 0) })
        {
            using var stale = await registry.Http.ServeAsync(model, $$"""{"stable": {{stable}}, "generation": {{generation}}}""");
            var problem = await Calls.AssertProblemAsync(stale, 409, $"generation: {generation}", "at 1");
            Assert.Equal((1, 1), (problem.GetProperty("generation").GetInt64(), problem.GetProperty("stable").GetInt32()));
        }

        using var right = await registry.Http.ServeAsync(model, """{"stable": 2, "generation": 1}""");
        Assert.Equal(2, (await Calls.ReadAsync(right, HttpStatusCode.OK, ContractsJson.Default.ServingState)).Generation);
    }

    [Fact]
    public async Task Of_commands_at_once_that_saw_one_generation_one_wins()
    {
        var model = await NewModelAsync(versions: 4);

        var answers = await Task.WhenAll(Enumerable.Range(1, 4).Select(n => registry.Http.ServeAsync(model, $$"""{"stable": {{n}}, "generation": 0}""")));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Equal(3, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        Array.ForEach(answers, answer => answer.Dispose());
    }

    [Fact]
    public async Task Models_and_versions_that_do_not_exist_are_told()
    {
        var model = await NewModelAsync(versions: 1);
        using var noVersion = await registry.Http.ServeAsync(model, """{"stable": 2}""");
        await Calls.AssertProblemAsync(noVersion, 422, "stable", "version 2", model);
        using var noModel = await registry.Http.ServeAsync(Calls.NewModel(), """{"stable": 1}""");
        await Calls.AssertProblemAsync(noModel, 404, "no model");
        using var noState = await registry.Http.GetAsync($"/api/models/{model}/serving", TestContext.Current.CancellationToken);
        await Calls.AssertProblemAsync(noState, 404, model);
        using var noName = await registry.Http.ServeAsync("a b", """{"stable": 1}""");
        await Calls.AssertProblemAsync(noName, 400, ModelName.Rule);
    }

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("{", "line 1")]
    [InlineData("[]", "stable")]
    [InlineData("null", "null")]
    [InlineData("{}", "stable: missing")]
    [InlineData("""{"stable": "1"}""", "stable")]
    [InlineData("""{"stable": 1.5}""", "stable")]
    [InlineData("""{"stable": null}""", "stable")]
    [InlineData("""{"stable": 99999999999}""", "stable")]
    [InlineData("""{"stable": 1, "generation": "x"}""", "generation")]
    public async Task A_body_that_is_not_of_its_form_is_refused_by_field(string body, string word)
    {
        using var answer = await registry.Http.ServeAsync(Calls.NewModel(), body);

        await Calls.AssertProblemAsync(answer, 400, word, """{"stable": version's number""");
    }

    [Fact]
    public async Task A_body_that_is_no_JSON_is_refused()
    {
        using var answer = await registry.Http.PutAsync("/api/models/m/serving", new StringContent("stable=1"), TestContext.Current.CancellationToken);

        await Calls.AssertProblemAsync(answer, 415, "Content-Type", "application/json");
    }

    [Fact]
    public void Assignments_of_other_pools_are_left_alone()
    {
        var state = new ServingState
        {
            Model = "m",
            Generation = 7,
            Stable = 1,
            Canary = 2,
            CanaryWeight = new Weight(500),
            Assignments = [new PoolAssignment(Pools.Stable, 1), new PoolAssignment(Pools.Canary, 2)],
        };

        var next = StableVersion.Set(state, "m", 3);

        Assert.Equal([new(Pools.Stable, 3), new(Pools.Stable, 1), new PoolAssignment(Pools.Canary, 2)], next.Assignments);
        Assert.Equal((8, 2, new Weight(500)), (next.Generation, next.Canary, next.CanaryWeight));
    }

    private async Task<(long, Stickiness?)> StickAsync(string model, string body)
    {
        using var answer = await registry.Http.ServeAsync(model, body);
        var state = await Calls.ReadAsync(answer, HttpStatusCode.OK, ContractsJson.Default.ServingState);
        return (state.Generation, state.Stickiness);
    }

    private async Task<string> NewModelAsync(int versions)
    {
        var model = Calls.NewModel();
        for (var i = 0; i < versions; i++)
        {
            await registry.Http.RegisterAsync(model, OnnxModels.Scale(i, -1));
        }

        return model;
    }
}
