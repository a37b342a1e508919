using System.Net;
using Sluice.Contracts;

namespace Sluice.Registry.Tests.Rollouts;

/// <summary>What a rollout must be to start at all.</summary>
public sealed class RolloutStartTests : RolloutStage
{
    [Fact]
    public async Task Gates_and_signature_refuse_with_figures_and_an_override_is_on_record()
    {
        await SetUpAsync(secondVersion: """{"metrics": {"accuracy": 0.91}}""", firstVersion: """{"metrics": {"accuracy": 0.95}}""");
        using var gates = await Registry.Http.PutAsync(
            $"/api/models/{Model}/gates", Calls.Json("""[{"metric": "accuracy", "min": 0.93, "maxDrop": 0.02}, {"metric": "f1", "min": 0.8}]"""), Token);
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
    [InlineData("""{"version": 2, "mirrorShare": 100, "analysis": {"maxDisagreement": 0}}""", 400, "analysis.maxDisagreement")]
    [InlineData("""{"version": 2, "mirrorShare": 100, "analysis": {"maxDisagreement": 0.1, "rule": "Checks"}}""", 400, "only the rule Sequential")]
    [InlineData("""{"version": 2, "analysis": {"maxDisagreement": 0.1}}""", 400, "mirrorShare")]
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
    public async Task Whoever_has_the_lease_of_the_judge_is_asked_before_the_first_share()
    {
        await SetUpAsync();
        using var lease = await Registry.Http.PutAsync($"/api/leases/{Lease.OfJudge}", Calls.Json("""{"holder": "j", "seconds": 300}"""), Token);
        Assert.Equal(HttpStatusCode.OK, lease.StatusCode);
        await ReportAsync("c1", Pools.Canary, (2, VersionState.Ready));
        var rollout = await StartAsync(Quick);

        await VerdictAsync(rollout, "Hold");
        rollout = await BecomesAsync(rollout.Id, seen => seen.Hold is not null);
        Assert.Equal((RolloutPhase.Preparing, false), (rollout.Phase, rollout.IsCleared));
        await VerdictAsync(rollout, "Advance");
        rollout = await BecomesAsync(rollout.Id, seen => seen.StepSince is not null);

        Assert.True(rollout is { IsCleared: true, Step: 0, Hold: null });
        var events = await Registry.Http.GetAsync($"/api/rollouts/{rollout.Id}/events", ContractsJson.Default.IReadOnlyListRolloutEvent);
        Assert.Equal(["start", "hold", "preflight", "step.enter", "step.begin"], events.Select(each => each.What));
    }

    [Fact]
    public async Task Nothing_is_compared_with_a_stable_version_that_nobody_serves()
    {
        await RegisterTwoAsync(Registry, null, null);
        await Registry.Http.ServeAsync(Model, 1);

        using var answer = await PostRolloutAsync(Quick);

        await Calls.AssertProblemAsync(answer, 409, "ready on no replica");
    }

    [Fact]
    public async Task There_is_one_rollout_aModel_and_no_way_around_it()
    {
        var rollout = await UnderWayAsync();

        using var second = await PostRolloutAsync("""{"version": 2}""");
        await Calls.AssertProblemAsync(second, 409, rollout.Id, "Progressing");
        using var outright = await Registry.Http.ServeAsync(Model, """{"stable": 2}""");
        await Calls.AssertProblemAsync(outright, 409, rollout.Id);
    }
}
