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

    // Every form of a request: two rows, two columns.
    [Theory]
    [InlineData("identity-FP32", """{"instances":[[1,2],[3,4]]}""", "[[1,2],[3,4]]")]
    [InlineData("identity-FP32", """{"instances":[{"x":[1,2]},{"x":[3,4]}]}""", "[[1,2],[3,4]]")]
    [InlineData("line", """{"instances":[1,2]}""", "[1,2]")]
    [InlineData("line", """{"instances":[]}""", "[]")]
    [InlineData("identity-FP32", """{"dataframe_split":{"columns":["p","q"],"data":[[1,2],[3,4]]}}""", "[[1,2],[3,4]]")]
    [InlineData("identity-FP32", """{"dataframe_split":{"data":[[1,2],[3,4]],"index":[7,8],"columns":[0,1]}}""", "[[1,2],[3,4]]")]
    [InlineData("identity-FP32", """{"dataframe_split":{"data":[[1,2],[3,4]]}}""", "[[1,2],[3,4]]")]
    [InlineData("identity-FP32", """{"dataframe_split":{"columns":["p","q"],"data":[]}}""", "[]")]
    [InlineData("identity-FP32", """{"dataframe_split":{"columns":["x"],"data":[[[1,2]],[[3,4]]]}}""", "[[1,2],[3,4]]")]
    [InlineData("identity-FP32", """{"dataframe_records":[{"p":1,"q":2},{"q":4,"p":3}]}""", "[[1,2],[3,4]]")]
    [InlineData("identity-FP32", """{"params":{"a":[1]},"dataframe_records":[{"p":1,"q":2}]}""", "[[1,2]]")]
    [InlineData("identity-BYTES", """{"dataframe_records":[{"p":"a","q":"ä\"\\"}]}""", """[["a","ä\"\\"]]""")]
    [InlineData("identity-BOOL", """{"dataframe_split":{"data":[[true,0]]}}""", "[[true,false]]")]
    [InlineData("line", """{"dataframe_records":[{"p":1},{"p":3}]}""", "[1,3]")]
    [InlineData("line", """{"dataframe_records":[{"x":1},{"x":3}]}""", "[1,3]")]
    public async Task Tables_and_rows_are_taken_in_every_form(string model, string body, string expected)
    {
        var answer = await PostAsync(model, body);

        Assert.True(answer.Status == 200, answer.Text);
        Assert.Equal(expected, answer.Json.GetProperty("predictions").GetRawText());
    }

    [Theory]
    [InlineData("""{"instances":[{"a":[1,2],"b":[5,6]},{"b":[7,8],"a":[3,4]}]}""")]
    [InlineData("""{"dataframe_records":[{"a":[1,2],"b":[5,6]},{"b":[7,8],"a":[3,4]}]}""")]
    [InlineData("""{"dataframe_split":{"columns":["b","a"],"data":[[[5,6],[1,2]],[[7,8],[3,4]]]}}""")]
    [InlineData("""{"inputs":{"a":[[1,2],[3,4]],"b":[[5,6],[7,8]]}}""")]
    public async Task Columns_go_to_the_inputs_of_their_names(string body) => Assert.Equal(
        """{"predictions":{"sum":[[6,8],[10,12]],"difference":[[-4,-4],[-4,-4]]}}""", (await PostAsync("two", body)).Text);

    [Theory]
    [InlineData("identity-FP32", "p,q\n1,2\n3,4\n", "[[1,2],[3,4]]")]
    [InlineData("identity-FP32", "\uFEFFp,q\r\n1,2e0\r\n\r\n\"3\", 4 ", "[[1,2],[3,4]]")]
    [InlineData("identity-BYTES", "\"p,\"\"\",q\n\"a,\"\"\nb\",\n", """[["a,\"\nb",""]]""")]
    [InlineData("identity-BOOL", "p,q\nTrue,false\n1,0\n", "[[true,false],[true,false]]")]
    [InlineData("line", "x\n1\n-2.5\n", "[1,-2.5]")]
    public async Task Csv_is_a_table(string model, string csv, string expected)
    {
        var answer = await PostCsvAsync(model, csv);

        Assert.True(answer.Status == 200, answer.Text);
        Assert.Equal(expected, answer.Json.GetProperty("predictions").GetRawText());
    }

    [Theory]
    [InlineData("", "the header is missing")]
    [InlineData("p,q\n1", "row 1 has 1 cells, the header has 2")]
    [InlineData("p,q\n1,abc", "row 1, column \"q\" is \"abc\", which is no number")]
    [InlineData("p,q\n1,", "row 1, column \"q\" is \"\", which is no number")]
    [InlineData("p,q\n1,NaN", "which is no number")]
    [InlineData("p,q\n1,\"2],[3\"", "which is no number")]
    [InlineData("p,q\n1,1-2", "which is no number")]
    [InlineData("p,q\n1,\"2", "a quote that is not closed")]
    [InlineData("p,q\n1,\"2\"x", "text behind a closing quote")]
    [InlineData("p,q,r\n1,2,3", "the columns have the shape [1, 3]")]
    public async Task Malformed_csv_is_a_400_that_names_the_place(string csv, string expected)
    {
        var answer = await PostCsvAsync("identity-FP32", csv);

        Assert.Equal(400, answer.Status);
        Assert.Contains(expected, answer.Json.GetProperty("message").GetString(), StringComparison.Ordinal);
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
    [InlineData("identity-FP32", """{"messages":[]}""", "messages is for language models")]
    [InlineData("identity-FP32", """{}""", "one of inputs, instances, dataframe_split, dataframe_records is missing")]
    [InlineData("identity-FP32", """{"inputs":[[1,2]],"instances":[[1,2]]}""", "both inputs and instances")]
    [InlineData("identity-FP32", """{"inputs":[[1,2]],"inputs":[[1,2]]}""", "inputs is there twice")]
    [InlineData("identity-FP32", """{"inputs":[[1,2]],"params":[]}""", "params must be an object")]
    [InlineData("identity-FP32", """{"inputs":[[1,2]],"signature_name":"a"}""", "signature_name is not supported")]
    [InlineData("identity-FP32", """{"instances":[1,2]}""", "instances: the lists have the shape [2]")]
    [InlineData("identity-FP32", """{"instances":{"x":[[1,2]]}}""", "instances must be a list")]
    [InlineData("identity-FP32", """{"instances":[{"x":[1,2]},{"y":[1,2]}]}""", "instances[1]: the column \"y\" is not in the first row")]
    [InlineData("identity-FP32", """{"instances":[{"x":[1,2],"x":[1,2]}]}""", "the column \"x\" is there twice")]
    [InlineData("identity-FP32", """{"instances":[{"z":[1,2]}]}""", "no input \"z\"")]
    [InlineData("identity-FP32", """{"instances":[{}]}""", "has no columns")]
    [InlineData("identity-FP32", """{"dataframe_split":{}}""", "dataframe_split.data is missing")]
    [InlineData("identity-FP32", """{"dataframe_split":{"columns":["p"],"data":[[1,2]]}}""", "columns has 1 names")]
    [InlineData("identity-FP32", """{"dataframe_split":{"data":[[1,2],[3]]}}""", "dataframe_split.data[1] has 1 cells")]
    [InlineData("identity-FP32", """{"dataframe_split":{"data":[[1,null]]}}""", "element 1 of data is null")]
    [InlineData("identity-FP32", """{"dataframe_split":{"data":[[1,2,3]]}}""", "the columns have the shape [1, 3]")]
    [InlineData("identity-FP32", """{"dataframe_records":[{"p":1,"q":2},{"p":1}]}""", "dataframe_records[1]: the column \"q\" is missing")]
    [InlineData("identity-FP32", """{"dataframe_records":5}""", "dataframe_records must be a list")]
    [InlineData("two", """{"dataframe_split":{"columns":["a","c"],"data":[[[1,2],[1,2]]]}}""", "no input \"c\"")]
    [InlineData("two", """{"dataframe_split":{"columns":["a"],"data":[[[1,2]]]}}""", "The input b (FP32 [-1, 2]) is missing")]
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

    private Task<Answer> PostCsvAsync(string model, string csv) =>
        _predictor.PostAsync($"/models/{model}/invocations", new StringContent(csv, System.Text.Encoding.UTF8, "text/csv"));

    private Task<Answer> PostAsync(string model, string body) => _predictor.PostAsync($"/models/{model}/invocations", body);
}
