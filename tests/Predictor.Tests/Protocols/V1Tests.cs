using Sluice.Predictor.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Protocols;

public sealed class V1Tests(ServedModels models) : IClassFixture<ServedModels>
{
    private readonly RunningPredictor _predictor = models.Predictor;

    [Theory]
    [InlineData("identity-FP32", """{"instances":[[1,2],[3,4]]}""", """{"predictions":[[1,2],[3,4]]}""")]
    [InlineData("identity-FP32", """{"signature_name":"serving_default","instances":[{"x":[1,2]}]}""", """{"predictions":[[1,2]]}""")]
    [InlineData("line", """{"instances":[1,2.5]}""", """{"predictions":[1,2.5]}""")]
    [InlineData("two", """{"instances":[{"a":[1,2],"b":[3,4]},{"a":[0,0],"b":[1,1]}]}""", """{"predictions":[{"sum":[4,6],"difference":[-2,-2]},{"sum":[1,1],"difference":[-1,-1]}]}""")]
    [InlineData("two", """{"inputs":{"a":[[1,2]],"b":[[3,4]]}}""", """{"outputs":{"sum":[[4,6]],"difference":[[-2,-2]]}}""")]
    [InlineData("identity-FP32", """{"inputs":[[1,2]]}""", """{"outputs":[[1,2]]}""")]
    [InlineData("identity-BYTES", """{"instances":[["a",{"b64":"/w=="}]]}""", """{"predictions":[["a",{"b64":"/w=="}]]}""")]
    [InlineData("identity-BYTES", """{"instances":[["a","b"],["c","dd"],["",{"b64":"/w=="}]]}""", """{"predictions":[["a","b"],["c","dd"],["",{"b64":"/w=="}]]}""")]
    [InlineData("identity-BYTES", """{"instances":[{"x":[{"b64":"YQ=="},"b"]}]}""", """{"predictions":[["a","b"]]}""")]
    [InlineData("scalar", """{"inputs":{"x":[4]}}""", null)]
    public async Task Rows_get_rows_and_columns_get_columns(string model, string body, string? expected)
    {
        var answer = await _predictor.PostAsync($"/v1/models/{model}:predict", body);

        Assert.Equal(expected ?? "400", expected is null ? $"{answer.Status}" : answer.Text);
        Assert.Equal(answer.Text, (await _predictor.PostAsync($"/v1/models/{model}/versions/1:predict", body)).Text);
    }

    [Theory]
    [InlineData("identity-FP32", """{}""", "instances is missing")]
    [InlineData("identity-FP32", """{"instances":[1,2]}""", "instances: the lists have the shape [2]")]
    [InlineData("identity-FP32", """{"instances":[[1,2]],"inputs":[[1,2]]}""", "not both")]
    [InlineData("identity-FP32", """{"instances":[[1,2]],"signature_name":"other"}""", "the model has one signature")]
    [InlineData("identity-FP32", """{"instances":[[1,{"b64":"YQ=="}]]}""", "element 1 of data is an object")]
    [InlineData("identity-BYTES", """{"instances":[["a",{"b64":"?"}]]}""", "element 1 of data must be an object with b64")]
    [InlineData("identity-BYTES", """{"instances":[["a",{"b64":"YQ==","c":1}]]}""", "element 1 of data must be an object with b64")]
    [InlineData("identity-BYTES", """{"instances":[["a",{"c":"YQ=="}]]}""", "element 1 of data is an object")]
    [InlineData("two", """{"instances":[[1,2]]}""", "the model has several inputs")]
    public async Task Malformed_request_is_a_400(string model, string body, string expected) =>
        V2Tests.AssertRefused(await _predictor.PostAsync($"/v1/models/{model}:predict", body), 400, expected);

    [Fact]
    public async Task Rows_that_the_outputs_do_not_have_are_asked_for_as_columns()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("parts", new OnnxGraph()
            .Input("x", "FP32", -1, 2).Output("y", "FP32", -1, 2).Output("sum", "FP32")
            .Node("Identity", ["x"], ["y"]).Node("ReduceSum", ["x"], ["sum"], OnnxAttribute.Int("keepdims", 0)).ToModel());
        await stage.ReadyAsync("parts");

        V2Tests.AssertRefused(await stage.Predictor.PostAsync("/v1/models/parts:predict", """{"instances":[[1,2]]}"""), 400, "send the request as inputs");
        Assert.Equal("""{"outputs":{"y":[[1,2]],"sum":3}}""", (await stage.Predictor.PostAsync("/v1/models/parts:predict", """{"inputs":[[1,2]]}""")).Text);
    }

    [Fact]
    public async Task Models_are_listed_and_tell_whether_they_are_ready()
    {
        var names = (await _predictor.GetAsync("/v1/models")).Json.GetProperty("models").EnumerateArray().Select(name => name.GetString()).ToArray();

        Assert.Contains("line", names);
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Equal("""{"name":"line","ready":true}""", (await _predictor.GetAsync("/v1/models/line")).Text);
        Assert.Equal("""{"name":"line","ready":true}""", (await _predictor.GetAsync("/v1/models/line/versions/1")).Text);
        V2Tests.AssertRefused(await _predictor.GetAsync("/v1/models/nothing"), 404, "Model nothing is unknown");
        V2Tests.AssertRefused(await _predictor.PostAsync("/v1/models/nothing:predict", """{"instances":[1]}"""), 404, "Model nothing is unknown");
        V2Tests.AssertRefused(await _predictor.PostAsync("/v1/models/line:explain", """{"instances":[1]}"""), 404, "no explainer");
        V2Tests.AssertRefused(await _predictor.GetAsync("/v1/models/line:predict"), 404, "unknown");
    }

    [Fact]
    public async Task Model_that_is_not_ready_is_a_503()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("broken", OnnxModels.Unloadable());
        await stage.FailureAsync("broken");

        var answer = await stage.Predictor.GetAsync("/v1/models/broken");

        Assert.Equal((503, """{"name":"broken","ready":false}"""), (answer.Status, answer.Text));
    }
}
