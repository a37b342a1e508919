using System.Text;
using Sluice.Predictor.Tests.Neighbours;
using static Sluice.Conformance.Tests.ConformanceModels;
using static Sluice.Conformance.Tests.ServerUnderTest;

namespace Sluice.Conformance.Tests;

/// <summary>MLflow's scoring server.</summary>
public sealed class MlflowTests
{
    private readonly ServerUnderTest _server;

    public MlflowTests(ServerUnderTest server)
    {
        Require("mlflow");
        _server = server;
    }

    [Theory]
    [InlineData("/ping")]
    [InlineData("/health")]
    [InlineData("/version")]
    public async Task Health_and_version_are_a_200_by_get_and_by_head(string path)
    {
        Assert.Equal(200, (await _server.GetAsync(path)).Status);
        Assert.Equal(200, (await _server.SendAsync(HttpMethod.Head, path, null)).Status);
    }

    [Theory]
    [InlineData("""{"dataframe_split":{"columns":["p","q"],"index":[0,1],"data":[[1,2],[3,4]]}}""")]
    [InlineData("""{"dataframe_records":[{"p":1,"q":2},{"p":3,"q":4}]}""")]
    [InlineData("""{"instances":[[1,2],[3,4]]}""")]
    [InlineData("""{"instances":[{"x":[1,2]},{"x":[3,4]}]}""")]
    [InlineData("""{"inputs":[[1,2],[3,4]]}""")]
    [InlineData("""{"inputs":{"x":[[1,2],[3,4]]},"params":{"a":1}}""")]
    public async Task Every_form_gets_predictions(string body) => Assert.Equal("""{"predictions":[[1,2],[3,4]]}""", (await PostAsync("conformance-fp32", body)).Text);

    [Fact]
    public async Task Csv_gets_predictions() => Assert.Equal(
        """{"predictions":[[1,2],[3,4]]}""", (await PostAsync("conformance-fp32", "p,q\n1,2\n3,4\n", "text/csv")).Text);

    [Theory]
    [InlineData("application/json", 200)]
    [InlineData("application/json; charset=utf-8", 200)]
    [InlineData("application/json; charset=UTF-8", 200)]
    [InlineData("application/json; charset=latin-1", 415)]
    [InlineData("application/json; format=pandas", 415)]
    [InlineData("text/plain", 415)]
    [InlineData("application/x-www-form-urlencoded", 415)]
    public async Task Content_type_must_be_one_of_two_in_utf8(string type, int status) =>
        Assert.Equal(status, (await PostAsync("conformance-fp32", """{"inputs":[[1,2]]}""", type)).Status);

    [Theory]
    [InlineData("{}")]
    [InlineData("[[1,2]]")]
    [InlineData("""{"inputs":[[1,2]],"instances":[[1,2]]}""")]
    [InlineData("""{"inputs":[[1,2]],"signature_name":"a"}""")]
    [InlineData("""{"input":[[1,2]]}""")] // a language model's form
    [InlineData("""{"params":{}}""")]
    [InlineData("""{"dataframe_split":{"columns":["p","q"],"data":[[1,2],[3]]}}""")]
    [InlineData("""{"dataframe_records":[{"p":1,"q":2},{"p":3}]}""")]
    [InlineData("""{"inputs":[["a","b"]]}""")]
    [InlineData("not json")]
    public async Task Malformed_request_is_a_400_in_mlflows_form(string body)
    {
        var answer = await PostAsync("conformance-fp32", body);

        Assert.True(answer.Status == 400, answer.Text);
        Assert.Equal("BAD_REQUEST", answer.Json.GetProperty("error_code").GetString());
        Assert.NotEmpty(answer.Json.GetProperty("message").GetString()!);
        Assert.DoesNotContain("   at ", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bare_list_is_for_a_model_with_one_input() => Assert.Equal(400, (await PostAsync(Pair, """{"inputs":[[1,2]]}""")).Status);

    // MLflow's own server says 400 here, which hides a broken model from whoever counts server errors.
    [Fact]
    public async Task Model_that_fails_is_a_500() => Assert.Equal(500, (await PostAsync(Lookup, """{"inputs":[7]}""")).Status);

    private Task<Answer> PostAsync(string model, string body, string type = "application/json")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return _server.PostAsync($"/models/{model}/invocations", content);
    }
}
