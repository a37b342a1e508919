using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Blobs;
using Sluice.Registry.Store;
using Sluice.Registry.Tests.Store;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Blobs;

/// <summary>Blobs that no version names go, once they are old; one that a version names, or is about to, never does.</summary>
public sealed class CollectionTests : IAsyncLifetime
{
    private Raced _registry = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IBlobStore Blobs => _registry.Services.GetRequiredService<IBlobStore>();

    private InterferingStore Store => (InterferingStore)_registry.Services.GetRequiredService<IStore>();

    public ValueTask InitializeAsync()
    {
        _registry = new Raced();
        return default;
    }

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task Only_what_is_old_and_not_named_is_collected_and_figures_say_so()
    {
        var version = await _registry.Http.RegisterAsync("m", OnnxModels.Scale(1, -1));
        Age(version.Files[0].Digest);
        var old = await AddAsync(new byte[1000], isOld: true);
        var young = await AddAsync(new byte[2000], isOld: false);

        var usage = await _registry.Http.GetAsync(ApiPaths.BlobUsage, ContractsJson.Default.BlobUsage);
        Assert.Equal((3, 2, 3000, 1, 1000), (usage.Blobs, usage.Unused, usage.UnusedBytes, usage.Collectable, usage.CollectableBytes));
        Assert.Equal(3000 + version.Files[0].Size, usage.Bytes);

        var looked = await CollectAsync("?dryRun=true");
        Assert.Equal((true, 3, 1, 1000, 1), (looked.DryRun, looked.Examined, looked.Deleted, looked.DeletedBytes, looked.Spared));
        Assert.NotNull(await Blobs.FindAsync(old, Token));

        var done = await CollectAsync();
        Assert.Equal(looked with { DryRun = false }, done);
        Assert.Null(await Blobs.FindAsync(old, Token));
        Assert.NotNull(await Blobs.FindAsync(young, Token));
        using var kept = await _registry.Http.GetAsync(ApiPaths.ForBlob(version.Files[0].Digest), Token);
        Assert.Equal(HttpStatusCode.OK, kept.StatusCode);

        Assert.Equal(0, (await CollectAsync()).Deleted);
    }

    [Theory]
    [InlineData("?dryRun=perhaps")]
    [InlineData("?dryRun=")]
    public async Task A_wish_that_is_none_is_told(string query)
    {
        using var answer = await _registry.Http.PostAsync(ApiPaths.CollectBlobs + query, content: null, Token);

        await Calls.AssertProblemAsync(answer, 400, "dryRun");
    }

    [Fact]
    public async Task A_version_that_is_recorded_after_its_old_blob_was_chosen_keeps_it()
    {
        var model = OnnxModels.Scale(3, -1);
        var digest = await AddAsync(model, isOld: true);

        // The collection has chosen the blob; before it announces that, the version is recorded, on a blob that looks old.
        Store.BeforeNextCommit(async () =>
        {
            await _registry.Http.RegisterAsync("m", model);
            Age(digest);
        });
        var done = await CollectAsync();

        Assert.Equal((0, 1), (done.Deleted, done.Spared));
        Assert.NotNull(await Blobs.FindAsync(digest, Token));
    }

    [Fact]
    public async Task A_version_whose_blob_is_collected_before_it_is_recorded_is_refused_whole()
    {
        var model = OnnxModels.Scale(4, -1);

        // The upload has made its blob and is about to record the version; somehow that took longer than the grace period.
        Store.BeforeNextCommit(async () =>
        {
            AgeAll();
            Assert.Equal(1, (await CollectAsync()).Deleted);
        });
        using var refused = await _registry.Http.UploadAsync("m", Calls.Raw(model));

        await Calls.AssertProblemAsync(refused, 503, "send it again", "Registry:Blobs:GracePeriod");
        using var unknown = await _registry.Http.GetAsync("/api/models/m", Token);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(1, (await _registry.Http.RegisterAsync("m", model)).Version);
    }

    [Fact]
    public async Task A_registration_waits_while_its_blob_is_being_deleted_and_brings_it_back()
    {
        var model = OnnxModels.Scale(5, -1);
        var digest = await AddAsync(model, isOld: true);
        var sweeps = _registry.Services.GetRequiredService<BlobSweeps>();
        var sweep = (await sweeps.BeginAsync([digest], Token))!.Value;

        var registering = _registry.Http.RegisterAsync("m", model);
        var other = await _registry.Http.RegisterAsync("other", OnnxModels.Scale(6, -1)); // of other blobs: does not wait
        Assert.Equal(1, other.Version);
        Assert.False(registering.IsCompleted);
        await Blobs.DeleteAsync(digest, Token);
        await sweeps.EndAsync(sweep, note: null, Token);

        Assert.Equal(digest, (await registering).Files[0].Digest);
        Assert.Equal(model, await _registry.Http.GetByteArrayAsync(ApiPaths.ForBlob(digest), Token));
    }

    [Fact]
    public async Task A_second_collection_is_refused_while_one_deletes()
    {
        var digest = await AddAsync([1], isOld: true);
        var sweeps = _registry.Services.GetRequiredService<BlobSweeps>();
        long sweep = 0;
        Store.BeforeNextCommit(async () => sweep = (await sweeps.BeginAsync(["sha256:" + new string('0', 64)], Token))!.Value);

        using var answer = await _registry.Http.PostAsync(ApiPaths.CollectBlobs, content: null, Token);

        await Calls.AssertProblemAsync(answer, 409, "Another collection");
        Assert.NotNull(await Blobs.FindAsync(digest, Token));
        var third = sweeps.BeginAsync([digest], Token); // comes while one is going on
        await sweeps.EndAsync(sweep, note: null, Token);
        Assert.Null(await third);
    }

    [Fact]
    public async Task Uploads_and_collections_at_once_never_leave_a_version_without_its_blob()
    {
        const int Rounds = 60;
        var random = new Random(7);
        var collector = _registry.Services.GetRequiredService<BlobCollector>();
        async Task CollectAfterAsync(TimeSpan delay)
        {
            await Task.Delay(delay, Token);
            AgeAll(); // the grace period does not help: only the order of things does
            await collector.CollectAsync(Caller.Registry, dryRun: false, Token);
        }

        var took = TimeSpan.FromMilliseconds(10); // of the last upload, so that a collection begins anywhere within the next
        for (var n = 0; n < Rounds; n++)
        {
            var model = Calls.Raw(OnnxModels.Scale(n, -1)); // of a blob that no version names yet
            var hesitation = random.Next(5);
            Store.BeforeNextCommit(() => Task.Delay(hesitation, Token)); // of either: the window between reading and writing gets wider
            var collecting = Enumerable.Range(0, 2).Select(_ => random.NextDouble() * took)
                .Select(delay => Task.Run(() => CollectAfterAsync(delay))).ToArray();
            var begun = Stopwatch.GetTimestamp();
            using var answer = await _registry.Http.UploadAsync("m", model);
            took = Stopwatch.GetElapsedTime(begun);
            await Task.WhenAll(collecting);
            if (answer.StatusCode != HttpStatusCode.Created)
            {
                await Calls.AssertProblemAsync(answer, 503, "send it again");
                using var again = await _registry.Http.UploadAsync("m", model);
                Assert.Equal(HttpStatusCode.Created, again.StatusCode);
            }
        }

        await CollectAfterAsync(TimeSpan.Zero);
        var versions = await _registry.Http.GetAsync("/api/models/m/versions", ContractsJson.Default.IReadOnlyListModelVersion);
        Assert.Equal(Rounds, versions.Count);
        foreach (var version in versions)
        {
            Assert.NotNull(await Blobs.FindAsync(version.Files[0].Digest, Token));
        }
    }

    [Fact]
    public async Task The_schedule_collects()
    {
        var time = new ManualTime();
        await using var registry = new RunningRegistry(settings: new() { ["Registry:Blobs:CollectEvery"] = "06:00:00" }, time: time);
        var blobs = registry.Services.GetRequiredService<IBlobStore>();
        await using var staged = await blobs.StageAsync(new MemoryStream([1, 2, 3]), Token);
        await staged.CommitAsync(Token);
        File.SetLastWriteTimeUtc(Calls.FilesIn(Path.Combine(registry.DataDirectory, "blobs")).Single(), time.GetUtcNow().UtcDateTime);

        time.Advance(TimeSpan.FromHours(5));
        Assert.NotNull(await blobs.FindAsync(staged.Digest, Token));
        time.Advance(TimeSpan.FromHours(1.1));

        await Eventually.BecomesTrueAsync(async () => await blobs.FindAsync(staged.Digest, Token) is null);
    }

    private async Task<BlobCollection> CollectAsync(string query = "")
    {
        using var answer = await _registry.Http.PostAsync(ApiPaths.CollectBlobs + query, content: null, Token);
        return await Calls.ReadAsync(answer, HttpStatusCode.OK, ContractsJson.Default.BlobCollection);
    }

    private async Task<string> AddAsync(byte[] content, bool isOld)
    {
        await using var staged = await Blobs.StageAsync(new MemoryStream(content), Token);
        await staged.CommitAsync(Token);
        if (isOld)
        {
            Age(staged.Digest);
        }

        return staged.Digest;
    }

    private void Age(string digest) => File.SetLastWriteTimeUtc(
        Path.Combine(_registry.DataDirectory, "blobs", "sha256", digest[7..9], digest[7..]), DateTime.UtcNow.AddHours(-2));

    private void AgeAll()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_registry.DataDirectory, "blobs", "sha256"), "*", SearchOption.AllDirectories))
        {
            try
            {
                File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-2));
            }
            catch (FileNotFoundException)
            {
                // Just collected.
            }
        }
    }

    private sealed class Raced() : RunningRegistry(null, null, null, store => new InterferingStore(store));
}
