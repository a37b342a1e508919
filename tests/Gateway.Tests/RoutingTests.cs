using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>Which replica answers which request, as callers see it.</summary>
public sealed class RoutingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_reaches_a_replica_of_the_stable_version_and_brings_its_answer()
    {
        await using var stage = await Stage.SetWithWineAsync();

        using var answer = await stage.Gateway.InferAsync("wine");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("""{"replica":"predictor-0","version":"1"}""", await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal("/v2/models/wine/versions/1/infer", Assert.Single(stage.Predictor().Seen).Path);
    }

    [Fact]
    public async Task MLflow_scoring_reaches_the_scoring_path_of_the_version()
    {
        await using var stage = await Stage.SetWithWineAsync();

        using var answer = await stage.Http.PostAsync("/models/wine/invocations", Neighbours.RunningGateway.Json("{}"), Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("/models/wine/versions/1/invocations", Assert.Single(stage.Predictor().Seen).Path);
    }

    [Fact]
    public async Task Only_replicas_that_have_the_version_ready_are_asked()
    {
        await using var stage = await Stage.SetWithWineAsync();
        stage.Registry.Report(await stage.AddPredictorAsync(), ("wine", 1, VersionState.Loading));
        stage.Registry.Report(await stage.AddPredictorAsync(), ("wine", 1, VersionState.Failed));
        stage.Registry.Report(await stage.AddPredictorAsync(), ("wine", 1, VersionState.Draining));
        await stage.CaughtUpAsync();

        for (var i = 0; i < 20; i++)
        {
            using var answer = await stage.Gateway.InferAsync("wine");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Equal(20, stage.Predictor().Seen.Count);
    }

    [Fact]
    public async Task Requests_spread_over_replicas_as_they_come_and_leave_those_that_go()
    {
        await using var stage = await Stage.SetWithWineAsync();
        stage.Registry.Report(await stage.AddPredictorAsync(), ("wine", 1, VersionState.Ready));
        await stage.CaughtUpAsync();
        await Eventually.BecomesTrueAsync(async () =>
        {
            using var answer = await stage.Gateway.InferAsync("wine");
            return !stage.Predictor(0).Seen.IsEmpty && !stage.Predictor(1).Seen.IsEmpty;
        });

        stage.Registry.Report(stage.Predictor(0), ("wine", 1, VersionState.Draining)); // else it is kept for as long as it answers probes
        stage.Registry.Expire("predictor-0");
        await stage.CaughtUpAsync();
        var before = stage.Predictor(0).Seen.Count;
        for (var i = 0; i < 20; i++)
        {
            using var answer = await stage.Gateway.InferAsync("wine");
        }

        Assert.Equal(before, stage.Predictor(0).Seen.Count);
    }

    [Fact]
    public async Task A_busy_replica_gets_no_more_while_another_one_idles()
    {
        await using var stage = await Stage.SetWithWineAsync(2);
        var finish = new TaskCompletionSource();
        stage.Predictor(0).Answer = stage.Predictor(1).Answer = _ => finish.Task;

        var first = stage.Gateway.InferAsync("wine");
        await Eventually.BecomesTrueAsync(() => stage.Predictor(0).InProgress + stage.Predictor(1).InProgress == 1);
        var second = stage.Gateway.InferAsync("wine");
        await Eventually.BecomesTrueAsync(() => stage.Predictor(0).InProgress == 1 && stage.Predictor(1).InProgress == 1);

        finish.SetResult();
        (await first).Dispose();
        (await second).Dispose();
    }

    [Fact]
    public async Task A_pinned_version_is_asked_of_any_replica_that_has_it_ready()
    {
        await using var stage = await Stage.SetWithWineAsync();
        stage.Registry.Register("wine", 2);
        stage.Registry.Report(await stage.AddPredictorAsync(), ("wine", 2, VersionState.Ready));
        await stage.CaughtUpAsync();

        using var pinned = await stage.Http.PostAsync("/v2/models/wine/versions/2/infer", null, Token);
        using var scored = await stage.Http.PostAsync("/models/wine/versions/2/invocations", null, Token);
        using var unpinned = await stage.Gateway.InferAsync("wine");

        Assert.Equal("2", pinned.Headers.GetValues(SluiceHeaders.Version).Single());
        Assert.Equal("2", scored.Headers.GetValues(SluiceHeaders.Version).Single());
        Assert.Equal("1", unpinned.Headers.GetValues(SluiceHeaders.Version).Single());
    }

    [Fact]
    public async Task A_version_changes_without_a_failed_request_under_load()
    {
        await using var stage = await Stage.SetWithWineAsync(2);
        var answered = new ConcurrentDictionary<string, int>();
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 8).Select(_ => Task.Run(() => KeepAskingAsync(stage, answered, stop.Token), Token)).ToList();
        await Eventually.BecomesTrueAsync(() => answered.GetValueOrDefault("200 1") > 50);

        // As a registry and its replicas go about it: the new version is stable before anybody has it, then loads on one after the other.
        stage.Registry.Register("wine", 2);
        stage.Registry.Serve("wine", stable: 2, previous: 1, generation: 2);
        await stage.CaughtUpAsync();
        stage.Registry.Report(stage.Predictor(0), ("wine", 1, VersionState.Ready), ("wine", 2, VersionState.Ready));
        await stage.CaughtUpAsync();
        stage.Registry.Report(stage.Predictor(1), ("wine", 2, VersionState.Ready));
        stage.Registry.Report(stage.Predictor(0), ("wine", 2, VersionState.Ready));
        await stage.CaughtUpAsync();
        var before = answered.GetValueOrDefault("200 2");
        await Eventually.BecomesTrueAsync(() => answered.GetValueOrDefault("200 2") > before + 50);

        await stop.CancelAsync();
        await Task.WhenAll(load);
        Assert.Equal(["200 1", "200 2"], answered.Keys.Order());
        using var last = await stage.Gateway.InferAsync("wine");
        Assert.Equal("2", last.Headers.GetValues(SluiceHeaders.Version).Single());
    }

    [Fact]
    public async Task A_replica_that_takes_no_connection_costs_no_request()
    {
        await using var stage = await Stage.SetWithWineAsync(3);
        await stage.Predictor(1).StopAsync();

        for (var i = 0; i < 50; i++)
        {
            using var answer = await stage.Gateway.InferAsync("wine", """{"n":1}""");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await stage.Predictor(1).StartAsync();
        await Eventually.BecomesTrueAsync(async () =>
        {
            using var answer = await stage.Gateway.InferAsync("wine");
            return !stage.Predictor(1).Seen.IsEmpty;
        });
    }

    [Fact]
    public async Task A_replica_whose_address_swallows_connections_costs_no_request_either()
    {
        // A listener that accepts nothing and whose queue is full, so that a connection neither comes about nor is refused.
        using var blackHole = new Neighbours.BlackHole();
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:ConnectTimeout", "00:00:00.200"));
        stage.Registry.Report("black-hole", blackHole.Address, ("wine", 1, VersionState.Ready));
        await stage.CaughtUpAsync();

        for (var i = 0; i < 20; i++)
        {
            using var answer = await stage.Gateway.InferAsync("wine", """{"n":1}""");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task When_no_replica_takes_a_connection_the_answer_is_502()
    {
        await using var stage = await Stage.SetWithWineAsync(2);
        await stage.Predictor(0).StopAsync();
        await stage.Predictor(1).StopAsync();

        using var answer = await stage.Gateway.InferAsync("wine");

        await Answers.AreErrorAsync(answer, HttpStatusCode.BadGateway, "gateway");
    }

    private static async Task KeepAskingAsync(Stage stage, ConcurrentDictionary<string, int> answered, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var answer = await stage.Gateway.InferAsync("wine");
            var version = answer.Headers.TryGetValues(SluiceHeaders.Version, out var values) ? values.Single() : "none";
            var key = string.Create(CultureInfo.InvariantCulture, $"{(int)answer.StatusCode} {version}");
            answered.AddOrUpdate(key, 1, (_, count) => count + 1);
        }
    }
}
