using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;

namespace Sluice.Predictor.Tests.Protocols;

/// <summary>The binary tensor extension of v2.</summary>
public sealed class BinaryTests(ServedModels models) : IClassFixture<ServedModels>
{
    private const string Two = """{"name":"a","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}},{"name":"b","shape":[1,2],"datatype":"FP32","data":[1,2]}""";
    private static readonly byte[] Five = BinaryBody.Bytes(5f, 6f);

    private readonly RunningPredictor _predictor = models.Predictor;

    public static TheoryData<string, byte[]> EveryDatatype => new()
    {
        { Datatype.Bool, [0, 1, 1, 0] },
        { Datatype.UInt8, [0, 255, 1, 2] },
        { Datatype.UInt16, BinaryBody.Bytes<ushort>(0, 65535, 1, 2) },
        { Datatype.UInt32, BinaryBody.Bytes(0u, uint.MaxValue, 1u, 2u) },
        { Datatype.UInt64, BinaryBody.Bytes(0ul, ulong.MaxValue, 1ul, 2ul) },
        { Datatype.Int8, BinaryBody.Bytes<sbyte>(-128, 127, -1, 0) },
        { Datatype.Int16, BinaryBody.Bytes<short>(-32768, 32767, -1, 0) },
        { Datatype.Int32, BinaryBody.Bytes(int.MinValue, int.MaxValue, -1, 0) },
        { Datatype.Int64, BinaryBody.Bytes(long.MinValue, long.MaxValue, -1, 0) },
        { Datatype.Fp16, BinaryBody.Bytes(Half.NaN, Half.NegativeInfinity, (Half)0.5, Half.MaxValue) },
        { Datatype.Bf16, BinaryBody.Bytes<ushort>(0x3F80, 0x7F80, 0x7FC0, 0x8000) },
        { Datatype.Fp32, BinaryBody.Bytes(float.NaN, float.PositiveInfinity, float.Epsilon, -0f) },
        { Datatype.Fp64, BinaryBody.Bytes(double.NaN, double.NegativeInfinity, double.Epsilon, -0d) },
        { Datatype.Bytes, BinaryBody.Strings([0xFF, 0, 1], [], "ä"u8.ToArray(), [0xC3]) },
    };

    [Theory]
    [MemberData(nameof(EveryDatatype))]
    public async Task Tensors_of_every_datatype_come_back_byte_for_byte(string datatype, byte[] tensor)
    {
        using var content = BinaryBody.Of(
            $$$"""{"id":"7","parameters":{"binary_data_output":true},"inputs":[{"name":"x","shape":[2,2],"datatype":"{{{datatype}}}","parameters":{"binary_data_size":{{{tensor.Length}}}}}]}""", tensor);

        using var answer = await PostAsync(ServedModels.Identity(datatype), content);

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType?.MediaType);
        var (json, rest) = await BinaryBody.SplitAsync(answer);
        Assert.Equal(
            $$$"""{"model_name":"identity-{{{datatype}}}","model_version":"1","id":"7","outputs":[{"name":"y","datatype":"{{{datatype}}}","shape":[2,2],"parameters":{"binary_data_size":{{{tensor.Length}}}}}]}""", json);
        Assert.Equal(tensor, rest);
    }

    [Fact]
    public async Task Json_and_binary_may_be_mixed_among_inputs_and_among_outputs()
    {
        using var content = BinaryBody.Of(
            $$"""{"inputs":[{{Two}}],"outputs":[{"name":"difference","parameters":{"binary_data":true} },{"name":"sum"}]}""", Five);

        using var answer = await PostAsync("two", content);

        var (json, rest) = await BinaryBody.SplitAsync(answer);
        var outputs = JsonDocument.Parse(json).RootElement.GetProperty("outputs");
        Assert.Equal(BinaryBody.Bytes(4f, 4f), rest);
        Assert.False(outputs[0].TryGetProperty("data", out _));
        Assert.Equal("[6,8]", outputs[1].GetProperty("data").GetRawText());
    }

    [Theory]
    [InlineData("true", "", true)]
    [InlineData("true", ""","parameters":{"binary_data":false}""", false)]
    [InlineData("true", ""","parameters":{}""", true)]
    [InlineData("true", ""","parameters":{"other":1}""", true)]
    [InlineData("false", ""","parameters":{"binary_data":true}""", true)]
    [InlineData("false", "", false)]
    public async Task What_an_output_says_for_itself_wins_and_what_it_leaves_open_does_not(string all, string own, bool binary)
    {
        using var content = BinaryBody.Of(
            $$$"""{"outputs":[{"name":"sum"{{{own}}}}],"parameters":{"binary_data_output":{{{all}}}},"inputs":[{{{Two}}}]}""", Five);

        using var answer = await PostAsync("two", content);

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal(binary, answer.Headers.Contains(BinaryBody.Header));
        Assert.Equal(binary ? "application/octet-stream" : "application/json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Binary_answer_to_a_request_in_json()
    {
        using var answer = await PostAsync("line", RunningPredictor.Json(
            """{"parameters":{"binary_data_output":true},"inputs":[{"name":"x","shape":[2],"datatype":"FP32","data":[1,2]}]}"""));

        Assert.Equal(BinaryBody.Bytes(1f, 2f), (await BinaryBody.SplitAsync(answer)).Tensors);
    }

    [Theory]
    [InlineData("any", "FP32", "[0,3]")]
    [InlineData("identity-BYTES", "BYTES", "[0,2]")]
    public async Task Tensor_without_elements_takes_no_bytes(string model, string datatype, string shape)
    {
        using var content = BinaryBody.Of(
            $$"""{"parameters":{"binary_data_output":true},"inputs":[{"name":"x","shape":{{shape}},"datatype":"{{datatype}}","parameters":{"binary_data_size":0} }]}""");

        using var answer = await PostAsync(model, content);

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Empty((await BinaryBody.SplitAsync(answer)).Tensors);
    }

    [Theory]
    [InlineData("identity-FP32", 16, "[2,2]")]
    [InlineData("identity-FP32", 0, "[0,2]")]
    [InlineData("fixed", 16, "[2,2]")]
    [InlineData("scalar", 4, "[]")]
    public async Task Header_of_zero_makes_the_body_the_only_input_and_the_outputs_binary(string model, int bytes, string shape)
    {
        var tensor = new byte[bytes];
        Random.Shared.NextBytes(tensor);
        using var answer = await PostAsync(model, BinaryBody.Of("", "0", tensor));

        var (json, rest) = await BinaryBody.SplitAsync(answer);
        Assert.Equal(shape, JsonDocument.Parse(json).RootElement.GetProperty("outputs")[0].GetProperty("shape").GetRawText());
        Assert.Equal(tensor, rest);
    }

    [Theory]
    [InlineData("identity-FP32", 12, "a row takes 8 bytes")]
    [InlineData("fixed", 12, "a row takes 16 bytes")]
    [InlineData("any", 16, "only one dimension may be open")]
    [InlineData("two", 16, "the body is the only input: the model has")]
    [InlineData("identity-BOOL", 2, "is the byte 7")]
    [InlineData("identity-BYTES", 2, "a body is one element")]
    public async Task Body_that_is_not_the_only_input_is_a_400(string model, int bytes, string expected) =>
        V2Tests.AssertRefused(await RefusedAsync(model, BinaryBody.Of("", "0", [.. Enumerable.Repeat((byte)7, bytes)])), 400, expected);

    // Each row: the header, the JSON of the input's size, the tensor's bytes, what the message must name.
    [Theory]
    [InlineData(null, "8", 7, "The input x: 1 of its 8 bytes are missing")]
    [InlineData(null, "8", 0, "The input x: 8 of its 8 bytes are missing")]
    [InlineData(null, "8", 9, "bytes left over")]
    [InlineData(null, "4", 4, "binary_data_size is 4, the shape [1, 2] of FP32 takes 8 bytes")]
    [InlineData(null, "0", 0, "binary_data_size is 0, the shape [1, 2] of FP32 takes 8 bytes")]
    [InlineData(null, "-8", 8, "binary_data_size must be a whole number")]
    [InlineData(null, "\"8\"", 8, "binary_data_size must be a whole number")]
    [InlineData(null, "8.5", 8, "binary_data_size must be a whole number")]
    [InlineData(null, "99999999999999999999", 8, "binary_data_size must be a whole number")]
    [InlineData("-1", "8", 8, "it must be a whole number")]
    [InlineData("ten", "8", 8, "it must be a whole number")]
    [InlineData("", "8", 8, "it must be a whole number")]
    [InlineData("100000", "8", 8, "is 100000, the body has")]
    [InlineData("99999999999999999999", "8", 8, "it must be a whole number")]
    [InlineData("20", "8", 8, "not valid JSON")]
    public async Task Bytes_that_do_not_fit_their_tensor_are_a_400(string? header, string size, int bytes, string expected)
    {
        var json = $$$"""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":{{{size}}}}}]}""";
        V2Tests.AssertRefused(await RefusedAsync(ServedModels.Identity("FP32"), BinaryBody.Of(json, header, new byte[bytes])), 400, expected);

        // Without a length to go by, the same is found when the body ends.
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/v2/models/identity-FP32/infer") { Content = BinaryBody.Of(json, header, new byte[bytes]) };
        chunked.Headers.TransferEncodingChunked = true;
        V2Tests.AssertRefused(await _predictor.SendAsync(chunked, TestContext.Current.CancellationToken), 400, expected);
    }

    [Theory]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8},"data":[1,2]}""", "both data and binary_data_size")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2],"parameters":{"binary_data_size":8}}""", "both data and binary_data_size")]
    [InlineData("""{"name":"x","datatype":"FP32","parameters":{"binary_data_size":8}}""", "inputs[0].shape is missing")]
    [InlineData("""{"name":"x","shape":[1000000000000,2],"datatype":"FP32","parameters":{"binary_data_size":8000000000000}}""", "bytes are missing")]
    [InlineData("""{"name":"x","shape":[9223372036854775807,2],"datatype":"FP32","parameters":{"binary_data_size":8}}""", "takes far more bytes")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"shared_memory_region":"a"}}""", "not offered")]
    public async Task Malformed_binary_input_is_a_400(string input, string expected) =>
        V2Tests.AssertRefused(await RefusedAsync(ServedModels.Identity("FP32"), BinaryBody.Of($$"""{"inputs":[{{input}}]}""", new byte[8])), 400, expected);

    [Theory]
    [InlineData("BOOL", "[1,2]", new byte[] { 1, 2 }, "element 1 is the byte 2, a BOOL is 0 or 1")]
    [InlineData("BYTES", "[1,2]", new byte[] { 0, 0, 0, 0, 9, 0, 0, 0 }, "not whole elements")]
    [InlineData("BYTES", "[1,2]", new byte[] { 0, 0, 0, 0, 255, 255, 255, 255 }, "not whole elements")]
    [InlineData("BYTES", "[1,2]", new byte[] { 4, 0, 0, 0, 0, 0, 0, 0 }, "1 elements, the shape [1, 2] takes 2")]
    public async Task Bytes_that_are_no_elements_are_a_400(string datatype, string shape, byte[] tensor, string expected) => V2Tests.AssertRefused(
        await RefusedAsync(ServedModels.Identity(datatype), BinaryBody.Of(
            $$$"""{"inputs":[{"name":"x","shape":{{{shape}}},"datatype":"{{{datatype}}}","parameters":{"binary_data_size":{{{tensor.Length}}}}}],"outputs":[{"name":"y"}]}""", tensor)), 400, expected);

    [Fact]
    public async Task Bytes_that_are_no_text_are_not_answered_as_json()
    {
        var tensor = BinaryBody.Strings([0xFF], [0xFE]);
        V2Tests.AssertRefused(
            await RefusedAsync("identity-BYTES", BinaryBody.Of(
                $$$"""{"inputs":[{"name":"x","shape":[1,2],"datatype":"BYTES","parameters":{"binary_data_size":{{{tensor.Length}}}}}]}""", tensor)),
            400,
            "Element 0 of the output y is no text");
    }

    [Fact]
    public async Task Sixteen_bit_floats_are_not_answered_as_json() => V2Tests.AssertRefused(
        await RefusedAsync("identity-FP16", BinaryBody.Of(
            """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP16","parameters":{"binary_data_size":4}}]}""", new byte[4])),
        400,
        "The output y is FP16, which is not answered as JSON");

    [Fact]
    public async Task Megabytes_come_back_exactly()
    {
        var tensor = new byte[24 * 1024 * 1024];
        new Random(3).NextBytes(tensor);
        using var content = BinaryBody.Of(
            $$$"""{"parameters":{"binary_data_output":true},"inputs":[{"name":"x","shape":[{{{tensor.Length / 2}}},2],"datatype":"UINT8","parameters":{"binary_data_size":{{{tensor.Length}}}}}]}""", tensor);

        using var answer = await PostAsync(ServedModels.Identity("UINT8"), content);

        var (_, rest) = await BinaryBody.SplitAsync(answer);
        Assert.True(tensor.AsSpan().SequenceEqual(rest));
    }

    private Task<HttpResponseMessage> PostAsync(string model, HttpContent content) => _predictor.Http.PostAsync($"/v2/models/{model}/infer", content);

    private async Task<Answer> RefusedAsync(string model, HttpContent content) => await _predictor.PostAsync($"/v2/models/{model}/infer", content);
}
