using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Protocols;

public sealed class CompressionTests(ServedModels models) : IClassFixture<ServedModels>
{
    private const string Body = """{"inputs":[{"name":"x","shape":[2],"datatype":"FP32","data":[1,2]}]}""";
    private readonly RunningPredictor _predictor = models.Predictor;

    [Theory]
    [InlineData("gzip")]
    [InlineData("GZIP")]
    [InlineData("x-gzip")]
    [InlineData("deflate")]
    [InlineData("identity")]
    public async Task Compressed_requests_are_read(string encoding) =>
        Assert.Equal(200, (await PostAsync(encoding, Compress(encoding, Encoding.UTF8.GetBytes(Body)))).Status);

    [Fact]
    public async Task Header_counts_the_bytes_of_the_json_before_compression()
    {
        var json = """{"inputs":[{"name":"x","shape":[2],"datatype":"FP32","parameters":{"binary_data_size":8}}]}""";
        byte[] body = [.. Encoding.UTF8.GetBytes(json), .. BinaryBody.Bytes(1f, 2f)];

        var answer = await PostAsync("gzip", Compress("gzip", body), json.Length);
        var missing = await PostAsync("gzip", Compress("gzip", body[..^1]), json.Length);
        var leftOver = await PostAsync("gzip", Compress("gzip", [.. body, 0]), json.Length);

        Assert.Equal("[1,2]", answer.Json.GetProperty("outputs")[0].GetProperty("data").GetRawText());
        V2Tests.AssertRefused(missing, 400, "The input x: 1 of its 8 bytes are missing");
        V2Tests.AssertRefused(leftOver, 400, "bytes left over");
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip, gzip")]
    [InlineData("nonsense")]
    public async Task Other_encodings_are_a_415_that_lists_those_there_are(string encoding)
    {
        var answer = await PostAsync(encoding, Encoding.UTF8.GetBytes(Body));

        V2Tests.AssertRefused(answer, 415, "send the body as it is, or in one of gzip, deflate");
        Assert.Equal("gzip, deflate", answer.Header("Accept-Encoding"));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Body_that_is_not_compressed_as_said_is_a_400(string encoding)
    {
        V2Tests.AssertRefused(await PostAsync(encoding, Encoding.UTF8.GetBytes(Body)), 400, "");
        V2Tests.AssertRefused(await PostAsync(encoding, Compress(encoding, Encoding.UTF8.GetBytes(Body))[..^12]), 400, "");
        V2Tests.AssertRefused(await PostAsync(encoding, []), 400, "");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Body_that_grows_beyond_the_limit_is_a_413(string encoding)
    {
        await using var stage = await Stage.SetAsync(("Predictor:MaxRequestBodyBytes", "200000"));
        stage.Registry.Serve("line", OnnxModels.Identity(Datatype.Fp32, -1));
        await stage.ReadyAsync("line");
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var bomb = Compress(encoding, [.. Encoding.UTF8.GetBytes(Body), .. Enumerable.Repeat((byte)' ', 100_000_000)]);
        Assert.InRange(bomb.Length, 0, 190_000);
        var made = GC.GetTotalAllocatedBytes(precise: true);

        foreach (var path in new[] { "/v2/models/line/infer", "/models/line/invocations", "/models/line/predict", "/v1/models/line:predict" })
        {
            using var content = Content(encoding, bomb);
            Assert.Equal(413, (await stage.Predictor.PostAsync(path, content)).Status);
        }

        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - made, 0, 20_000_000);
        Assert.True(made > before);
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("deflate", "deflate")]
    [InlineData("*", "gzip")]
    [InlineData("gzip;q=0.5, deflate", "deflate")]
    [InlineData("br, gzip;q=0.1", "gzip")]
    [InlineData("gzip;q=0", null)]
    [InlineData("identity, gzip;q=0.5", null)]
    [InlineData("*;q=0", null)]
    [InlineData("br", null)]
    [InlineData("", null)]
    [InlineData("nonsense;;", null)]
    public async Task Large_json_is_compressed_as_the_caller_likes_it(string accepted, string? encoding)
    {
        var answer = await AskAsync("FP32", accepted, 20_000, binary: false);

        Assert.Equal(encoding, answer.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal("Accept-Encoding", answer.Headers.Vary.SingleOrDefault());
        var body = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var text = Encoding.UTF8.GetString(Decompress(encoding, body));
        Assert.StartsWith("{\"model_name\"", text, StringComparison.Ordinal);
        Assert.EndsWith("}]}", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(20_000, true)]
    public async Task Small_answers_and_binary_ones_are_not_compressed(int elements, bool binary) =>
        Assert.Empty((await AskAsync("FP32", "gzip", elements, binary)).Content.Headers.ContentEncoding);

    private static byte[] Compress(string encoding, byte[] body)
    {
        using var target = new MemoryStream();
        using (Stream stream = encoding.Contains("gzip", StringComparison.OrdinalIgnoreCase) ? new GZipStream(target, CompressionLevel.Optimal)
            : encoding == "deflate" ? new ZLibStream(target, CompressionLevel.Optimal)
            : new BufferedStream(target))
        {
            stream.Write(body);
        }

        return target.ToArray();
    }

    private static byte[] Decompress(string? encoding, byte[] body)
    {
        using var source = new MemoryStream(body);
        using Stream stream = encoding == "gzip" ? new GZipStream(source, CompressionMode.Decompress)
            : encoding == "deflate" ? new ZLibStream(source, CompressionMode.Decompress)
            : source;
        using var target = new MemoryStream();
        stream.CopyTo(target);
        return target.ToArray();
    }

    private static ByteArrayContent Content(string encoding, byte[] body, int? head = null)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        if (head is not null)
        {
            content.Headers.TryAddWithoutValidation(BinaryBody.Header, $"{head}");
        }

        return content;
    }

    private Task<Answer> PostAsync(string encoding, byte[] body, int? head = null) => _predictor.PostAsync("/v2/models/line/infer", Content(encoding, body, head));

    private async Task<HttpResponseMessage> AskAsync(string datatype, string accepted, int elements, bool binary)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v2/models/{ServedModels.Identity(datatype)}/infer")
        {
            Content = RunningPredictor.Json(
                $$"""{"parameters":{"binary_data_output":{{(binary ? "true" : "false")}} },"inputs":[{"name":"x","shape":[{{elements / 2}},2],"datatype":"FP32","data":[{{string.Join(',', Enumerable.Repeat("1.25", elements))}}]}]}"""),
        };
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        return await _predictor.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
