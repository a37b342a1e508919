using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Protocols;

public sealed class V2Tests(ServedModels models) : IClassFixture<ServedModels>
{
    private readonly RunningPredictor _predictor = models.Predictor;

    [Theory]
    [InlineData("FP32", "[[1.5,-2],[3e2,0.1]]", "[1.5,-2,300,0.1]")]
    [InlineData("FP32", "[1.5,-2,3e2,0.1]", "[1.5,-2,300,0.1]")]
    [InlineData("FP32", "[16777217,1e-50,3.4028235e38,1.17549435e-38]", "[16777216,0,3.4028235E+38,1.1754944E-38]")]
    [InlineData("FP64", "[[0.1,-1e300],[9007199254740993,5e-324]]", "[0.1,-1E+300,9007199254740992,5E-324]")]
    [InlineData("FP64", "[0.1,2,3,4]", "[0.1,2,3,4]")]
    [InlineData("BOOL", "[[true,false],[1,0]]", "[true,false,true,false]")]
    [InlineData("UINT8", "[0,255,1.0,2e1]", "[0,255,1,20]")]
    [InlineData("UINT16", "[0,65535,1,2]", "[0,65535,1,2]")]
    [InlineData("UINT32", "[0,4294967295,1,2]", "[0,4294967295,1,2]")]
    [InlineData("UINT64", "[0,18446744073709551615,9007199254740993,-0]", "[0,18446744073709551615,9007199254740993,0]")]
    [InlineData("INT8", "[-128,127,-1,0]", "[-128,127,-1,0]")]
    [InlineData("INT16", "[-32768,32767,-1,0]", "[-32768,32767,-1,0]")]
    [InlineData("BYTES", """[["a","ä\u00e4"],["","{\"ß\"}"]]""", """["a","ää","","{\"ß\"}"]""")]
    [InlineData("INT32", "[[2147483647,-2147483648],[0,7]]", "[2147483647,-2147483648,0,7]")]
    [InlineData("INT32", "[1.0,1e2,-5.00,120e-1]", "[1,100,-5,12]")]
    [InlineData("INT64", "[9223372036854775807,-9223372036854775808,9007199254740993,0]", "[9223372036854775807,-9223372036854775808,9007199254740993,0]")]
    [InlineData("INT64", "[[9007199254740993.0,1],[2,3]]", "[9007199254740993,1,2,3]")]
    public async Task Tensors_come_back_as_they_were_sent(string datatype, string data, string expected)
    {
        var answer = await InferAsync(ServedModels.Identity(datatype), datatype, "[2,2]", data);

        Assert.Equal(200, answer.Status);
        var output = answer.Json.GetProperty("outputs")[0];
        Assert.Equal(expected, output.GetProperty("data").GetRawText());
        Assert.Equal("[2,2]", output.GetProperty("shape").GetRawText());
        Assert.Equal(datatype, output.GetProperty("datatype").GetString());
        Assert.Equal("y", output.GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("cube", "[1,2,2]", "[[[1,2],[3,4]]]", "[1,2,3,4]")]
    [InlineData("cube", "[0,2,2]", "[]", "[]")]
    [InlineData("any", "[2,0]", "[[],[]]", "[]")]
    [InlineData("any", "[2,0]", "[]", "[]")]
    [InlineData("line", "[3]", "[1,2,3]", "[1,2,3]")]
    [InlineData("scalar", "[]", "[4.5]", "[4.5]")]
    [InlineData("fixed", "[2,2]", "[[1,2],[3,4]]", "[1,2,3,4]")]
    public async Task Shapes_of_all_kinds_are_taken(string model, string shape, string data, string expected)
    {
        var answer = await InferAsync(model, "FP32", shape, data);

        Assert.Equal(200, answer.Status);
        Assert.Equal(expected, answer.Json.GetProperty("outputs")[0].GetProperty("data").GetRawText());
        Assert.Equal(shape, answer.Json.GetProperty("outputs")[0].GetProperty("shape").GetRawText());
    }

    // Each row: what is sent as one input, and what the message must name.
    [Theory]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2,3]}""", "more than the 2 elements")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1]}""", "holds 1 elements")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[[1],[2]]}""", "nested as the shape [1, 2] says")]
    [InlineData("""{"name":"x","shape":[2,2],"datatype":"FP32","data":[[1,2,3],[4]]}""", "nested as the shape [2, 2] says")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,[2]]}""", "nested as the shape")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[[1,2],3]}""", "nested as the shape")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[[[1,2]]]}""", "nested as the shape")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,"2"]}""", "element 1 of data is the string \"2\"")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[true,2]}""", "element 0 of data is true")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,null]}""", "element 1 of data is null")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,{"a":[2]}]}""", "element 1 of data is an object")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,1e39]}""", "1e39, expected is a number that fits FP32")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,NaN]}""", "not valid JSON")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,Infinity]}""", "not valid JSON")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":"AAAA"}""", "inputs[0].data must be a list")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32"}""", "inputs[0].data is missing")]
    [InlineData("""{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}""", "takes [-1, 2]")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[1,2]}""", "takes [-1, 2]")]
    [InlineData("""{"name":"x","shape":[-1,2],"datatype":"FP32","data":[1,2]}""", "inputs[0].shape[0] must be a whole number")]
    [InlineData("""{"name":"x","shape":[1.5,2],"datatype":"FP32","data":[1,2]}""", "inputs[0].shape[0] must be a whole number")]
    [InlineData("""{"name":"x","shape":["1",2],"datatype":"FP32","data":[1,2]}""", "inputs[0].shape[0] must be a whole number")]
    [InlineData("""{"name":"x","shape":[9223372036854775807,2],"datatype":"FP32","data":[1,2]}""", "takes far more elements")]
    [InlineData("""{"name":"x","shape":[1000000000,2],"datatype":"FP32","data":[1,2]}""", "takes 2000000000 elements")]
    [InlineData("""{"name":"x","shape":[99999999999999999999,2],"datatype":"FP32","data":[1,2]}""", "must be a whole number")]
    [InlineData("""{"name":"x","shape":2,"datatype":"FP32","data":[1,2]}""", "inputs[0].shape must be a list")]
    [InlineData("""{"name":"x","datatype":"FP32","data":[1,2]}""", "inputs[0].shape is missing")]
    [InlineData("""{"name":"x","shape":[1,2],"data":[1,2]}""", "inputs[0].datatype is missing")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP64","data":[1,2]}""", "takes FP32")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"fp32","data":[1,2]}""", "takes FP32")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":7,"data":[1,2]}""", "inputs[0].datatype must be a string")]
    [InlineData("""{"name":"z","shape":[1,2],"datatype":"FP32","data":[1,2]}""", "no input \"z\", it has \"x\"")]
    [InlineData("""{"name":null,"shape":[1,2],"datatype":"FP32","data":[1,2]}""", "inputs[0].name must be a string")]
    [InlineData("""{"name":"\ud800","shape":[1,2],"datatype":"FP32","data":[1,2]}""", "inputs[0].name is not valid Unicode")]
    [InlineData("""{"shape":[1,2],"datatype":"FP32","data":[1,2]}""", "inputs[0].name is missing")]
    [InlineData("""{"name":"x","name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}""", "inputs[0].name is there twice")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2],"data":[1,2]}""", "inputs[0].data is there twice")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}""", "needs the header Inference-Header-Content-Length")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"a":[]},"data":[1,2]}""", "a parameter is a string, a number or a boolean")]
    [InlineData("""7""", "inputs[0] must be an object")]
    public async Task Malformed_input_is_a_400_that_names_the_field(string input, string expected)
    {
        var answer = await _predictor.InferAsync(ServedModels.Identity("FP32"), $$"""{"inputs":[{{input}}]}""");

        AssertRefused(answer, 400, expected);
    }

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("   ", "not valid JSON")]
    [InlineData("{", "not valid JSON")]
    [InlineData("[]", "The body must be an object")]
    [InlineData("null", "The body must be an object")]
    [InlineData("{}", "inputs is missing: a list with x (FP32 [-1, 2])")]
    [InlineData("""{"inputs":{}}""", "inputs must be a list")]
    [InlineData("""{"inputs":[]}""", "The input x (FP32 [-1, 2]) is missing")]
    [InlineData("""{"inputs":[],"inputs":[]}""", "inputs is there twice")]
    [InlineData("""{"inputs":[X],"outputs":[{"name":"label"}]}""", "no output \"label\", it has \"y\"")]
    [InlineData("""{"inputs":[X],"outputs":[{"name":"y"},{"name":"y"}]}""", "the output y is there twice")]
    [InlineData("""{"inputs":[X],"outputs":[{}]}""", "outputs[0].name is missing")]
    [InlineData("""{"inputs":[X],"outputs":["y"]}""", "outputs[0] must be an object")]
    [InlineData("""{"inputs":[X],"outputs":[{"name":"y","parameters":{"binary_data":1}}]}""", "outputs[0].parameters.binary_data must be true or false")]
    [InlineData("""{"inputs":[X],"outputs":[{"name":"y","parameters":{"classification":2}}]}""", "classification is not offered")]
    [InlineData("""{"inputs":[X],"parameters":{"binary_data_output":"yes"}}""", "parameters.binary_data_output must be true or false")]
    [InlineData("""{"inputs":[X],"parameters":{"timeout":-1}}""", "parameters.timeout must be a whole number")]
    [InlineData("""{"inputs":[X],"parameters":{"priority":"high"}}""", "parameters.priority must be a whole number")]
    [InlineData("""{"inputs":[X],"parameters":{"sequence_start":1}}""", "parameters.sequence_start must be true or false")]
    [InlineData("""{"inputs":[X],"parameters":{"sequence_id":true}}""", "parameters.sequence_id must be a whole number")]
    [InlineData("""{"inputs":[X],"parameters":{"headers":"a"}}""", "parameters.headers is reserved")]
    [InlineData("""{"inputs":[X],"parameters":{"triton_x":1}}""", "keys that begin with triton_ are reserved")]
    [InlineData("""{"inputs":[X],"parameters":{"mine":null}}""", "a parameter is a string, a number or a boolean")]
    [InlineData("""{"inputs":[X,X]}""", "the input x is there twice")]
    [InlineData("""{"inputs":[X],"id":5}""", "id must be a string")]
    [InlineData("""{"inputs":[X],"parameters":[]}""", "parameters must be an object")]
    [InlineData("""{"inputs":[X]} x""", "not valid JSON")]
    [InlineData("""{"inputs":[X]}{}""", "not valid JSON")]
    [InlineData("""{"inputs":[X],}""", "not valid JSON")]
    [InlineData("""{"inputs":[X]/**/}""", "not valid JSON")]
    public async Task Malformed_body_is_a_400_that_says_what_was_expected(string body, string expected)
    {
        var answer = await _predictor.InferAsync(
            ServedModels.Identity("FP32"), body.Replace("X", """{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}"""));

        AssertRefused(answer, 400, expected);
    }

    [Theory]
    [InlineData("INT32", "2147483648")]
    [InlineData("INT32", "-2147483649")]
    [InlineData("INT32", "1.5")]
    [InlineData("INT32", "1e-1")]
    [InlineData("INT32", "1e30")]
    [InlineData("INT64", "9223372036854775808")]
    [InlineData("INT64", "0.5")]
    [InlineData("INT64", "1.00000000000000000000000000000000000000000001")]
    [InlineData("UINT8", "256")]
    [InlineData("UINT8", "300")]
    [InlineData("UINT8", "-1")]
    [InlineData("UINT16", "65536")]
    [InlineData("UINT32", "4294967296")]
    [InlineData("UINT64", "18446744073709551616")]
    [InlineData("UINT64", "-1")]
    [InlineData("INT8", "128")]
    [InlineData("INT8", "-129")]
    [InlineData("INT16", "32768")]
    [InlineData("BOOL", "2")]
    [InlineData("FP64", "1e309")]
    [InlineData("FP64", "-1e400")]
    public async Task Number_out_of_range_is_a_400_that_shows_it(string datatype, string number)
    {
        var answer = await InferAsync(ServedModels.Identity(datatype), datatype, "[1,2]", $"[0,{number}]");

        AssertRefused(answer, 400, $"element 1 of data is {(number.Length > 40 ? number[..40] : number)}");
        Assert.Contains(datatype, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deep_nesting_is_refused_without_harm()
    {
        var body = $$"""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":{{new string('[', 100_000)}}""";

        AssertRefused(await _predictor.InferAsync(ServedModels.Identity("FP32"), body), 400, "nested as the shape");
        AssertRefused(await _predictor.InferAsync("any", "{\"a\":" + new string('[', 100_000)), 400, "not valid JSON");
    }

    [Fact]
    public async Task Fields_may_come_in_any_order_and_escaped()
    {
        var body = """{"x-new":{"a":[1]},"outputs":[{"name":"y"}],"inputs":[{"d\u0061ta":[[1,2]],"datatype":"FP32","sh\u0061pe":[1,2],"n\u0061me":"\u0078"}],"id":"ä\u00e4\"\n𝄞"}""";

        var answer = await _predictor.InferAsync(ServedModels.Identity("FP32"), body);

        Assert.Equal(200, answer.Status);
        Assert.Equal("ää\"\n𝄞", answer.Json.GetProperty("id").GetString());
        Assert.Equal("[1,2]", answer.Json.GetProperty("outputs")[0].GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task Byte_order_mark_is_passed_over()
    {
        byte[] body = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Body("FP32", "[1,2]", "[1,2]"))];

        var answer = await _predictor.PostAsync($"/v2/models/{ServedModels.Identity("FP32")}/infer", new ByteArrayContent(body));

        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task Bytes_that_are_no_utf8_are_a_400()
    {
        byte[] body = [.. "{\"id\":\""u8, 0xC3, 0x28, .. "\"}"u8];

        var answer = await _predictor.PostAsync($"/v2/models/{ServedModels.Identity("FP32")}/infer", new ByteArrayContent(body));

        AssertRefused(answer, 400, "");
    }

    [Fact]
    public async Task Ten_megabytes_of_numbers_come_back_exactly()
    {
        var random = new Random(7);
        var numbers = Enumerable.Range(0, 900_000).Select(_ => (float)(random.NextDouble() * 1000)).ToArray();
        var body = Body("FP32", $"[{numbers.Length / 2},2]", $"[{string.Join(',', numbers.Select(number => number.ToString("R", CultureInfo.InvariantCulture) + "  "))}]");
        Assert.InRange(body.Length, 10_000_000, 20_000_000);

        var answer = await _predictor.InferAsync(ServedModels.Identity("FP32"), body);

        Assert.Equal(200, answer.Status);
        Assert.Equal(numbers, answer.Json.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(number => number.GetSingle()));
    }

    [Fact]
    public async Task Body_beyond_the_limit_is_a_413()
    {
        await using var stage = await Stage.SetAsync(("Predictor:MaxRequestBodyBytes", "2000"));
        stage.Registry.Serve("line", OnnxModels.Identity(Datatype.Fp32, -1));
        await stage.ReadyAsync("line");
        var body = Body("FP32", "[1]", "[1" + new string(' ', 3000) + "]");
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/v2/models/line/infer") { Content = RunningPredictor.Json(body) };
        chunked.Headers.TransferEncodingChunked = true;

        AssertRefused(await stage.Predictor.InferAsync("line", body), 413, "too large");
        AssertRefused(await stage.Predictor.SendAsync(chunked, TestContext.Current.CancellationToken), 413, "too large");
    }

    [Fact]
    public async Task Requested_outputs_come_in_the_order_asked_for()
    {
        var inputs = """[{"name":"a","shape":[1,2],"datatype":"FP32","data":[5,6]},{"name":"b","shape":[1,2],"datatype":"FP32","data":[1,2]}]""";

        var both = await _predictor.InferAsync("two", $$"""{"inputs":{{inputs}},"outputs":[{"name":"difference"},{"name":"sum"}]}""");
        var one = await _predictor.InferAsync("two", $$"""{"inputs":{{inputs}},"outputs":[{"name":"difference"}]}""");
        var all = await _predictor.InferAsync("two", $$"""{"inputs":{{inputs}}}""");

        Assert.Equal(["difference", "sum"], Names(both));
        Assert.Equal("[4,4]", both.Json.GetProperty("outputs")[0].GetProperty("data").GetRawText());
        Assert.Equal(["difference"], Names(one));
        Assert.Equal(["sum", "difference"], Names(all));
    }

    [Fact]
    public async Task Missing_second_input_is_named() => AssertRefused(
        await _predictor.InferAsync("two", """{"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","data":[5,6]}]}"""), 400, "The input b (FP32 [-1, 2]) is missing");

    [Theory]
    [InlineData("[3,2]", "[1,2,3,4,5,6]", 400)] // two rows and three
    [InlineData("[1,2]", "[1,2]", 200)]         // what the model computes all the same is not refused
    public async Task Sizes_that_the_model_declares_equal_are_the_callers_fault_when_the_run_fails(string shape, string data, int status)
    {
        var answer = await _predictor.InferAsync(
            "two", $$"""{"inputs":[{"name":"a","shape":[2,2],"datatype":"FP32","data":[1,2,3,4]},{"name":"b","shape":{{shape}},"datatype":"FP32","data":{{data}}}]}""");

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 400, answer.Text.Contains("The input b has 3 as dimension 0", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("FP16")]
    [InlineData("BF16")]
    public async Task Sixteen_bit_floats_are_refused_as_json_with_a_word_on_how_to_send_them(string datatype) => AssertRefused(
        await InferAsync(ServedModels.Identity(datatype), datatype, "[1,2]", "[1,2]"), 400, $"is {datatype}, which is not sent as JSON: send it as a binary tensor");

    [Fact]
    public async Task Model_that_fails_on_a_well_formed_request_is_a_500_of_one_clean_line()
    {
        var answer = await _predictor.InferAsync("lookup", """{"inputs":[{"name":"x","shape":[1],"datatype":"INT64","data":[7]}]}""");

        AssertRefused(answer, 500, "out of data bounds");
        Assert.Equal("model", answer.Header(SluiceHeaders.Fault));
        Assert.Equal("1", answer.Header(SluiceHeaders.Version));
        Assert.DoesNotContain("ErrorCode", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(".cc", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\\n", answer.Text, StringComparison.Ordinal);
        Assert.Equal(200, (await _predictor.InferAsync("lookup", """{"inputs":[{"name":"x","shape":[1],"datatype":"INT64","data":[1]}]}""")).Status);
    }

    [Fact]
    public async Task Answer_that_is_not_a_number_is_a_model_fault_that_says_where()
    {
        var answer = await InferAsync("root", "FP32", "[3]", "[4,9,-1]");

        AssertRefused(answer, 500, "NaN as element 2 of the output y");
        Assert.Equal("model", answer.Header(SluiceHeaders.Fault));
    }

    [Theory]
    [InlineData("/v2/models/nothing/infer", "Model nothing is unknown")]
    [InlineData("/v2/models/line/versions/9/infer", "Version 9 of model line is unknown")]
    [InlineData("/v2/models/line/versions/abc/infer", "no version abc")]
    [InlineData("/v2/models/line/versions/-1/infer", "no version -1")]
    [InlineData("/v2/nothing", "nothing at this path")]
    public async Task Unknown_is_a_404(string path, string expected) => AssertRefused(await _predictor.PostAsync(path, "{}"), 404, expected);

    [Fact]
    public async Task Wrong_method_is_a_405() => AssertRefused(await _predictor.GetAsync("/v2/models/line/infer"), 405, "The method GET is not for this path");

    [Theory]
    [InlineData("application/x-www-form-urlencoded", 200)]
    [InlineData("text/plain", 200)]
    [InlineData("application/json; charset=utf-8", 200)]
    [InlineData("application/json; charset=utf-16", 415)]
    public async Task Content_type_matters_only_for_its_charset(string contentType, int status)
    {
        using var content = new StringContent(Body("FP32", "[1]", "[1]"));
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        Assert.Equal(status, (await _predictor.PostAsync("/v2/models/line/infer", content)).Status);
    }

    [Fact]
    public async Task Wine_answers_its_golden_vectors()
    {
        using var golden = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("samples", "wine", "1", "golden.json")));
        var rows = golden.RootElement.GetProperty("inputs").GetProperty("features");
        var outputs = golden.RootElement.GetProperty("outputs");
        var body = $$"""{"inputs":[{"name":"features","shape":[{{rows.GetArrayLength()}},13],"datatype":"FP32","data":{{rows.GetRawText()}}}]}""";

        var answer = await _predictor.InferAsync("wine", body);

        Assert.Equal(200, answer.Status);
        var computed = answer.Json.GetProperty("outputs").EnumerateArray().ToDictionary(output => output.GetProperty("name").GetString()!, output => output.GetProperty("data"));
        Assert.Equal(Flat(outputs.GetProperty("label")), Flat(computed["label"]));
        Assert.All(Flat(outputs.GetProperty("probabilities")).Zip(Flat(computed["probabilities"])), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public async Task No_answer_names_the_server() => Assert.Null((await InferAsync("line", "FP32", "[1]", "[1]")).Header("Server"));

    internal static void AssertRefused(Answer answer, int status, string expected)
    {
        Assert.Equal(status, answer.Status);
        Assert.Equal("application/json", answer.Message.Content.Headers.ContentType?.MediaType);
        Assert.Contains(expected, answer.Json.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(FaultClasses.FromAnswer(status, null).Label(), answer.Header(SluiceHeaders.Fault));
        Assert.DoesNotContain("   at ", answer.Text, StringComparison.Ordinal);
    }

    private Task<Answer> InferAsync(string model, string datatype, string shape, string data) => _predictor.InferAsync(model, Body(datatype, shape, data));

    private static string Body(string datatype, string shape, string data) =>
        $$"""{"inputs":[{"name":"x","shape":{{shape}},"datatype":"{{datatype}}","data":{{data}}}]}""";

    private static string[] Names(Answer answer) => [.. answer.Json.GetProperty("outputs").EnumerateArray().Select(output => output.GetProperty("name").GetString()!)];

    private static IEnumerable<double> Flat(JsonElement element) => element.ValueKind == JsonValueKind.Array
        ? element.EnumerateArray().SelectMany(Flat)
        : [element.GetDouble()];
}
