using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Sluice.Contracts;
using Sluice.Registry.Blobs;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Blobs;

/// <summary>Content by digest: whole or not at all.</summary>
public sealed class BlobTests(SharedRegistry registry) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Staging => _folder.PathOf("staging");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_committed_is_found_by_its_digest_and_lies_where_it_says()
    {
        var content = RandomNumberGenerator.GetBytes(300_000);
        var store = new FolderBlobStore(_folder.Path);
        await using (var staged = await store.StageAsync(new MemoryStream(content), Token))
        {
            Assert.Equal(content.Length, staged.Size);
            Assert.Equal(DigestOf(content), staged.Digest);
            Assert.Null(await store.OpenAsync(staged.Digest, Token));
            await staged.CommitAsync(Token);
        }

        await using var blob = await store.OpenAsync(DigestOf(content), Token);
        Assert.Equal(content, await ReadAsync(blob!));
        var hex = DigestOf(content)[VersionDigest.Prefix.Length..];
        Assert.True(File.Exists(_folder.PathOf("sha256", hex[..2], hex)));
        Assert.Empty(Directory.EnumerateFiles(Staging));
    }

    [Fact]
    public async Task What_is_not_committed_leaves_nothing()
    {
        var store = new FolderBlobStore(_folder.Path);
        var staged = await store.StageAsync(new MemoryStream([1, 2, 3]), Token);
        Assert.Single(Directory.EnumerateFiles(Staging));

        await staged.DisposeAsync();

        Assert.Empty(Directory.EnumerateFiles(Staging));
        Assert.Null(await store.OpenAsync(staged.Digest, Token));
    }

    [Fact]
    public async Task Content_that_ends_in_an_error_leaves_nothing()
    {
        var store = new FolderBlobStore(_folder.Path);

        await Assert.ThrowsAsync<IOException>(() => store.StageAsync(new BreakingStream(200_000), Token));

        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Content_that_changed_on_the_disk_is_not_made_a_blob()
    {
        var store = new FolderBlobStore(_folder.Path);
        await using var staged = await store.StageAsync(new MemoryStream([1, 2, 3]), Token);
        await File.WriteAllBytesAsync(Directory.EnumerateFiles(Staging).Single(), [1, 2, 4], Token);

        await Assert.ThrowsAsync<BlobStoreException>(() => staged.CommitAsync(Token));

        Assert.Null(await store.OpenAsync(staged.Digest, Token));
    }

    [Fact]
    public async Task The_same_content_twice_is_one_blob_and_mends_a_damaged_one()
    {
        var store = new FolderBlobStore(_folder.Path);
        var digest = await AddAsync(store, [1, 2, 3]);
        var file = Directory.EnumerateFiles(_folder.PathOf("sha256"), "*", SearchOption.AllDirectories).Single();
        await File.WriteAllBytesAsync(file, [9], Token);

        Assert.Equal(digest, await AddAsync(store, [1, 2, 3]));

        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(file, Token));
    }

    [Fact]
    public async Task A_start_removes_what_a_crash_left_and_nothing_else()
    {
        var store = new FolderBlobStore(_folder.Path);
        var digest = await AddAsync(store, [1, 2, 3]);
        await store.StageAsync(new MemoryStream([4, 5, 6]), Token); // and then the process dies

        var next = new FolderBlobStore(_folder.Path);

        Assert.Empty(Directory.EnumerateFiles(Staging));
        await using var blob = await next.OpenAsync(digest, Token);
        Assert.Equal([1, 2, 3], await ReadAsync(blob!));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_the_Registrys_fault()
    {
        var store = new FolderBlobStore(_folder.Path);
        Directory.Delete(Staging);

        await Assert.ThrowsAsync<BlobStoreException>(() => store.StageAsync(new MemoryStream([1]), Token));
    }

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

    private static async Task<string> AddAsync(FolderBlobStore store, byte[] content)
    {
        await using var staged = await store.StageAsync(new MemoryStream(content), Token);
        await staged.CommitAsync(Token);
        return staged.Digest;
    }

    private async Task<HttpResponseMessage> SendAsync(string path, Action<HttpRequestMessage> change)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        change(request);
        return await registry.Http.SendAsync(request, Token);
    }

    private static string DigestOf(byte[] content) => VersionDigest.FromHash(SHA256.HashData(content));

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        await using (stream)
        {
            using var memory = new MemoryStream();
            await stream.CopyToAsync(memory, Token);
            return memory.ToArray();
        }
    }

    /// <summary>Gives some bytes and then breaks, as a connection does.</summary>
    private sealed class BreakingStream(int bytes) : MemoryStream(new byte[bytes])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is var read and > 0 ? read : throw new IOException("The connection was cut.");
    }
}
