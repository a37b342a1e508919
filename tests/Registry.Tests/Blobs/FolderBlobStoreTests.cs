using Sluice.Registry.Blobs;

namespace Sluice.Registry.Tests.Blobs;

/// <summary>The folder: what every blob store does, and what is its own.</summary>
public sealed class FolderBlobStoreTests : BlobStoreConformance
{
    private string Staging => Folder.PathOf("staging");

    private protected override ValueTask<IBlobStore> CreateAsync() => new(Second());

    private protected override IBlobStore Second() => new FolderBlobStore(Folder.Path);

    private protected override void Damage(string digest, byte[] content) => File.WriteAllBytes(PathOf(digest), content);

    [Fact]
    public async Task A_blob_lies_where_it_says()
    {
        var digest = await AddAsync([1, 2, 3]);

        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(PathOf(digest), Token));
    }

    [Fact]
    public async Task A_start_removes_what_a_process_left_that_died_and_nothing_else()
    {
        var digest = await AddAsync([1, 2, 3]);
        Directory.CreateDirectory(Path.Combine(Staging, "dead"));
        await File.WriteAllBytesAsync(Path.Combine(Staging, "dead", "half"), [4], Token);
        await File.WriteAllBytesAsync(Path.Combine(Staging, "older"), [4], Token);
        await using var alive = await Store.StageAsync(new MemoryStream([4, 5, 6]), Token);

        var next = new FolderBlobStore(Folder.Path);

        Assert.Single(Leftovers());
        Assert.Equal([1, 2, 3], await ReadAsync((await next.OpenAsync(digest, Token))!));
        next.Dispose();
    }

    [Fact]
    public async Task A_blob_that_is_added_again_is_young_again()
    {
        var digest = await AddAsync([1, 2, 3]);
        File.SetLastWriteTimeUtc(PathOf(digest), DateTime.UtcNow.AddDays(-3));

        await AddAsync([1, 2, 3]);

        Assert.InRange((await Store.FindAsync(digest, Token))!.WrittenAt, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_the_Registrys_fault()
    {
        Directory.Delete(Staging, recursive: true);

        var failure = await Assert.ThrowsAsync<BlobStoreException>(() => Store.StageAsync(new MemoryStream([1]), Token));

        Assert.DoesNotContain(Folder.Path, failure.Message, StringComparison.Ordinal);
    }

    private string PathOf(string digest) => Folder.PathOf(["sha256", digest[7..9], digest[7..]]);
}
