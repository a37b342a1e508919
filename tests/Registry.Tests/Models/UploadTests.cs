using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Sluice.Contracts;
using Sluice.Registry.Tests.Onnx;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Models;

/// <summary>
/// Uploads as they come over the wire: malformed, truncated, huge. What is refused goes to a Registry that nothing else goes to, and leaves nothing.
/// </summary>
public sealed class UploadTests(UploadTests.EmptyRegistry empty, SharedRegistry shared) : IClassFixture<UploadTests.EmptyRegistry>
{
    private static readonly byte[] Valid = OnnxModels.Scale(2, -1, 3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Blobs => Path.Combine(empty.DataDirectory, "blobs");

    [Theory]
    [InlineData("../model.onnx", "'..'")]
    [InlineData("/model.onnx", "absolute")]
    [InlineData("a//model.onnx", "empty")]
    [InlineData("a/./model.onnx", "'.'")]
    [InlineData("a\\model.onnx", "\\")]
    [InlineData("C:model.onnx", ":")]
    [InlineData("a\u0007b.onnx", "control")]
    [InlineData("model.onnx.", "dot")]
    [InlineData("a /model.onnx", "space")]
    [InlineData("1/2/3/4/5/6/7/8/9/10/model.onnx", "10 parts")]
    public async Task A_path_that_could_leave_the_folder_or_not_be_made_everywhere_is_refused(string path, string reason) =>
        await AssertRefusedAsync(400, Multipart(File(path, Valid)), "files", reason);

    [Fact]
    public async Task Paths_that_clash_are_refused()
    {
        foreach (var (first, second) in new[] { ("model.onnx", "model.onnx"), ("model.onnx", "Model.ONNX"), ("a", "a/b"), ("a/b", "a"), ("a/b/c", "A/B") })
        {
            await AssertRefusedAsync(400, Multipart(File(first, Valid), File(second, Valid)), "comes twice", second);
        }
    }

    [Fact]
    public async Task A_thousand_files_are_taken_and_no_more()
    {
        static string[] Files(int count) => [.. Enumerable.Range(0, count - 1).Select(i => File($"f{i}", [])), File("model.onnx", Valid)];

        await AssertRefusedAsync(400, Multipart(Files(1001)), "more than 1000");
        using var most = await shared.Http.UploadAsync(Calls.NewModel(), Multipart(Files(1000)));
        Assert.Equal(HttpStatusCode.Created, most.StatusCode);
    }

    [Theory]
    [InlineData("{", "metadata", "line 1")]
    [InlineData("[]", "metadata", "an object with")]
    [InlineData("null", "metadata", "null")]
    [InlineData("""{"labels": "a"}""", "labels")]
    [InlineData("""{"labels": null}""", "labels")]
    [InlineData("""{"labels": [null]}""", "labels")]
    [InlineData("""{"metrics": {"f1": "high"}}""", "metrics.f1")]
    [InlineData("""{"metrics": {"f1": 1e999}}""", "metrics.f1", "finite")]
    [InlineData("""{"metrics": {"": 1}}""", "metrics", "1 to 250")]
    [InlineData("""{"tags": {"a": 1}}""", "tags.a")]
    [InlineData("""{"description": 5}""", "description")]
    [InlineData("""{"settings": {"maxBatchSize": 0}}""", "settings.maxBatchSize", "1 to 65536")]
    [InlineData("""{"settings": {"maxQueueDelayMs": 10001}}""", "settings.maxQueueDelayMs", "0 to 10000")]
    [InlineData("""{"settings": {"maxBatchSize": 4, "preferredBatchSizes": [8]}}""", "settings.preferredBatchSizes", "1 to maxBatchSize")]
    [InlineData("""{"settings": {"instances": 0}}""", "settings.instances", "1 to 1024")]
    [InlineData("""{"settings": {"maxQueueSize": -1}}""", "settings.maxQueueSize")]
    [InlineData("""{"settings": {"intraOpThreads": "two"}}""", "settings.intraOpThreads")]
    [InlineData("""{"settings": {"gpuMemoryLimitBytes": 5}}""", "settings.gpuMemoryLimitBytes")]
    [InlineData("""{"settings": {"batchSize": 8}}""", "settings")]
    [InlineData("""{"signature": {}}""", "signature.inputs")]
    [InlineData("""{"signature": {"inputs": [{}], "outputs": []}}""", "signature.inputs")]
    public async Task Metadata_that_is_not_of_its_form_is_refused_by_field(string metadata, params string[] words) =>
        await AssertRefusedAsync(400, Calls.Parts(metadata, ("model.onnx", Valid)), words);

    [Fact]
    public async Task Metadata_has_a_limit_and_comes_first_and_once()
    {
        var metadata = "Content-Disposition: form-data; name=metadata\r\n\r\n{}";
        await AssertRefusedAsync(400, Calls.Parts($$"""{"description": "{{new string('x', 4_500_000)}}"}""", ("model.onnx", Valid)), "metadata", "4456448 bytes");
        await AssertRefusedAsync(400, Calls.Parts($$"""{"description": "{{new string('x', 20_000)}}"}""", ("model.onnx", Valid)), "description", "10000");
        await AssertRefusedAsync(400, Multipart(File("model.onnx", Valid), metadata), "metadata", "first part");
        await AssertRefusedAsync(400, Multipart(metadata, metadata, File("model.onnx", Valid)), "metadata", "once");
    }

    [Fact]
    public async Task Parts_that_are_not_expected_are_named()
    {
        await AssertRefusedAsync(400, Multipart("Content-Disposition: form-data; name=\"model\"; filename=\"model.onnx\"\r\n\r\nx"), "'model'", "files");
        await AssertRefusedAsync(400, Multipart("X-Other: 1\r\n\r\nx"), "Part 1", "files");
        await AssertRefusedAsync(400, Multipart("Content-Disposition: form-data; name=files\r\n\r\nx"), "no name");
        await AssertRefusedAsync(400, Calls.Parts("{}"), "files", "missing");
    }

    [Theory]
    [InlineData(null, "application/octet-stream")]
    [InlineData("text/plain", "multipart/form-data")]
    [InlineData("application/xml", "application/octet-stream")]
    public async Task A_content_type_that_is_not_supported_says_which_are(string? type, string expected)
    {
        var body = new ByteArrayContent(Valid);
        body.Headers.TryAddWithoutValidation("Content-Type", type);
        await AssertRefusedAsync(415, body, "Content-Type", expected);
    }

    [Theory]
    [InlineData("multipart/form-data", "boundary")]
    [InlineData("multipart/form-data; boundary=other", "end")]
    public async Task A_multipart_body_without_its_boundary_is_refused(string type, string word)
    {
        var body = Multipart(File("model.onnx", Valid));
        body.Headers.Remove("Content-Type");
        body.Headers.TryAddWithoutValidation("Content-Type", type);
        await AssertRefusedAsync(400, body, word);
    }

    [Fact]
    public async Task A_multipart_body_that_ends_early_is_refused()
    {
        var whole = await Multipart(File("model.onnx", OnnxModels.OfSize(300_000))).ReadAsByteArrayAsync(Token);
        var cut = new ByteArrayContent(whole[..200_000]);
        cut.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=limit");

        await AssertRefusedAsync(400, cut, "end");
    }

    [Fact]
    public async Task A_connection_that_is_cut_leaves_nothing()
    {
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(empty.Http.BaseAddress!.Host, empty.Http.BaseAddress.Port, Token);
            var head = $"POST /api/models/m/versions HTTP/1.1\r\nHost: {empty.Http.BaseAddress.Authority}\r\nContent-Type: application/octet-stream\r\nContent-Length: 500000\r\n\r\n";
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Token);
            await client.GetStream().WriteAsync(OnnxModels.OfSize(200_000), Token);
            await Eventually.BecomesTrueAsync(() => Calls.FilesIn(Path.Combine(Blobs, "staging")).Any());
        }

        await Eventually.BecomesTrueAsync(() => !Calls.FilesIn(Blobs).Any());
        Assert.Empty(await empty.Http.GetAsync(ApiPaths.Models, ContractsJson.Default.IReadOnlyListModelView));
    }

    [Fact]
    public async Task A_digest_that_was_announced_must_arrive()
    {
        var right = $"sha-512=:AAAA:, sha-256=:{Convert.ToBase64String(SHA256.HashData(Valid))}:";
        var wrong = $"sha-256=:{Convert.ToBase64String(SHA256.HashData([1]))}:";
        await AssertRefusedAsync(400, Announced(Calls.Raw(Valid), wrong), "Content-Digest", VersionDigest.FromHash(SHA256.HashData([1])));
        await AssertRefusedAsync(400, Multipart($"Content-Digest: {wrong}\r\n" + File("model.onnx", Valid)), "Content-Digest", "model.onnx");
        await AssertRefusedAsync(400, Announced(Calls.Raw(Valid), "sha-256=:AAAA:"), "Content-Digest", "32 bytes");
        await AssertRefusedAsync(400, Announced(Calls.Raw(Valid), "sha-256=nothing"), "Content-Digest", "sha-256");

        using var answer = await shared.Http.UploadAsync(Calls.NewModel(), Announced(Calls.Raw(Valid), right));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    [Fact]
    public async Task A_large_upload_streams_through_in_constant_memory()
    {
        const int Size = 200 << 20; // seven times the server's usual limit for a body
        using var data = new TemporaryFolder();
        await using var process = await RegistryProcess.StartAsync(data.Path, ("DOTNET_GCHeapHardLimit", $"0x{64 << 20:x}"));
        using var body = new HollowContent(Valid, Size);

        using var answer = await process.Http.UploadAsync("big", body);

        var version = await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.ModelVersion);
        Assert.True(version.Files[0].Size > Size);
    }

    private async Task AssertRefusedAsync(int status, HttpContent body, params string[] words)
    {
        using (body)
        {
            using var answer = await empty.Http.UploadAsync("refused", body);
            await Calls.AssertProblemAsync(answer, status, words);
        }

        Assert.Empty(Calls.FilesIn(Blobs));
        Assert.Empty(await empty.Http.GetAsync(ApiPaths.Models, ContractsJson.Default.IReadOnlyListModelView));
    }

    private static HttpContent Announced(HttpContent body, string digest)
    {
        body.Headers.TryAddWithoutValidation("Content-Digest", digest);
        return body;
    }

    private static string File(string path, byte[] content) =>
        $"Content-Disposition: form-data; name=\"files\"; filename*=UTF-8''{Uri.EscapeDataString(path)}\r\n\r\n{Encoding.Latin1.GetString(content)}";

    private static ByteArrayContent Multipart(params string[] parts)
    {
        var body = new ByteArrayContent(Encoding.Latin1.GetBytes(string.Concat(parts.Select(part => $"--limit\r\n{part}\r\n")) + "--limit--\r\n"));
        body.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=limit");
        return body;
    }

    /// <summary>A Registry to which only uploads go that are refused.</summary>
    public sealed class EmptyRegistry : RunningRegistry;
}
