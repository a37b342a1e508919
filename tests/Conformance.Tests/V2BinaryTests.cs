using System.Net;
using System.Text;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Protocols;
using static Sluice.Conformance.Tests.ConformanceModels;
using static Sluice.Conformance.Tests.ServerUnderTest;

namespace Sluice.Conformance.Tests;

/// <summary>The binary tensor data extension of v2.</summary>
public sealed class V2BinaryTests
{
    private readonly ServerUnderTest _server;

    public V2BinaryTests(ServerUnderTest server)
    {
        Require("v2");
        _server = server;
    }

    public static TheoryData<string> EveryDatatype => [.. Datatypes];

    [Theory]
    [MemberData(nameof(EveryDatatype))]
    public async Task Bytes_come_back_as_they_were_sent(string datatype)
    {
        var tensor = datatype switch
        {
            Datatype.Bool => new byte[] { 0, 1, 1, 0 },
            Datatype.Bytes => BinaryBody.Strings([0xFF], [], "ab"u8.ToArray(), [0]),
            _ => [.. Enumerable.Range(0, 4 * SizeOf(datatype)).Select(i => (byte)(i * 37))],
        };
        using var content = BinaryBody.Of(Request(datatype, "[2,2]", tensor.Length, """{"binary_data_output":true}"""), tensor);

        using var answer = await PostAsync(Identity(datatype), content);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var (json, rest) = await BinaryBody.SplitAsync(answer);
        var output = JsonDocument.Parse(json).RootElement.GetProperty("outputs")[0];
        Assert.Equal(tensor.Length, output.GetProperty("parameters").GetProperty("binary_data_size").GetInt32());
        Assert.False(output.TryGetProperty("data", out _));
        Assert.Equal(tensor, rest);
        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(Encoding.UTF8.GetByteCount(json) + rest.Length, answer.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Binary_tensors_stand_in_the_order_of_the_json_and_mix_with_data()
    {
        using var both = BinaryBody.Of(
            """{"inputs":[{"name":"b","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}},{"name":"a","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}]}""",
            BinaryBody.Bytes(1f, 2f), BinaryBody.Bytes(5f, 6f));
        using var one = BinaryBody.Of(
            """{"inputs":[{"name":"b","shape":[1,2],"datatype":"FP32","data":[1,2]},{"name":"a","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}]}""",
            BinaryBody.Bytes(5f, 6f));

        foreach (var content in new[] { both, one })
        {
            var answer = await _server.InferAsync(Pair, content);
            Assert.True(answer.Status == 200, answer.Text);
            var difference = answer.Json.GetProperty("outputs").EnumerateArray().Single(output => output.GetProperty("name").GetString() == "difference");
            Assert.Equal([4, 4], difference.GetProperty("data").EnumerateArray().Select(element => element.GetDouble()));
        }
    }

    // What the request says, what an output says for itself, and whether it comes as binary.
    [Theory]
    [InlineData("{}", null, false)]
    [InlineData("""{"binary_data_output":true}""", null, true)]
    [InlineData("""{"binary_data_output":true}""", "{}", true)] // unset does not override
    [InlineData("""{"binary_data_output":true}""", """{"binary_data":false}""", false)]
    [InlineData("""{"binary_data_output":false}""", """{"binary_data":true}""", true)]
    [InlineData("{}", """{"binary_data":true}""", true)]
    public async Task Outputs_are_binary_as_they_say_themselves_else_as_the_request_says(string request, string? output, bool binary)
    {
        var outputs = output is null ? "" : $$""","outputs":[{"name":"y","parameters":{{output}}}]""";
        using var answer = await PostAsync(Identity("FP32"), new StringContent(
            $$"""{"parameters":{{request}},"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]{{outputs}}}""", Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(binary, answer.Headers.Contains(BinaryBody.Header));
    }

    [Fact]
    public async Task Size_of_zero_is_legal()
    {
        using var content = BinaryBody.Of(Request("FP32", "[0,2]", 0, "{}"));

        Assert.Equal(200, (await _server.InferAsync(Identity("FP32"), content)).Status);
    }

    [Fact]
    public async Task Header_of_zero_makes_the_body_the_only_input_and_the_output_binary()
    {
        using var answer = await PostAsync(Identity("FP32"), BinaryBody.Of("", "0", BinaryBody.Bytes(1f, 2f)));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(BinaryBody.Bytes(1f, 2f), (await BinaryBody.SplitAsync(answer)).Tensors);
    }

    [Theory]
    [InlineData("-1", 8)]
    [InlineData("100000", 8)]
    [InlineData("ten", 8)]
    [InlineData(null, 7)] // too few bytes
    [InlineData(null, 9)] // bytes left over
    public async Task Lengths_that_do_not_fit_the_body_are_a_400(string? header, int bytes)
    {
        using var content = BinaryBody.Of(Request("FP32", "[1,2]", 8, "{}"), header, new byte[bytes]);

        Refused(await _server.InferAsync(Identity("FP32"), content));
    }

    [Fact]
    public async Task Too_few_bytes_are_named_with_their_input_and_count()
    {
        using var content = BinaryBody.Of(Request("FP32", "[1,2]", 8, "{}"), new byte[5]);

        var error = (await _server.InferAsync(Identity("FP32"), content)).Json.GetProperty("error").GetString();

        Assert.Contains("x", error, StringComparison.Ordinal);
        Assert.Contains("3", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(16)]
    public async Task Size_that_is_not_that_of_the_shape_is_a_400(int size)
    {
        using var content = BinaryBody.Of(Request("FP32", "[1,2]", size, "{}"), new byte[size]);

        Refused(await _server.InferAsync(Identity("FP32"), content));
    }

    [Fact]
    public async Task Binary_tensor_without_the_header_is_a_400_that_names_it()
    {
        var answer = await _server.InferAsync(Identity("FP32"), Request("FP32", "[1,2]", 8, "{}"));

        Refused(answer);
        Assert.Contains(BinaryBody.Header, answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BYTES", new byte[] { 1, 0, 0, 0, 65, 255, 255, 255, 255 })]
    [InlineData("BYTES", new byte[] { 1, 0, 0, 0, 65 })]
    [InlineData("BYTES", new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    public async Task Elements_of_bytes_that_do_not_fit_are_a_400(string datatype, byte[] tensor)
    {
        using var content = BinaryBody.Of(Request(datatype, "[1,2]", tensor.Length, "{}"), tensor);

        Refused(await _server.InferAsync(Identity(datatype), content));
    }

    private static string Request(string datatype, string shape, int size, string parameters) =>
        $$"""{"parameters":{{parameters}},"inputs":[{"name":"x","shape":{{shape}},"datatype":"{{datatype}}","parameters":{"binary_data_size":{{size}} } }]}""";

    private static int SizeOf(string datatype) => datatype switch
    {
        Datatype.UInt8 or Datatype.Int8 => 1,
        Datatype.UInt16 or Datatype.Int16 or Datatype.Fp16 or Datatype.Bf16 => 2,
        Datatype.UInt64 or Datatype.Int64 or Datatype.Fp64 => 8,
        _ => 4,
    };

    private Task<HttpResponseMessage> PostAsync(string model, HttpContent content) =>
        _server.Http.PostAsync($"/v2/models/{model}/infer", content, TestContext.Current.CancellationToken);
}
