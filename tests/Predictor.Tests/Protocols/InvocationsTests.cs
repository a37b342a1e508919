using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;

namespace Sluice.Predictor.Tests.Protocols;

public sealed class InvocationsTests(ServedModels models) : IClassFixture<ServedModels>
{
    private readonly RunningPredictor _predictor = models.Predictor;

    [Theory]
    [InlineData("identity-FP32", "[[1,2],[3,4]]", "[[1,2],[3,4]]")]
    [InlineData("identity-FP32", "[1,2]", "[[1,2]]")]
    [InlineData("identity-INT64", "{\"x\":[[9007199254740993,2]]}", "[[9007199254740993,2]]")]
    [InlineData("cube", "[[1,2],[3,4]]", "[[[1,2],[3,4]]]")]
    [InlineData("line", "[1,2,3]", "[1,2,3]")]
    [InlineData("line", "[]", "[]")]
    [InlineData("fixed", "[[1,2],[3,4]]", "[[1,2],[3,4]]")]
    public async Task Inputs_are_answered_with_predictions(string model, string inputs, string expected)
    {
        var answer = await PostAsync(model, $$"""{"inputs":{{inputs}}}""");

        Assert.Equal(200, answer.Status);
        Assert.Equal(expected, answer.Json.GetProperty("predictions").GetRawText());
        Assert.Equal("1", answer.Header(SluiceHeaders.Version));
    }

    [Fact]
    public async Task Several_outputs_come_as_an_object_by_name()
    {
        var answer = await PostAsync("two", """{"inputs":{"b":[[1,2]],"a":[[5,6]]},"params":{"t":1}}""");

        Assert.Equal("""{"predictions":{"sum":[[6,8]],"difference":[[4,4]]}}""", answer.Text);
    }

    [Fact]
    public async Task Named_version_is_asked()
    {
        var answer = await _predictor.PostAsync("/models/line/versions/1/invocations", """{"inputs":[1]}""");

        Assert.Equal("""{"predictions":[1]}""", answer.Text);
    }

    [Theory]
    [InlineData("identity-FP32", """{"inputs":[1,2,3]}""", "the lists have the shape [3], the input x takes [-1, 2]")]
    [InlineData("identity-FP32", """{"inputs":[[1,2],[3]]}""", "nested as the shape [2, 2] says")]
    [InlineData("identity-FP32", """{"inputs":[[1],[2,3]]}""", "the lists have the shape [2, 1]")]
    [InlineData("identity-FP32", """{"inputs":[[1,2],3]}""", "nested as the shape")]
    [InlineData("identity-FP32", """{"inputs":[1,[2]]}""", "the lists have the shape")]
    [InlineData("identity-FP32", """{"inputs":[[[1,2]]]}""", "the lists have the shape [1, 1, 2]")]
    [InlineData("identity-FP32", """{"inputs":[[1,"a"]]}""", "element 1 of data is the string")]
    [InlineData("identity-FP32", """{"inputs":[[1,{"a":1}]]}""", "element 1 of data is an object")]
    [InlineData("identity-FP32", """{"inputs":5}""", "inputs must be a list")]
    [InlineData("identity-FP32", """{"inputs":{"x":5}}""", "inputs.x must be a list")]
    [InlineData("identity-FP32", """{"inputs":{"z":[[1,2]]}}""", "no input \"z\"")]
    [InlineData("identity-FP32", """{"inputs":{"x":[[1,2]],"x":[[1,2]]}}""", "the input x is there twice")]
    [InlineData("identity-FP32", """{"inputs":{}}""", "The input x (FP32 [-1, 2]) is missing")]
    [InlineData("identity-FP32", """{"inputs":[NaN]}""", "not valid JSON")]
    [InlineData("identity-FP32", """{"input":[[1,2]]}""", "inputs is missing")]
    [InlineData("identity-FP32", """[[1,2]]""", "The body must be an object")]
    [InlineData("identity-FP16", """{"inputs":[[1,2]]}""", "is FP16, which is not sent as JSON")]
    [InlineData("two", """{"inputs":[[1,2]]}""", "object of lists with the keys \"a\", \"b\"")]
    public async Task Malformed_request_is_a_400_in_the_protocols_form(string model, string body, string expected)
    {
        var answer = await PostAsync(model, body);

        Assert.Equal(400, answer.Status);
        Assert.Equal("BAD_REQUEST", answer.Json.GetProperty("error_code").GetString());
        Assert.Contains(expected, answer.Json.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("client", answer.Header(SluiceHeaders.Fault));
    }

    [Fact]
    public async Task Deep_nesting_is_refused_without_harm() =>
        Assert.Equal(400, (await PostAsync("any", "{\"inputs\":" + new string('[', 50_000))).Status);

    [Theory]
    [InlineData("application/json", 200)]
    [InlineData("application/json; charset=UTF-8", 200)]
    [InlineData("application/json; charset=latin1", 415)]
    [InlineData("application/json; version=2", 415)]
    [InlineData("text/plain", 415)]
    [InlineData("nonsense", 415)]
    public async Task Content_type_must_be_json_in_utf8(string contentType, int status)
    {
        using var content = new StringContent("""{"inputs":[1]}""");
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        Assert.Equal(status, (await _predictor.PostAsync("/models/line/invocations", content)).Status);
    }

    [Fact]
    public async Task Unknown_model_is_a_404_in_the_protocols_form()
    {
        var answer = await PostAsync("nothing", """{"inputs":[1]}""");

        Assert.Equal(404, answer.Status);
        Assert.Equal("RESOURCE_DOES_NOT_EXIST", answer.Json.GetProperty("error_code").GetString());
    }

    private Task<Answer> PostAsync(string model, string body) => _predictor.PostAsync($"/models/{model}/invocations", body);
}
