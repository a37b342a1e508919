using System.Net;
using System.Net.Http.Headers;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Blobs;

/// <summary>Blobs over HTTP.</summary>
public sealed class BlobTests(SharedRegistry registry)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_blob_is_sent_whole_or_in_ranges_and_not_again_to_who_has_it()
    {
        var model = OnnxModels.OfSize(100_000);
        var version = await registry.Http.RegisterAsync(Calls.NewModel(), model);
        var path = ApiPaths.ForBlob(version.Files[0].Digest);

        Assert.Equal(model, await registry.Http.GetByteArrayAsync(path, Token));
        Assert.Equal(model, await ReadAsync(await registry.Client.OpenBlobAsync(version.Files[0].Digest, Token)));

        using var middle = await SendAsync(path, request => request.Headers.Range = new RangeHeaderValue(1000, 1999));
        Assert.Equal(HttpStatusCode.PartialContent, middle.StatusCode);
        Assert.Equal(model[1000..2000], await middle.Content.ReadAsByteArrayAsync(Token));

        using var beyond = await SendAsync(path, request => request.Headers.Range = new RangeHeaderValue(10_000_000, null));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);

        using var known = await SendAsync(path, request => request.Headers.IfNoneMatch.Add(new EntityTagHeaderValue($"\"{version.Files[0].Digest}\"")));
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
    }

    [Theory]
    [InlineData("sha256:abc", 400)]
    [InlineData("..%2F..%2Fregistry.db", 400)]
    [InlineData("sha256:ABCDEF0000000000000000000000000000000000000000000000000000000000", 400)]
    [InlineData("sha256:0000000000000000000000000000000000000000000000000000000000000000", 404)]
    public async Task What_is_no_digest_or_no_blob_is_told(string digest, int status)
    {
        using var answer = await registry.Http.GetAsync($"/api/blobs/{digest}", Token);

        await Calls.AssertProblemAsync(answer, status, status == 400 ? "64 lower-case hex digits" : digest);
    }

    private async Task<HttpResponseMessage> SendAsync(string path, Action<HttpRequestMessage> change)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        change(request);
        return await registry.Http.SendAsync(request, Token);
    }

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        await using (stream)
        {
            using var memory = new MemoryStream();
            await stream.CopyToAsync(memory, Token);
            return memory.ToArray();
        }
    }
}
