using System.Globalization;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Batching;

/// <summary>Batching as clients and scrapers see it.</summary>
public sealed class ServedBatchTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Callers_that_wait_together_are_answered_each_for_itself_and_one_bad_row_fails_one_caller()
    {
        await using var stage = await Stage.SetAsync(("Predictor:MaxConcurrency", "1"));
        stage.Registry.Serve("slow", OnnxModels.SlowRows());
        stage.Registry.Serve("table", OnnxModels.Table());
        await stage.ReadyAsync("slow");
        await stage.ReadyAsync("table");
        using var leave = new CancellationTokenSource();
        var busy = stage.Predictor.SendAsync(Request("slow", [1], 1_000_000_000), leave.Token);
        await Eventually.BecomesTrueAsync(() => stage.Registry.Reports.Last().Report.InFlight == 1);

        var callers = Enumerable.Range(0, 10).Select(n => stage.Predictor.SendAsync(Request("table", [1, 1], n == 4 ? 100 : n), Token)).ToArray();
        await Eventually.BecomesTrueAsync(async () => (await stage.Predictor.MetricsAsync()).Value("sluice_predictor_queue_length", ("model", "table")) == 10);
        await leave.CancelAsync();

        for (var n = 0; n < callers.Length; n++)
        {
            var answer = await callers[n];
            Assert.Equal(n == 4 ? 500 : 200, answer.Status);
            Assert.True(n == 4 || answer.Text.Contains(string.Create(CultureInfo.InvariantCulture, $"[{n * 10}]"), StringComparison.Ordinal), answer.Text);
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => busy);
        await Eventually.BecomesTrueAsync(async () =>
            (await stage.Predictor.MetricsAsync()).Value("sluice_predictor_requests_total", ("model", "table"), ("outcome", "ok")) == 9); // counted when answered
        var metrics = await stage.Predictor.MetricsAsync();
        Assert.Equal(1, metrics.Value("sluice_predictor_requests_total", ("model", "table"), ("outcome", "model")));
        Assert.Equal(10, metrics.Value("sluice_predictor_queue_duration_seconds_count", ("model", "table")));
        Assert.Equal(10, metrics.Value("sluice_predictor_batch_size_count", ("model", "table"))); // the joined run failed: ten alone
    }

    [Fact]
    public async Task A_versions_own_settings_win()
    {
        await using var stage = await Stage.SetAsync(("Predictor:MaxConcurrency", "1"));
        stage.Registry.Serve("table", OnnxModels.Table(), settings: new InferenceSettings { MaxQueueDelayMs = 10_000, MaxBatchSize = 3 });
        await stage.ReadyAsync("table");

        // Nothing is computed for ten seconds, but three rows are enough.
        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(n => stage.Predictor.SendAsync(Request("table", [1, 1], n), Token)));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        var metrics = await stage.Predictor.MetricsAsync();
        Assert.Equal(1, metrics.Value("sluice_predictor_batch_size_count", ("model", "table")));
        Assert.Equal(3, metrics.Value("sluice_predictor_batch_size_sum", ("model", "table")));
    }

    [Fact]
    public async Task Rows_that_touch_each_other_are_found_out_at_load_and_computed_apart()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("mean", OnnxModels.LessMean(), settings: new InferenceSettings { MaxQueueDelayMs = 5_000 });
        await stage.ReadyAsync("mean");

        // Joined with others it would wait for them, and be another number.
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => stage.Predictor.InferAsync(
            "mean", $$"""{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[{{n}},{{n}},{{n + 2}},{{n + 2}}]}]}""")));

        Assert.All(answers, answer => Assert.Contains("[-1,-1,1,1]", answer.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Series_of_a_version_go_with_it()
    {
        await using var stage = await Stage.SetAsync();
        var digest = stage.Registry.Serve("m", OnnxModels.Scale(2, -1)).Digest;
        await stage.ReadyAsync("m");
        await stage.Predictor.InferAsync("m", """{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}""");

        // A request counts when it has been answered.
        await Eventually.BecomesTrueAsync(async () =>
            (await stage.Predictor.MetricsAsync()).Value("sluice_predictor_requests_total", ("model", "m"), ("version", "1"), ("device", "cpu"), ("outcome", "ok")) == 1);
        var metrics = await stage.Predictor.MetricsAsync();
        Assert.Equal(0, metrics.Value("sluice_predictor_requests_total", ("model", "m"), ("outcome", "deadline"))); // every outcome from the start
        Assert.Equal(1, metrics.Value("sluice_predictor_model_loaded", ("digest", digest)));
        Assert.Equal(1, metrics.Value("sluice_predictor_compute_duration_seconds_count", ("model", "m")));

        stage.Registry.Withdraw("m");

        await Eventually.BecomesTrueAsync(async () => !(await stage.Predictor.MetricsAsync()).Has("sluice_predictor_requests_total", ("model", "m")));
    }

    [Fact]
    public async Task Predictions_of_a_classifier_are_counted_by_class()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("kinds", OnnxModels.Classifier(features: 2, classes: 3), labels: ["red", "green", "blue"]);
        await stage.ReadyAsync("kinds");

        await stage.Predictor.InferAsync("kinds", """{"inputs":[{"name":"features","shape":[4,2],"datatype":"FP32","data":[1,2,3,4,5,6,7,8]}]}""");

        var metrics = await stage.Predictor.MetricsAsync();
        Assert.Equal(4, new[] { "red", "green", "blue" }.Sum(label => metrics.Value("sluice_predictor_predictions_total", ("model", "kinds"), ("class", label))));
    }

    private static HttpRequestMessage Request(string model, long[] shape, params long[] values) => new(HttpMethod.Post, $"/v2/models/{model}/infer")
    {
        Content = RunningPredictor.Json(
            $$"""{"inputs":[{"name":"x","shape":[{{string.Join(',', shape)}}],"datatype":"INT64","data":[{{string.Join(',', values)}}]}]}"""),
    };
}
