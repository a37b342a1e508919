using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using static Sluice.Conformance.Tests.ConformanceModels;
using static Sluice.Conformance.Tests.ServerUnderTest;

namespace Sluice.Conformance.Tests;

/// <summary>Open Inference Protocol v2: inference with tensors in JSON.</summary>
public sealed class V2InferTests
{
    private const string AB = """{"name":"a","shape":[1,2],"datatype":"FP32","data":[5,6]},{"name":"b","shape":[1,2],"datatype":"FP32","data":[1,2]}""";
    private readonly ServerUnderTest _server;

    public V2InferTests(ServerUnderTest server)
    {
        Require("v2");
        _server = server;
    }

    [Theory]
    [InlineData("BOOL", "[true,false,false,true]")]
    [InlineData("UINT8", "[0,255,1,2]")]
    [InlineData("UINT16", "[0,65535,1,2]")]
    [InlineData("UINT32", "[0,4294967295,1,2]")]
    [InlineData("UINT64", "[0,18446744073709551615,9007199254740993,2]")]
    [InlineData("INT8", "[-128,127,-1,0]")]
    [InlineData("INT16", "[-32768,32767,-1,0]")]
    [InlineData("INT32", "[-2147483648,2147483647,-1,0]")]
    [InlineData("INT64", "[-9223372036854775808,9223372036854775807,9007199254740993,0]")]
    [InlineData("FP32", "[1.5,-2,0.25,16777216]")]
    [InlineData("FP64", "[1.5,-2,0.25,9007199254740991]")]
    [InlineData("BYTES", """["a","b c","","d"]""")]
    public async Task Elements_of_every_datatype_come_back_as_they_were_sent(string datatype, string data)
    {
        var answer = await _server.InferAsync(Identity(datatype), Body(datatype, "[2,2]", data, "\"id\":\"42\","));

        Assert.True(answer.Status == 200, answer.Text);
        var output = Assert.Single(answer.Json.GetProperty("outputs").EnumerateArray());
        Assert.Equal(("y", datatype, "[2,2]"), (output.GetProperty("name").GetString(), output.GetProperty("datatype").GetString(), output.GetProperty("shape").GetRawText()));
        Assert.Equal(Flat(JsonDocument.Parse(data).RootElement), Flat(output.GetProperty("data")));
        Assert.Equal("42", answer.Json.GetProperty("id").GetString());
        Assert.Equal(Identity(datatype), answer.Json.GetProperty("model_name").GetString());
    }

    [Fact]
    public async Task Id_that_was_not_given_is_not_made_up()
    {
        var answer = (await _server.InferAsync(Identity("FP32"), Body("FP32", "[1,2]", "[1,2]"))).Json;

        Assert.True(!answer.TryGetProperty("id", out var id) || id.GetString() is "" or null);
    }

    [Theory]
    [InlineData("[[1,2],[3,4]]")]
    [InlineData("[1,2,3,4]")]
    public async Task Data_may_be_nested_or_flat(string data)
    {
        var answer = await _server.InferAsync(Identity("FP32"), Body("FP32", "[2,2]", data));

        Assert.Equal(["1", "2", "3", "4"], Flat(answer.Json.GetProperty("outputs")[0].GetProperty("data")));
    }

    [Fact]
    public async Task Tensor_without_elements_is_taken()
    {
        var answer = await _server.InferAsync(Identity("FP32"), Body("FP32", "[0,2]", "[]"));

        Assert.True(answer.Status == 200, answer.Text);
        Assert.Empty(Flat(answer.Json.GetProperty("outputs")[0].GetProperty("data")));
    }

    [Theory]
    [InlineData("", "difference sum")]
    [InlineData(""","outputs":[{"name":"difference"}]""", "difference")]
    public async Task Outputs_are_all_or_those_that_are_asked_for(string outputs, string names)
    {
        var answer = await _server.InferAsync(Pair, $$"""{"inputs":[{{AB}}]{{outputs}}}""");

        Assert.Equal(names, string.Join(' ', answer.Json.GetProperty("outputs").EnumerateArray().Select(output => output.GetProperty("name").GetString()).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Named_version_answers_and_says_so() => Assert.Equal(
        "1", (await _server.PostAsync($"/v2/models/{Pair}/versions/1/infer", $$"""{"inputs":[{{AB}}]}""")).Json.GetProperty("model_version").GetString());

    [Fact]
    public async Task Parameters_that_are_known_or_free_are_taken()
    {
        var parameters = """ "parameters":{"priority":1,"timeout":60000000,"sequence_id":0,"sequence_start":false,"sequence_end":false,"mine":"a","theirs":1.5},""";

        Assert.Equal(200, (await _server.InferAsync(Identity("FP32"), Body("FP32", "[1,2]", "[1,2]", parameters))).Status);
    }

    // The counts of shape and data differ: a client's mistake, never a 500. The first is the example of the specification.
    [Theory]
    [InlineData("BOOL", "[3]", "[true]")]
    [InlineData("FP32", "[1,2]", "[1]")]
    [InlineData("FP32", "[1,2]", "[1,2,3]")]
    [InlineData("FP32", "[0,2]", "[1]")]
    [InlineData("FP32", "[1000000000000,2]", "[1,2]")]
    [InlineData("FP32", "[2,2]", "[[1,2],[3]]")]
    [InlineData("BYTES", "[1,2]", """["a"]""")]
    public async Task Data_that_does_not_fill_its_shape_is_a_400(string datatype, string shape, string data) =>
        Refused(await _server.InferAsync(Identity(datatype), Body(datatype, shape, data)));

    // Never wrapped, rounded or cut.
    [Theory]
    [InlineData("UINT8", "300")]
    [InlineData("UINT8", "-1")]
    [InlineData("UINT16", "65536")]
    [InlineData("UINT32", "4294967296")]
    [InlineData("UINT64", "18446744073709551616")]
    [InlineData("INT8", "128")]
    [InlineData("INT16", "-32769")]
    [InlineData("INT32", "2147483648")]
    [InlineData("INT64", "9223372036854775808")]
    [InlineData("INT32", "1.5")]
    [InlineData("FP32", "1e39")]
    [InlineData("FP64", "1e309")]
    [InlineData("FP32", "\"1\"")]
    [InlineData("FP32", "null")]
    [InlineData("BYTES", "1")]
    [InlineData("BOOL", "\"true\"")]
    [InlineData("FP32", "NaN")]
    public async Task Element_that_is_not_of_its_datatype_is_a_400(string datatype, string element) =>
        Refused(await _server.InferAsync(Identity(datatype), Body(datatype, "[1,2]", $"[{element},{element}]")));

    [Theory]
    [InlineData("FP16")]
    [InlineData("BF16")]
    public async Task Sixteen_bit_floats_are_a_400_in_json(string datatype) =>
        Refused(await _server.InferAsync(Identity(datatype), Body(datatype, "[1,2]", "[1,2]")));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"inputs\":")]
    [InlineData("""{"inputs":[]}""")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"fp32","data":[1,2]}]}""")] // case-sensitive
    [InlineData("""{"inputs":[{"name":"X","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP64","data":[1,2]}]}""")]
    [InlineData("""{"inputs":[{"name":"x","shape":[-1,2],"datatype":"FP32","data":[1,2]}]}""")]
    [InlineData("""{"inputs":[{"name":"x","shape":[2],"datatype":"FP32","data":[1,2]}]}""")]
    [InlineData("""{"inputs":[{"name":"x","datatype":"FP32","data":[1,2]}]}""")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"data":[1,2]}]}""")]
    [InlineData("""{"inputs":[{"shape":[1,2],"datatype":"FP32","data":[1,2]}]}""")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32"}]}""")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}],"outputs":[{"name":"z"}]}""")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]},{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}],"parameters":{"triton_x":1}}""")] // reserved
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}],"parameters":{"timeout":"soon"}}""")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}],"parameters":{"mine":[1]}}""")]
    public async Task Malformed_request_is_a_400(string body) => Refused(await _server.InferAsync(Identity("FP32"), body));

    [Fact]
    public async Task Unknown_model_is_a_404() => Refused(await _server.InferAsync("conformance-nothing", Body("FP32", "[1,2]", "[1,2]")), HttpStatusCode.NotFound);

    // A judge that counts server errors must see a broken model.
    [Fact]
    public async Task Model_that_fails_on_a_well_formed_request_is_a_500() =>
        Refused(await _server.InferAsync(Lookup, Body("INT64", "[1]", "[7]")), HttpStatusCode.InternalServerError);

    [Fact]
    public async Task Number_that_json_lacks_is_never_written_into_it()
    {
        using var content = Predictor.Tests.Protocols.BinaryBody.Of(
            """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}]}""", Predictor.Tests.Protocols.BinaryBody.Bytes(float.NaN, 1f));

        var answer = await _server.InferAsync(Identity("FP32"), content);

        _ = answer.Json; // throws at NaN
        Assert.NotEqual(200, answer.Status);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Compressed_request_is_read(string encoding)
    {
        using var packed = new MemoryStream();
        using (Stream stream = encoding == "gzip" ? new GZipStream(packed, CompressionMode.Compress, leaveOpen: true) : new ZLibStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            stream.Write(Encoding.UTF8.GetBytes(Body("FP32", "[1,2]", "[1,2]")));
        }

        using var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentEncoding.Add(encoding);

        Assert.Equal(200, (await _server.InferAsync(Identity("FP32"), content)).Status);
    }

    [Fact]
    public async Task Unknown_compression_is_refused_with_a_list_of_those_there_are()
    {
        using var content = new StringContent(Body("FP32", "[1,2]", "[1,2]"));
        content.Headers.ContentEncoding.Add("br");

        var answer = await _server.InferAsync(Identity("FP32"), content);

        Assert.InRange(answer.Status, 400, 499);
        Assert.Contains("gzip", answer.Header("Accept-Encoding"), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Flat(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Flat),
        JsonValueKind.Number when element.TryGetDecimal(out var number) => [number.ToString("G29", System.Globalization.CultureInfo.InvariantCulture)],
        _ => [element.GetRawText()],
    };
}
