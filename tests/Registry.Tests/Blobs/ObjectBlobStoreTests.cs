using System.Security.Cryptography;
using Sluice.Registry.Blobs;
using Sluice.Registry.Objects;
using Sluice.Registry.Tests.Objects;

namespace Sluice.Registry.Tests.Blobs;

/// <summary>What every blob store in an object storage does, when the storage or the way to it fails.</summary>
public abstract class ObjectBlobStoreConformance : BlobStoreConformance
{
    private protected const string Prefix = "sluice/";

    private protected ObjectServer Server { get; private set; } = null!;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract ObjectServer Start();

    /// <summary>The bucket, with credentials that are right, or are not.</summary>
    private protected abstract IObjectStore Open(bool isRight = true, string bucket = ObjectServer.Bucket);

    /// <summary>What must never be seen in a message.</summary>
    private protected abstract string Secret { get; }

    private protected override ValueTask<IBlobStore> CreateAsync()
    {
        Server = Start();
        return new(Second());
    }

    private protected override IBlobStore Second() => Over(Open());

    private protected override void Damage(string digest, byte[] content) => Server.Objects[Prefix + BlobNames.Of(digest)] = StoredObject.Of(content);

    private protected override IEnumerable<string> Leftovers() => base.Leftovers().Concat(Server.Uploads.Keys);

    [Fact]
    public async Task What_exists_is_not_sent_again()
    {
        await AddAsync([1, 2, 3]);
        var before = Server.Requests.Count(IsSending);

        await AddAsync([1, 2, 3]);

        Assert.Equal(before, Server.Requests.Count(IsSending));
    }

    [Fact]
    public async Task What_fails_for_a_moment_is_tried_again()
    {
        var content = RandomNumberGenerator.GetBytes(100_000);
        Server.Order("*", FaultKind.Unavailable, times: 2);
        await AddAsync(content);
        Server.Order("*", FaultKind.Cut);

        Assert.Equal(content, await ReadAsync((await Store.OpenAsync(DigestOf(content), Token))!));
        Server.Order("*", FaultKind.Unavailable);
        Assert.Single(await ListAsync());
        Server.Order("*", FaultKind.Unavailable);
        await Store.DeleteAsync(DigestOf(content), Token);
        Assert.Empty(Server.Objects);
    }

    [Fact]
    public async Task An_upload_in_parts_survives_a_cut_and_a_refusal_in_the_middle()
    {
        var content = RandomNumberGenerator.GetBytes(40_000_001);
        await using var staged = await Store.StageAsync(new MemoryStream(content), Token);
        Server.Order("PUT", FaultKind.Cut);
        Server.Order("PUT", FaultKind.Unavailable);

        await staged.CommitAsync(Token);

        Assert.Equal(content, Server.Objects[Prefix + BlobNames.Of(staged.Digest)].Content);
        Assert.Empty(Server.Uploads);
    }

    [Fact]
    public async Task A_download_that_is_cut_goes_on_where_it_was()
    {
        var content = RandomNumberGenerator.GetBytes(1_000_000);
        await AddAsync(content);
        await using var blob = await Store.OpenAsync(DigestOf(content), Token);
        Server.Order("GET", FaultKind.CutAnswer, times: 2, afterBytes: 300_000);

        Assert.Equal(content, await ReadAsync(blob!));
    }

    [Fact]
    public async Task A_download_that_never_gets_on_is_an_error_and_no_short_file()
    {
        var content = RandomNumberGenerator.GetBytes(1_000_000);
        await AddAsync(content);
        await using var blob = await Store.OpenAsync(DigestOf(content), Token);

        // More often than all that try again in turn do so: the HTTP client, the store's library, the stream.
        Server.Order("GET", FaultKind.CutAnswer, times: 10_000, afterBytes: 0);

        var failure = await Assert.ThrowsAsync<ObjectStoreException>(() => ReadAsync(blob!));

        Assert.DoesNotContain(Secret, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_damaged_on_the_way_is_not_made_a_blob()
    {
        await using var staged = await Store.StageAsync(new MemoryStream(RandomNumberGenerator.GetBytes(100_000)), Token);
        Server.Order("PUT", FaultKind.Damage, times: 20);

        await Assert.ThrowsAsync<BlobStoreException>(() => staged.CommitAsync(Token));

        Assert.Empty(Server.Objects);
        Assert.Empty(Server.Uploads);
    }

    [Fact]
    public async Task A_store_that_is_full_is_told_as_such()
    {
        await using var staged = await Store.StageAsync(new MemoryStream([1, 2, 3]), Token);
        Server.Order("*", FaultKind.Full, times: 20);

        var failure = await Assert.ThrowsAsync<BlobStoreException>(() => staged.CommitAsync(Token));

        Assert.Equal(BlobStoreFault.NotKept, failure.Fault);
        Assert.Contains("no room left", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_gone_is_told_without_a_secret()
    {
        await using var staged = await Store.StageAsync(new MemoryStream([1, 2, 3]), Token);
        await Server.DisposeAsync();

        var failure = await Assert.ThrowsAsync<BlobStoreException>(() => staged.CommitAsync(Token));

        Assert.Equal(BlobStoreFault.Unavailable, failure.Fault);
        Assert.Contains("does not answer", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_that_are_not_accepted_and_a_bucket_that_is_not_there_are_told()
    {
        using var stranger = (ObjectBlobStore)Over(Open(isRight: false));
        var denied = await Assert.ThrowsAsync<BlobStoreException>(async () => await stranger.ListAsync(Token).ToListAsync(Token));
        Assert.Contains("check its credentials", denied.Message, StringComparison.Ordinal);

        using var elsewhere = (ObjectBlobStore)Over(Open(bucket: "nothing"));
        var missing = await Assert.ThrowsAsync<BlobStoreException>(async () => await elsewhere.ListAsync(Token).ToListAsync(Token));
        Assert.Contains("is not there", missing.Message, StringComparison.Ordinal);
        Assert.Contains("nothing", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_leaves_while_it_is_sent_leaves_nothing()
    {
        await using var staged = await Store.StageAsync(new MemoryStream(RandomNumberGenerator.GetBytes(40_000_001)), Token);
        using var leaving = new CancellationTokenSource();
        Server.Order("PUT", FaultKind.Unavailable, times: 20);
        var committing = staged.CommitAsync(leaving.Token);
        await Testing.Eventually.BecomesTrueAsync(() => Server.Requests.Any(request => request.StartsWith("PUT", StringComparison.Ordinal)));
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => committing);

        Server.Heal();
        Assert.Empty(Server.Objects);
        Assert.Empty(Server.Uploads);
    }

    private ObjectBlobStore Over(IObjectStore objects) => new(objects, Prefix, new StagingArea(Folder.PathOf("staging")));

    private static bool IsSending(string request) => request.StartsWith("PUT", StringComparison.Ordinal) || request.StartsWith("POST", StringComparison.Ordinal);
}

/// <summary>S3.</summary>
public sealed class S3BlobStoreTests : ObjectBlobStoreConformance
{
    private protected override string Secret => S3Server.SecretKey;

    private protected override ObjectServer Start() => new S3Server();

    private protected override IObjectStore Open(bool isRight = true, string bucket = ObjectServer.Bucket) => new S3Objects(
        new S3Options { Endpoint = Server.Address, AccessKey = isRight ? S3Server.AccessKey : "another-key", SecretKey = S3Server.SecretKey }, bucket);

    [Fact]
    public async Task Parts_of_uploads_that_died_long_ago_are_dropped_and_those_under_way_are_not()
    {
        Server.Uploads["old"] = new PartialObject(Prefix + "sha256/aa/x", DateTimeOffset.UtcNow.AddDays(-2));
        Server.Uploads["young"] = new PartialObject(Prefix + "sha256/aa/y", DateTimeOffset.UtcNow);

        await Store.TidyAsync(DateTimeOffset.UtcNow.AddDays(-1), Token);

        Assert.Equal(["young"], Server.Uploads.Keys);
        Server.Uploads.Clear();
    }
}

/// <summary>Azure Blob Storage.</summary>
public sealed class AzureBlobStoreTests : ObjectBlobStoreConformance
{
    private protected override string Secret => AzureServer.AccountKey;

    private protected override ObjectServer Start() => new AzureServer();

    // Azure keeps blocks that are not committed for a week and then drops them by itself.
    private protected override IEnumerable<string> Leftovers()
    {
        Server.Uploads.Clear();
        return base.Leftovers();
    }

    private protected override IObjectStore Open(bool isRight = true, string bucket = ObjectServer.Bucket) => new AzureObjects(
        new AzureOptions { Endpoint = ((AzureServer)Server).Endpoint, Account = isRight ? AzureServer.Account : "another", AccountKey = AzureServer.AccountKey }, bucket);
}

/// <summary>Google Cloud Storage.</summary>
public sealed class GcsBlobStoreTests : ObjectBlobStoreConformance
{
    private protected override string Secret => GcsServer.Token;

    private protected override ObjectServer Start() => new GcsServer();

    private protected override IObjectStore Open(bool isRight = true, string bucket = ObjectServer.Bucket) => new GcsObjects(
        new GcsOptions { Endpoint = Server.Address, MetadataServer = Server.Address, Token = isRight ? null : "another-token" }, bucket, TimeProvider.System);

    [Fact]
    public async Task A_token_of_the_metadata_server_is_used_until_it_ends()
    {
        await AddAsync([1, 2, 3]);
        await AddAsync([4, 5, 6]);
        Assert.Equal(1, ((GcsServer)Server).TokensGiven);
    }

    [Fact]
    public async Task A_token_in_a_file_is_read_again()
    {
        await File.WriteAllTextAsync(Folder.PathOf("token"), "old", Token);
        var objects = new GcsObjects(
            new GcsOptions { Endpoint = Server.Address, TokenFile = Folder.PathOf("token") }, ObjectServer.Bucket, TimeProvider.System);
        using var store = new ObjectBlobStore(objects, "", new StagingArea(Folder.PathOf("staging")));
        await Assert.ThrowsAsync<BlobStoreException>(async () => await store.ListAsync(Token).ToListAsync(Token));

        await File.WriteAllTextAsync(Folder.PathOf("token"), GcsServer.Token + "\n", Token);

        Assert.Empty(await store.ListAsync(Token).ToListAsync(Token));
    }
}
