using System.Net;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Faults;

/// <summary>A replica that fails costs no request while another one has the version.</summary>
public sealed class RetryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("abort", "broken")]
    [InlineData("half", "broken")]
    [InlineData("503", "unavailable")]
    [InlineData("200 without a digest", "stranger")]
    [InlineData("200 of another digest", "stranger")]
    [InlineData("404 without a digest", "stranger")]
    public async Task What_one_replica_cannot_answer_another_one_does(string failure, string reason)
    {
        await using var stage = await Stage.SetWithWineAsync(2);
        using var counts = new Counts(stage.Gateway);
        stage.Predictor(0).Answer = context => Mischief.PlayAsync(context, failure);

        for (var i = 0; i < 20; i++)
        {
            using var answer = await stage.Gateway.InferAsync("wine");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains("predictor-1", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }

        Assert.InRange(counts.Of(MetricNames.GatewayRetries, ("reason", reason)), 1, 20);
        Assert.Equal(20, counts.Of(MetricNames.GatewayResponses, ("outcome", "ok")));
        Assert.Equal(20, counts.Of(MetricNames.GatewayRequests)); // first attempts only
    }

    [Fact]
    public async Task A_replica_that_hangs_is_found_out_by_the_probes_and_its_requests_go_elsewhere()
    {
        await using var stage = await Stage.SetWithWineAsync(2, ("Gateway:ProbeInterval", "00:00:00.100"), ("Gateway:ProbeTimeout", "00:00:00.200"));
        using var counts = new Counts(stage.Gateway);
        await Eventually.BecomesTrueAsync(() => stage.Gateway.Routes.Current.Replicas["predictor-0"].IsAlive is true);

        // As if it had been stopped: what it has is not answered, and neither are probes.
        stage.Predictor(0).Answer = context => Mischief.PlayAsync(context, "hang");
        var answers = Enumerable.Range(0, 20).Select(_ => stage.Gateway.InferAsync("wine")).ToArray();
        await Eventually.BecomesTrueAsync(() => stage.Predictor(0).InProgress > 0);
        stage.Predictor(0).AnswersProbes = false;

        foreach (var answer in await Task.WhenAll(answers))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            answer.Dispose();
        }

        Assert.True(counts.Of(MetricNames.GatewayRetries, ("reason", "hung")) > 0);

        // From now on it is asked nothing, until it answers a probe.
        var before = stage.Predictor(0).Seen.Count;
        for (var i = 0; i < 10; i++)
        {
            (await stage.Gateway.InferAsync("wine")).Dispose();
        }

        Assert.Equal(before, stage.Predictor(0).Seen.Count);
        stage.Predictor(0).AnswersProbes = true;
        await Eventually.BecomesTrueAsync(() => stage.Gateway.Routes.Current.Replicas["predictor-0"].IsAlive is true);
    }

    [Fact]
    public async Task The_Registrys_word_never_empties_a_route_while_the_replica_answers_probes()
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:ProbeInterval", "00:00:00.100"), ("Gateway:ProbeTimeout", "00:00:00.200"));
        await Eventually.BecomesTrueAsync(() => stage.Gateway.Routes.Current.Replicas["predictor-0"].IsAlive is true);

        stage.Registry.Expire("predictor-0");
        await stage.CaughtUpAsync();
        using (var kept = await stage.Gateway.InferAsync("wine"))
        {
            Assert.Equal(HttpStatusCode.OK, kept.StatusCode);
        }

        // Somebody else has its address now.
        stage.Predictor(0).ProbedId = "another";
        await Eventually.BecomesTrueAsync(() => stage.Gateway.Routes.Current.Replicas.Count == 0);
        using var gone = await stage.Gateway.InferAsync("wine");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, gone.StatusCode);
    }

    [Fact]
    public async Task A_replica_that_said_that_it_drains_is_not_kept()
    {
        await using var stage = await Stage.SetWithWineAsync(1);
        await Eventually.BecomesTrueAsync(() => stage.Gateway.Routes.Current.Replicas["predictor-0"].IsAlive is true);

        stage.Registry.Report(stage.Predictor(), ("wine", 1, VersionState.Draining));
        await stage.CaughtUpAsync();
        stage.Registry.Expire("predictor-0");
        await stage.CaughtUpAsync();

        using var answer = await stage.Gateway.InferAsync("wine");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    [Fact]
    public async Task Retries_have_a_budget()
    {
        await using var stage = await Stage.SetWithWineAsync(2);
        using var counts = new Counts(stage.Gateway);
        stage.Predictor(0).Answer = stage.Predictor(1).Answer = context => Mischief.PlayAsync(context, "503");

        // A stock of a thousand, and one in five requests from then on.
        await Parallel.ForAsync(0, 1500, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) => (await stage.Gateway.InferAsync("wine")).Dispose());

        Assert.InRange(counts.Of(MetricNames.GatewayRetries), 1000, 1000 + (1500 / 5));
    }
}
