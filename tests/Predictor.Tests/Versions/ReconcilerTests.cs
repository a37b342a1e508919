using System.Net;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Versions;

public sealed class ReconcilerTests
{
    private const string One = """{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}""";

    [Fact]
    public async Task Version_is_replaced_without_a_miss_and_the_old_one_is_unloaded_after_draining()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("m", OnnxModels.Scale(1, -1));
        await stage.ReadyAsync("m");
        using var end = new CancellationTokenSource();
        var traffic = AskUntilAsync(stage.Predictor, "/v2/models/m/infer", end.Token);

        stage.Registry.Register("m", 2, OnnxModels.Scale(2, -1));
        stage.Registry.Assign("m", 2, 1);
        await stage.ReadyAsync("m", 2);
        stage.Registry.Assign("m", 2);
        await Eventually.BecomesTrueAsync(() => stage.Registry.LastWord("m", 1)?.State == VersionState.Draining);
        await Eventually.BecomesTrueAsync(() => stage.Registry.LastWord("m", 1) is null);
        await end.CancelAsync();
        var statuses = await traffic;

        Assert.All(statuses, status => Assert.Equal(200, status));
        Assert.True(statuses.Count > 20, $"{statuses.Count} requests");
        Assert.Equal("2", (await stage.Predictor.InferAsync("m", One)).Header(SluiceHeaders.Version));
        var gone = await stage.Predictor.PostAsync("/v2/models/m/versions/1/infer", One);
        Assert.Equal(503, gone.Status); // the Registry knows it: another replica may have it
        Assert.NotNull(gone.Message.Headers.RetryAfter);
    }

    [Fact]
    public async Task Draining_version_still_answers_and_comes_back_when_it_is_wanted_again()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("m", OnnxModels.Scale(1, -1));
        await stage.ReadyAsync("m");
        using var end = new CancellationTokenSource();
        var traffic = AskUntilAsync(stage.Predictor, "/v2/models/m/versions/1/infer", end.Token); // keeps it from being unloaded

        stage.Registry.Assign("m");
        await Eventually.BecomesTrueAsync(() => stage.Registry.LastWord("m")?.State == VersionState.Draining);
        stage.Registry.Assign("m", 1);
        await Eventually.BecomesTrueAsync(() => stage.Registry.LastWord("m")?.State == VersionState.Ready);
        await end.CancelAsync();

        Assert.All(await traffic, status => Assert.Equal(200, status));
        Assert.Single(stage.Registry.Fetches);
    }

    [Fact]
    public async Task Without_a_version_in_the_path_the_stable_one_answers_and_before_it_is_ready_the_previous_one()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("m", OnnxModels.Scale(1, -1));
        await stage.ReadyAsync("m");
        var gate = new TaskCompletionSource();
        stage.Registry.BlobGate = gate.Task;
        stage.Registry.Register("m", 2, OnnxModels.Scale(2, -1));
        stage.Registry.Assign("m", 2, 1);
        await Eventually.BecomesTrueAsync(() => stage.Registry.LastWord("m", 2)?.State == VersionState.Loading);

        Assert.Equal("1", (await stage.Predictor.InferAsync("m", One)).Header(SluiceHeaders.Version));
        var loading = await stage.Predictor.PostAsync("/v2/models/m/versions/2/infer", One);
        Assert.Equal(503, loading.Status);
        Assert.Equal("capacity", loading.Header(SluiceHeaders.Fault));
        Assert.Equal(503, (await stage.Predictor.GetAsync("/v2/health/ready")).Status);
        Assert.Equal(200, (await stage.Predictor.GetAsync("/v2/models/m/ready")).Status);
        gate.SetResult();
        await stage.ReadyAsync("m", 2);
        Assert.Equal("2", (await stage.Predictor.InferAsync("m", One)).Header(SluiceHeaders.Version));
    }

    [Fact]
    public async Task Process_is_ready_once_every_assigned_version_is_ready_or_failed()
    {
        await using var stage = await Stage.SetAsync();
        await Eventually.BecomesTrueAsync(async () => await stage.Predictor.HealthAsync() == HttpStatusCode.OK);
        var gate = new TaskCompletionSource();
        stage.Registry.BlobGate = gate.Task;

        stage.Registry.Serve("good", OnnxModels.Scale(1, -1));
        stage.Registry.Serve("bad", [1, 2, 3]);
        await Eventually.BecomesTrueAsync(async () => await stage.Predictor.HealthAsync() == HttpStatusCode.ServiceUnavailable);
        gate.SetResult();

        await Eventually.BecomesTrueAsync(async () => await stage.Predictor.HealthAsync() == HttpStatusCode.OK);
        Assert.Equal(200, (await stage.Predictor.InferAsync("good", One)).Status);
        Assert.Contains("could not be loaded here", (await stage.Predictor.InferAsync("bad", One)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_versions_of_its_own_pool_are_held()
    {
        await using var stage = await Stage.SetAsync(("Predictor:Pool", "canary"));
        stage.Registry.Register("m", 1, OnnxModels.Scale(1, -1));
        stage.Registry.Register("m", 2, OnnxModels.Scale(2, -1));
        stage.Registry.Assign(new ServingState
        {
            Model = "m",
            Generation = 2,
            Stable = 1,
            Canary = 2,
            Assignments = [new PoolAssignment(Pools.Stable, 1), new PoolAssignment(Pools.Canary, 2)],
        });
        await stage.ReadyAsync("m", 2);

        Assert.Null(stage.Registry.LastWord("m", 1));
        Assert.Equal("2", (await stage.Predictor.InferAsync("m", One)).Header(SluiceHeaders.Version));
        Assert.Equal(Pools.Canary, stage.Registry.Reports.Last().Report.Pool);
    }

    [Theory]
    [InlineData("garbage", "")]
    [InlineData("truncated", "")]
    [InlineData("noInputs", "The model has no inputs")]
    [InlineData("failsOnZero", "The warm-up with zeros (x INT64 [1]) failed")]
    [InlineData("missingData", "weights.bin")]
    public async Task Model_that_cannot_be_served_has_failed_with_a_reason_and_leaves_the_others(string kind, string expected)
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("good", OnnxModels.Scale(1, -1));
        await stage.ReadyAsync("good");

        stage.Registry.Serve("bad", kind switch
        {
            "garbage" => [1, 2, 3, 4],
            "truncated" => OnnxModels.Classifier()[..^100],
            "noInputs" => OnnxModels.NoInputs(),
            "failsOnZero" => OnnxModels.FailsOnZero(),
            _ => OnnxModels.ExternalData("weights.bin", 1, 2).Model,
        });
        var reason = await stage.FailureAsync("bad");

        Assert.Contains(expected, reason, StringComparison.Ordinal);
        Assert.DoesNotContain(stage.Folder, reason, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', reason);
        Assert.Equal(200, (await stage.Predictor.InferAsync("good", One)).Status);
        Assert.Equal(503, (await stage.Predictor.InferAsync("bad", One)).Status);
        Assert.Equal(200, (await stage.Predictor.GetAsync("/v2/health/ready")).Status);
    }

    [Fact]
    public async Task Failed_version_leaves_the_loaded_one_of_the_same_model_serving()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("m", OnnxModels.Scale(1, -1));
        await stage.ReadyAsync("m");

        stage.Registry.Register("m", 2, [1, 2, 3]);
        stage.Registry.Assign("m", 2, 1);
        await stage.FailureAsync("m", 2);

        var answer = await stage.Predictor.InferAsync("m", One);
        Assert.Equal(200, answer.Status);
        Assert.Equal("1", answer.Header(SluiceHeaders.Version));
    }

    [Fact]
    public async Task External_data_is_found_by_its_own_path()
    {
        await using var stage = await Stage.SetAsync();
        var (model, data) = OnnxModels.ExternalData("data/weights.bin", 10, 20);
        stage.Registry.Register("m", 1, "graph/model.onnx", ("graph/model.onnx", model), ("graph/data/weights.bin", data));
        stage.Registry.Assign("m", 1);
        await stage.ReadyAsync("m");

        var answer = await stage.Predictor.PostAsync("/models/m/invocations", """{"inputs":[1,2]}""");

        Assert.Equal("""{"predictions":[[11,22]]}""", answer.Text);
    }

    [Fact]
    public async Task Path_that_leaves_the_folder_is_refused_and_nothing_is_written_there()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Register("m", 1, "model.onnx", ("model.onnx", OnnxModels.Scale(1, -1)), ("../../escaped.bin", [1]));
        stage.Registry.Assign("m", 1);

        Assert.Contains("leaves the version's folder", await stage.FailureAsync("m"), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(stage.Folder, "escaped.bin", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Starts_from_the_last_known_good_state_and_the_cache_while_the_registry_is_down()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("m", OnnxModels.Scale(3, -1));
        await stage.ReadyAsync("m");
        await stage.Predictor.DisposeAsync();
        await stage.Registry.StopAsync();

        var again = stage.StartPredictor();
        await stage.ReadyAsync("m");
        var answer = await again.InferAsync("m", One);
        Assert.Equal(200, answer.Status);
        Assert.Equal("[3]", answer.Json.GetProperty("outputs")[0].GetProperty("data").GetRawText());
        Assert.Equal(HttpStatusCode.OK, await again.HealthAsync());

        // And it hears the Registry when that is back.
        await stage.Registry.StartAsync();
        stage.Registry.Serve("other", OnnxModels.Scale(1, -1));
        await stage.ReadyAsync("other");
    }

    private static async Task<List<int>> AskUntilAsync(RunningPredictor predictor, string path, CancellationToken end)
    {
        var statuses = new List<int>();
        while (!end.IsCancellationRequested)
        {
            statuses.Add((await predictor.PostAsync(path, One)).Status);
            await Task.Delay(10, CancellationToken.None);
        }

        return statuses;
    }
}
