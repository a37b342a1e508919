using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Protocols;

/// <summary>The plain form, and the paths that leave the model out.</summary>
public sealed class PredictTests(ServedModels models) : IClassFixture<ServedModels>
{
    private readonly RunningPredictor _predictor = models.Predictor;

    [Theory]
    [InlineData("identity-FP32", """{"inputs":[[1,2],[3,4]]}""", """{"prediction":[[1,2],[3,4]]}""")]
    [InlineData("identity-FP32", """{"inputs":[1,2]}""", """{"prediction":[[1,2]]}""")]
    [InlineData("identity-FP32", """{"x":[1,2]}""", """{"prediction":[[1,2]]}""")]
    [InlineData("identity-FP32", """{"inputs":{"x":[[1,2]]}}""", """{"prediction":[[1,2]]}""")]
    [InlineData("two", """{"a":[1,2],"b":[3,4]}""", """{"prediction":[[4,6]]}""")]
    [InlineData("identity-BYTES", """{"inputs":["a","b"]}""", """{"prediction":[["a","b"]]}""")]
    public async Task The_first_output_is_the_prediction(string model, string body, string expected)
    {
        Assert.Equal(expected, (await _predictor.PostAsync($"/models/{model}/predict", body)).Text);
        Assert.Equal(expected, (await _predictor.PostAsync($"/models/{model}/versions/1/predict", body)).Text);
    }

    [Theory]
    [InlineData("identity-FP32", """{}""", "The input x (FP32 [-1, 2]) is missing")]
    [InlineData("identity-FP32", """{"inputs":[1,2,3]}""", "takes [-1, 2]")]
    [InlineData("identity-FP32", """{"y":[1,2]}""", "no input \"y\", it has \"x\"")]
    [InlineData("identity-FP32", """{"x":[1,2],"inputs":[1,2]}""", "not both")]
    [InlineData("identity-FP32", """{"inputs":[1,2],"x":[1,2]}""", "x is there twice")]
    [InlineData("identity-FP32", """[1,2]""", "The body must be an object")]
    [InlineData("identity-FP16", """{"inputs":[1,2]}""", "is not sent as JSON")]
    public async Task Malformed_request_is_a_400(string model, string body, string expected) =>
        V2Tests.AssertRefused(await _predictor.PostAsync($"/models/{model}/predict", body), 400, expected);

    [Fact]
    public async Task The_founding_request_is_answered_by_the_sample()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("iris", File.ReadAllBytes(Repository.PathOf("samples", "iris", "1", "model.onnx")));
        await stage.ReadyAsync("iris");

        var answer = await stage.Predictor.PostAsync("/predict", """{"inputs":[5.1,3.5,1.4,0.2]}""");

        Assert.Equal("""{"prediction":[0]}""", answer.Text);
        Assert.Equal("1", answer.Header(SluiceHeaders.Version));
        Assert.StartsWith("This is Sluice", (await stage.Predictor.GetAsync("/")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_name_the_classes_of_a_classifier()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("iris", File.ReadAllBytes(Repository.PathOf("samples", "iris", "1", "model.onnx")), labels: ["setosa", "versicolor", "virginica"]);
        stage.Registry.Serve("scores", OnnxModels.Identity(Datatype.Fp32, -1, 3), labels: ["a", "b", "c"]);
        await stage.ReadyAsync("iris");
        await stage.ReadyAsync("scores");

        Assert.Equal(
            """{"prediction":[0,2],"labels":["setosa","virginica"]}""",
            (await stage.Predictor.PostAsync("/models/iris/predict", """{"inputs":[[5.1,3.5,1.4,0.2],[7.7,3.8,6.7,2.2]]}""")).Text);
        Assert.Equal(
            """{"prediction":[1,0],"labels":["b","a"]}""",
            (await stage.Predictor.PostAsync("/models/scores/predict", """{"inputs":[[1,3,2],[5,0,0]]}""")).Text);
    }

    [Theory]
    [InlineData("/predict", """{"inputs":[1]}""", """{"prediction":[1]}""")]
    [InlineData("/invocations", """{"inputs":[1]}""", """{"predictions":[1]}""")]
    public async Task Header_names_the_model_of_a_bare_path(string path, string body, string expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = RunningPredictor.Json(body) };
        request.Headers.Add(SluiceHeaders.Model, "line");

        Assert.Equal(expected, (await _predictor.SendAsync(request, TestContext.Current.CancellationToken)).Text);
    }

    [Fact]
    public async Task Bare_path_without_a_word_on_the_model_is_a_400_that_lists_the_choices()
    {
        V2Tests.AssertRefused(await _predictor.PostAsync("/predict", """{"inputs":[1]}"""), 400, "Which model? Name it in the header x-sluice-model");
        var answer = await _predictor.PostAsync("/invocations", """{"inputs":[1]}""");
        Assert.Equal(400, answer.Status);
        Assert.Contains("\"line\"", answer.Json.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setting_names_the_model_of_a_bare_path_and_the_form_of_predictions()
    {
        await using var stage = await Stage.SetAsync(("Predictor:DefaultModel", "two"), ("Predictor:Predictions", "primary"));
        stage.Registry.Serve("two", OnnxModels.SumAndDifference());
        stage.Registry.Serve("line", OnnxModels.Identity(Datatype.Fp32, -1));
        await stage.ReadyAsync("two");
        await stage.ReadyAsync("line");

        Assert.Equal("""{"predictions":[[4,6]]}""", (await stage.Predictor.PostAsync("/invocations", """{"inputs":{"a":[[1,2]],"b":[[3,4]]}}""")).Text);
        Assert.Equal("""{"predictions":[1]}""", (await stage.Predictor.PostAsync("/models/line/invocations", """{"inputs":[1]}""")).Text);
    }

    [Fact]
    public async Task Header_pins_a_version_and_a_path_that_says_another_is_a_400()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Register("line", 1, OnnxModels.Scale(1, -1));
        stage.Registry.Register("line", 2, OnnxModels.Scale(2, -1));
        stage.Registry.Assign("line", 1, 2);
        await stage.ReadyAsync("line", 1);
        await stage.ReadyAsync("line", 2);

        Assert.Equal(("""{"prediction":[1]}""", 200), await PinnedAsync(stage, "/predict", null));
        Assert.Equal(("""{"prediction":[2]}""", 200), await PinnedAsync(stage, "/predict", "2"));
        Assert.Equal(("""{"prediction":[2]}""", 200), await PinnedAsync(stage, "/models/line/versions/2/predict", "2"));
        Assert.Equal(400, (await PinnedAsync(stage, "/models/line/versions/1/predict", "2")).Status);
        Assert.Equal(404, (await PinnedAsync(stage, "/predict", "3")).Status);
        Assert.Equal(404, (await PinnedAsync(stage, "/predict", "latest")).Status);
    }

    private static async Task<(string Text, int Status)> PinnedAsync(Stage stage, string path, string? version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = RunningPredictor.Json("""{"inputs":[1]}""") };
        if (version is not null)
        {
            request.Headers.Add(SluiceHeaders.Version, version);
        }

        var answer = await stage.Predictor.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.Text, answer.Status);
    }
}
