using System.Security.Cryptography;
using Sluice.Contracts;
using Sluice.Registry.Blobs;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Blobs;

/// <summary>What every blob store does. Each test has a store of its own.</summary>
public abstract class BlobStoreConformance : IAsyncLifetime
{
    private protected IBlobStore Store { get; private set; } = null!;

    private protected TemporaryFolder Folder { get; } = new();

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Store = await CreateAsync();

    public virtual ValueTask DisposeAsync()
    {
        (Store as IDisposable)?.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
        return default;
    }

    /// <summary>An empty store; whatever it stages lies below <see cref="Folder"/>.</summary>
    private protected abstract ValueTask<IBlobStore> CreateAsync();

    /// <summary>The same content seen by another process.</summary>
    private protected abstract IBlobStore Second();

    /// <summary>Changes what is kept of a blob, past the store.</summary>
    private protected abstract void Damage(string digest, byte[] content);

    /// <summary>Files that are being taken in, and parts of uploads that are not complete.</summary>
    private protected virtual IEnumerable<string> Leftovers() =>
        Calls.FilesIn(Folder.Path).Where(path => path.Contains("staging", StringComparison.Ordinal));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300_000)]
    [InlineData(40_000_001)] // several parts where there are parts
    public async Task What_is_committed_is_found_by_its_digest_with_its_size_and_content(int size)
    {
        var content = RandomNumberGenerator.GetBytes(size);
        await using (var staged = await Store.StageAsync(new MemoryStream(content), Token))
        {
            Assert.Equal((DigestOf(content), content.Length), (staged.Digest, staged.Size));
            Assert.Equal(content, await ReadAsync(staged.OpenRead()));
            Assert.Null(await Store.OpenAsync(staged.Digest, Token));
            Assert.Null(await Store.FindAsync(staged.Digest, Token));
            await staged.CommitAsync(Token);
        }

        var info = await Store.FindAsync(DigestOf(content), Token);
        Assert.Equal(size, info!.Size);
        Assert.InRange(info.WrittenAt, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
        Assert.Equal(content, await ReadAsync((await Store.OpenAsync(DigestOf(content), Token))!));
        Assert.Empty(Leftovers());
    }

    [Fact]
    public async Task A_blob_is_read_from_any_place()
    {
        var content = RandomNumberGenerator.GetBytes(200_000);
        await using var blob = (await Store.OpenAsync(await AddAsync(content), Token))!;
        Assert.Equal((content.Length, true), (blob.Length, blob.CanSeek));
        var random = new Random(7);
        var part = new byte[1000];
        for (var round = 0; round < 20; round++)
        {
            blob.Seek(random.Next(content.Length - part.Length), SeekOrigin.Begin);
            var from = (int)blob.Position;
            await blob.ReadExactlyAsync(part, Token);
            Assert.Equal(content[from..(from + part.Length)], part);
        }

        blob.Seek(0, SeekOrigin.End);
        Assert.Equal(0, await blob.ReadAsync(part, Token));
    }

    [Fact]
    public async Task What_is_not_committed_leaves_nothing()
    {
        var staged = await Store.StageAsync(new MemoryStream([1, 2, 3]), Token);
        Assert.NotEmpty(Leftovers());

        await staged.DisposeAsync();

        Assert.Empty(Leftovers());
        Assert.Null(await Store.OpenAsync(staged.Digest, Token));
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task Content_that_is_cut_off_leaves_nothing()
    {
        await Assert.ThrowsAsync<IOException>(() => Store.StageAsync(new BreakingStream(200_000), Token));

        Assert.Empty(Leftovers());
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task A_caller_that_leaves_leaves_nothing()
    {
        using var leaving = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.StageAsync(new LeavingStream(leaving), leaving.Token));

        Assert.Empty(Leftovers());
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task Content_that_changed_on_the_disk_is_not_made_a_blob()
    {
        await using var staged = await Store.StageAsync(new MemoryStream([1, 2, 3]), Token);
        await File.WriteAllBytesAsync(Leftovers().Single(), [1, 2, 4], Token);

        var failure = await Assert.ThrowsAsync<BlobStoreException>(() => staged.CommitAsync(Token));

        Assert.Equal(BlobStoreFault.NotKept, failure.Fault);
        Assert.Contains("check the disk", failure.Message, StringComparison.Ordinal);
        Assert.Null(await Store.OpenAsync(staged.Digest, Token));
    }

    [Fact]
    public async Task The_same_content_is_one_blob_however_many_commit_it_at_once()
    {
        var content = RandomNumberGenerator.GetBytes(100_000);
        var second = Second();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(() => AddAsync(content, n % 2 == 0 ? Store : second), Token)));
        (second as IDisposable)?.Dispose();

        Assert.Equal([DigestOf(content)], (await ListAsync()).Select(blob => blob.Digest));
        Assert.Equal(content, await ReadAsync((await Store.OpenAsync(DigestOf(content), Token))!));
        Assert.Empty(Leftovers());
    }

    [Fact]
    public async Task Another_process_that_starts_does_not_disturb_what_is_being_taken_in()
    {
        await using var staged = await Store.StageAsync(new MemoryStream([1, 2, 3]), Token);

        var second = Second();
        Assert.Null(await second.OpenAsync(staged.Digest, Token));
        await staged.CommitAsync(Token);

        Assert.Equal([1, 2, 3], await ReadAsync((await second.OpenAsync(staged.Digest, Token))!));
        (second as IDisposable)?.Dispose();
    }

    [Fact]
    public async Task Committing_again_makes_sure_that_the_blob_is_there_and_whole()
    {
        await using var staged = await Store.StageAsync(new MemoryStream([1, 2, 3]), Token);
        await staged.CommitAsync(Token);
        await staged.CommitAsync(Token);
        Assert.Single(await ListAsync());

        Damage(staged.Digest, [9]);
        Assert.Equal(staged.Digest, await AddAsync([1, 2, 3]));

        Assert.Equal([1, 2, 3], await ReadAsync((await Store.OpenAsync(staged.Digest, Token))!));
    }

    [Fact]
    public async Task All_blobs_are_listed_and_deleted_ones_are_gone()
    {
        var digests = new List<string>();
        for (byte n = 0; n < 25; n++)
        {
            digests.Add(await AddAsync([n, 1, 2]));
        }

        Assert.Equal(digests.Order(), (await ListAsync()).Select(blob => blob.Digest).Order());
        Assert.All(await ListAsync(), blob => Assert.Equal(3, blob.Size));

        await Store.DeleteAsync(digests[3], Token);
        await Store.DeleteAsync(digests[3], Token);
        await Store.DeleteAsync(DigestOf([7]), Token);

        Assert.Null(await Store.FindAsync(digests[3], Token));
        Assert.Null(await Store.OpenAsync(digests[3], Token));
        Assert.Equal(24, (await ListAsync()).Count);
    }

    private protected async Task<string> AddAsync(byte[] content, IBlobStore? store = null)
    {
        await using var staged = await (store ?? Store).StageAsync(new MemoryStream(content), Token);
        await staged.CommitAsync(Token);
        return staged.Digest;
    }

    private protected async Task<List<BlobInfo>> ListAsync() => await Store.ListAsync(Token).ToListAsync(Token);

    private protected static string DigestOf(byte[] content) => VersionDigest.FromHash(SHA256.HashData(content));

    private protected static async Task<byte[]> ReadAsync(Stream stream)
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

    /// <summary>Gives some bytes; then the caller leaves.</summary>
    private sealed class LeavingStream(CancellationTokenSource leaving) : MemoryStream(new byte[200_000])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position > 0)
            {
                await leaving.CancelAsync();
            }

            return await base.ReadAsync(buffer, cancellationToken);
        }
    }
}
