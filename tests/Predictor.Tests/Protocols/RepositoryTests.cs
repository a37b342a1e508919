using System.Text.Json;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Protocols;

/// <summary>The repository index and the statistics of v2, and what MLflow's server answers beside predictions.</summary>
public sealed class RepositoryTests
{
    [Fact]
    public async Task Index_lists_all_versions_with_a_reason_for_each_that_is_not_ready()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Register("line", 2, OnnxModels.Identity("FP32", -1));
        stage.Registry.Serve("line", OnnxModels.Identity("FP32", -1));
        stage.Registry.Serve("broken", OnnxModels.Unloadable());
        await stage.ReadyAsync("line");
        await stage.FailureAsync("broken");

        var all = await IndexAsync(stage, "");

        Assert.Equal(["broken 1 UNAVAILABLE", "line 1 READY", "line 2 UNAVAILABLE"], all.Select(Text));
        Assert.Contains("NoSuchOperator", all[0].GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal("", all[1].GetProperty("reason").GetString());
        Assert.Contains("not assigned to the pool stable", all[2].GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(["line 1 READY"], (await IndexAsync(stage, """{"ready":true}""")).Select(Text));
        Assert.Equal(3, (await IndexAsync(stage, """{"ready":false,"repository_name":""}""")).Length);
        V2Tests.AssertRefused(await stage.Predictor.PostAsync("/v2/repository/index", """{"ready":1}"""), 400, "ready must be true or false");
        V2Tests.AssertRefused(await stage.Predictor.PostAsync("/v2/repository/index", "[]"), 400, "must be an object");
        V2Tests.AssertRefused(await stage.Predictor.GetAsync("/v2/repository/index"), 405, "");
        V2Tests.AssertRefused(await stage.Predictor.PostAsync("/v2/repository/index", "{\"a\":\"" + new string('b', 100_000) + "\"}"), 413, "too large");
    }

    [Theory]
    [InlineData("load")]
    [InlineData("unload")]
    public async Task Load_and_unload_are_refused_with_a_word_on_who_decides(string order)
    {
        await using var stage = await Stage.SetAsync();

        V2Tests.AssertRefused(await stage.Predictor.PostAsync($"/v2/repository/models/line/{order}", ""), 403, "the Registry decides");
    }

    [Fact]
    public async Task Statistics_count_requests_rows_and_runs()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("line", OnnxModels.Identity("FP32", -1));
        stage.Registry.Serve("other", OnnxModels.Identity("FP32", -1));
        await stage.ReadyAsync("line");
        await stage.ReadyAsync("other");
        await stage.Predictor.PostAsync("/models/line/predict", """{"inputs":[1,2,3]}""");
        await stage.Predictor.PostAsync("/models/line/predict", """{"inputs":["a"]}""");

        // What is counted is counted when the answer is away.
        await Eventually.BecomesTrueAsync(async () => (await StatsAsync(stage, "/v2/models/line/stats"))[0].GetProperty("inference_stats").GetProperty("fail").GetProperty("count").GetInt64() == 1);
        var stats = Assert.Single(await StatsAsync(stage, "/v2/models/line/versions/1/stats"));

        Assert.Equal(("line", "1"), (stats.GetProperty("name").GetString(), stats.GetProperty("version").GetString()));
        Assert.Equal((3, 1), (stats.GetProperty("inference_count").GetInt64(), stats.GetProperty("execution_count").GetInt64()));
        Assert.InRange(stats.GetProperty("last_inference").GetInt64(), DateTimeOffset.UtcNow.AddMinutes(-5).ToUnixTimeMilliseconds(), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        foreach (var (name, count) in new[] { ("success", 1), ("fail", 1), ("queue", 1), ("compute_infer", 1), ("compute_output", 1), ("cache_hit", 0) })
        {
            Assert.Equal(count, stats.GetProperty("inference_stats").GetProperty(name).GetProperty("count").GetInt64());
            Assert.Equal(count > 0 && name != "queue", stats.GetProperty("inference_stats").GetProperty(name).GetProperty("ns").GetInt64() > 0 && name != "queue");
        }

        var batch = Assert.Single(stats.GetProperty("batch_stats").EnumerateArray());
        Assert.Equal((3, 1), (batch.GetProperty("batch_size").GetInt64(), batch.GetProperty("compute_infer").GetProperty("count").GetInt64()));
        Assert.Equal(["line", "other"], (await StatsAsync(stage, "/v2/models/stats")).Select(each => each.GetProperty("name").GetString()));
        V2Tests.AssertRefused(await stage.Predictor.GetAsync("/v2/models/nothing/stats"), 404, "unknown");
        V2Tests.AssertRefused(await stage.Predictor.GetAsync("/v2/models/line/versions/2/stats"), 404, "unknown");
    }

    [Theory]
    [InlineData("/ping")]
    [InlineData("/health")]
    public async Task Scoring_server_is_healthy_when_a_model_can_be_asked(string path)
    {
        await using var stage = await Stage.SetAsync();
        Assert.Equal((404, "\n"), await GetAsync(stage, path, HttpMethod.Get));

        stage.Registry.Serve("line", OnnxModels.Identity("FP32", -1));
        await stage.ReadyAsync("line");

        Assert.Equal((200, "\n"), await GetAsync(stage, path, HttpMethod.Get));
        Assert.Equal((200, ""), await GetAsync(stage, path, HttpMethod.Head));
        Assert.Equal((200, "0.1.0"), await GetAsync(stage, "/version", HttpMethod.Get));
        Assert.Equal((200, ""), await GetAsync(stage, "/v2/health/ready", HttpMethod.Head));
        Assert.Equal((404, "\n"), await GetAsync(stage, path, HttpMethod.Get, "other"));
        Assert.Equal(405, (await GetAsync(stage, path, HttpMethod.Post)).Status);
        Assert.Contains("error_code", (await GetAsync(stage, path, HttpMethod.Post)).Text, StringComparison.Ordinal);
    }

    private static async Task<(int Status, string Text)> GetAsync(Stage stage, string path, HttpMethod method, string? model = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("x-sluice-model", model is null ? [] : [model]);
        var answer = await stage.Predictor.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.Status, answer.Text);
    }

    private static async Task<JsonElement[]> IndexAsync(Stage stage, string body) =>
        [.. (await stage.Predictor.PostAsync("/v2/repository/index", body)).Json.EnumerateArray()];

    private static async Task<JsonElement[]> StatsAsync(Stage stage, string path) =>
        [.. (await stage.Predictor.GetAsync(path)).Json.GetProperty("model_stats").EnumerateArray()];

    private static string Text(JsonElement entry) =>
        $"{entry.GetProperty("name").GetString()} {entry.GetProperty("version").GetString()} {entry.GetProperty("state").GetString()}";
}
