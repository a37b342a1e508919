using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Sluice.Contracts;
using Sluice.Protos;

namespace Sluice.Predictor.Tests.Grpc;

/// <summary>What no client library would send, over HTTP/2: INTERNAL says that the model failed, and nothing else may say so.</summary>
public sealed class FramingTests(GrpcServer server) : IClassFixture<GrpcServer>
{
    private const int Seed = 20260101;
    private const int Rounds = 3000;
    private const string Infer = "/inference.GRPCInferenceService/ModelInfer";
    private const string Stream = "/inference.GRPCInferenceService/ModelStreamInfer";

    private static readonly string[] Methods = [Infer, Infer, Infer, Stream, "/inference.GRPCInferenceService/RepositoryIndex", "/inference.GRPCInferenceService/ModelStatistics", "/grpc.health.v1.Health/Check"];

    private static readonly HttpClient Http = new(new SocketsHttpHandler());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, byte[], string?> Bodies => new()
    {
        { "nothing", [], null },
        { "half a header", [0, 0], null },
        { "less than announced", [0, 0, 0, 0, 9, 1], null },
        { "more than announced", [0, 0, 0, 0, 0, 1], null },
        { "a flag that is none", Frame([], flag: 7), null },
        { "no message", Frame([0xFF, 0xFF, 0xFF]), null },
        { "an end of a group", Frame([0x0C]), null },
        { "a length beyond the end", Frame([0x0A, 0x7F, 1]), null },
        { "text that is no UTF-8", Frame([0x0A, 1, 0xFF]), null },
        { "compressed by nothing", Frame(Tensors.Line(1).ToByteArray(), flag: 1), null },
        { "compressed by identity", Frame(Tensors.Line(1).ToByteArray(), flag: 1), "identity" },
        { "gzip that is none", Frame(Tensors.Line(1).ToByteArray(), flag: 1), "gzip" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Message_that_cannot_be_read_is_the_callers_fault(string what, byte[] body, string? encoding)
    {
        foreach (var method in new[] { Infer, Stream }.Where(method => method == Infer || what != "nothing"))
        {
            var answer = await PostAsync(method, body, encoding);

            Assert.True(answer.Code == "3", $"{what} to {method}: {answer}");
            Assert.Equal("client", answer.Fault);
        }
    }

    [Fact]
    public async Task Compression_that_is_not_known_is_unimplemented() =>
        Assert.Equal("12", (await PostAsync(Infer, Frame(Tensors.Line(1).ToByteArray(), flag: 1), "zstd")).Code);

    [Fact]
    public async Task Method_that_is_not_known_is_unimplemented() =>
        Assert.Equal("12", (await PostAsync("/inference.GRPCInferenceService/ModelConfig", Frame([]), null)).Code);

    [Fact]
    public async Task Message_over_the_limit_is_refused_before_it_is_read() =>
        Assert.Equal("8", (await PostAsync(Infer, [0, 0x7F, 0xFF, 0xFF, 0xFF], null)).Code);

    [Fact]
    public async Task Message_that_unpacks_beyond_the_limit_is_refused_where_it_does()
    {
        var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var zeros = new byte[1024 * 1024];
            for (var i = 0; i < 200; i++)
            {
                await gzip.WriteAsync(zeros, Cancellation);
            }
        }

        var answer = await PostAsync(Infer, Frame(packed.ToArray(), flag: 1), "gzip");

        Assert.Equal("8", answer.Code);
        Assert.Contains("unpacked", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_bytes_however_mangled_are_the_models_fault_or_end_the_process()
    {
        var random = new Random(Seed);
        byte[][] good =
        [
            Tensors.Line(1, 2, 3).ToByteArray(),
            Tensors.RawRequest("line", Datatype.Fp32, Tensors.Bytes(1f, 2f), 2).ToByteArray(),
            Tensors.RawRequest(GrpcServer.Identity(Datatype.Bytes), Datatype.Bytes, Tensors.Raw(Datatype.Bytes), 2, 2).ToByteArray(),
            Tensors.TypedRequest(GrpcServer.Identity(Datatype.UInt8), Datatype.UInt8, Tensors.Contents(Datatype.UInt8), 2, 2).ToByteArray(),
            Tensors.TypedRequest(GrpcServer.Identity(Datatype.Bool), Datatype.Bool, Tensors.Contents(Datatype.Bool), 2, 2).ToByteArray(),
            new RepositoryIndexRequest { RepositoryName = "a", Ready = true }.ToByteArray(),
        ];
        var codes = new HashSet<string?>();
        for (var round = 0; round < Rounds; round++)
        {
            var message = random.Next(10) == 0 ? Noise(random) : Mangle(good[random.Next(good.Length)], random);
            var body = random.Next(10) == 0 ? Mangle(Frame(message), random) : Frame(message);

            var answer = await PostAsync(Methods[random.Next(Methods.Length)], body, random.Next(20) == 0 ? "gzip" : null);

            codes.Add(answer.Code);
            Assert.True(answer.Code is "0" or "3" or "5" or "8", $"Round {round}: {answer} for {Convert.ToHexString(body)}");
            Assert.DoesNotContain("   at ", answer.Message, StringComparison.Ordinal);
        }

        Assert.Superset(new HashSet<string?> { "0", "3", "5" }, codes);
        Assert.True((await server.Inference.ServerLiveAsync(new ServerLiveRequest(), cancellationToken: Cancellation)).Live);
    }

    private static byte[] Frame(byte[] message, byte flag = 0)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    private static byte[] Noise(Random random)
    {
        var noise = new byte[random.Next(64)];
        random.NextBytes(noise);
        return noise;
    }

    private static byte[] Mangle(byte[] bytes, Random random)
    {
        for (var changes = random.Next(3); changes >= 0; changes--)
        {
            var at = random.Next(bytes.Length + 1);
            var length = Math.Min(random.Next(6), bytes.Length - at);
            bytes = random.Next(5) switch
            {
                0 => bytes[..at],                                             // cut off
                1 => [.. bytes[..at], .. bytes[(at + length)..]],             // something left out
                2 => [.. bytes[..at], .. Noise(random), .. bytes[at..]],      // something put in
                3 => [.. bytes[..at], .. bytes[..at], .. bytes[at..]],        // something said twice
                _ => [.. bytes[..at], .. bytes[at..].Select((each, index) => index == 0 ? (byte)(each ^ (1 << random.Next(8))) : each)],
            };
        }

        return bytes;
    }

    private async Task<Told> PostAsync(string method, byte[] body, string? encoding)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (encoding is not null)
        {
            request.Headers.Add("grpc-encoding", encoding);
        }

        using var response = await Http.SendAsync(request, Cancellation);
        await response.Content.ReadAsByteArrayAsync(Cancellation);
        return new Told(Find("grpc-status"), Uri.UnescapeDataString(Find("grpc-message") ?? ""), Find(SluiceHeaders.Fault));

        string? Find(string name) =>
            response.Headers.TryGetValues(name, out var values) || response.TrailingHeaders.TryGetValues(name, out values) ? string.Join(",", values) : null;
    }

    private sealed record Told(string? Code, string Message, string? Fault);
}
