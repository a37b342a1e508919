using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Predictor.Versions;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Versions;

public sealed class CacheTests
{
    private static readonly byte[] Model = OnnxModels.OfSize(300_000);

    public static TheoryData<string> Damages => ["truncated", "longer", "changed"];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Blob_that_is_not_what_its_digest_names_is_refused_not_kept_and_fetched_again(string damage)
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Tamper = content => damage switch
        {
            "truncated" => content[..^1],
            "longer" => [.. content, 0],
            _ => [.. content[..^1], (byte)~content[^1]],
        };
        var version = stage.Registry.Serve("m", Model);

        Assert.Contains("model.onnx", await stage.FailureAsync("m"), StringComparison.Ordinal);
        Assert.Empty(FilesIn(stage));

        stage.Registry.Tamper = null;
        await stage.ReadyAsync("m");
        Assert.Equal([version.Files[0].Digest[VersionDigest.Prefix.Length..]], Directory.GetFiles(Path.Combine(stage.CacheFolder, "sha256")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Cached_blob_that_was_damaged_is_fetched_again()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("m", Model);
        await stage.ReadyAsync("m");
        await stage.Predictor.DisposeAsync();
        var blob = Assert.Single(Directory.GetFiles(Path.Combine(stage.CacheFolder, "sha256")));
        await using (var file = new FileStream(blob, FileMode.Open))
        {
            file.Seek(1000, SeekOrigin.Begin);
            file.WriteByte((byte)~Model[1000]);
        }

        stage.StartPredictor();
        await stage.ReadyAsync("m");

        Assert.Equal(2, stage.Registry.Fetches.Count);
        Assert.Equal(Model, await File.ReadAllBytesAsync(blob, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Two_predictors_share_a_cache_that_both_fill_at_once()
    {
        await using var stage = await Stage.SetAsync(("Predictor:ReplicaId", "first"));
        await using var second = RunningPredictor.Start(stage.Registry.Address, stage.Folder, ("Predictor:ReplicaId", "second"));
        var (model, data) = OnnxModels.ExternalData("weights.bin", [.. Enumerable.Range(0, 50_000).Select(i => (float)i)]);
        for (var i = 0; i < 5; i++)
        {
            // The same weights in every model: the blob, and the folder of none but its own version, are shared.
            stage.Registry.Register($"m{i}", 1, "model.onnx", ("model.onnx", [.. model, 0x12, (byte)1, (byte)('a' + i)]), ("weights.bin", data));
            stage.Registry.Assign($"m{i}", 1);
        }

        for (var i = 0; i < 5; i++)
        {
            var name = $"m{i}";
            await stage.ReadyAsync(name);
            await Eventually.BecomesTrueAsync(() => second.IsReadyAsync(name));
        }

        Assert.Equal(6, Directory.GetFiles(Path.Combine(stage.CacheFolder, "sha256")).Length);
        Assert.Empty(Directory.GetFiles(Path.Combine(stage.CacheFolder, "incoming")));
        Assert.All(Directory.GetDirectories(Path.Combine(stage.CacheFolder, "versions")), folder => Assert.Equal(2, Directory.GetFiles(folder).Length));
    }

    [Fact]
    public async Task Temporary_files_that_a_crash_left_are_removed_at_start_but_not_those_in_use()
    {
        await using var stage = await Stage.SetWithoutPredictorAsync();
        var incoming = Directory.CreateDirectory(Path.Combine(stage.CacheFolder, "incoming")).FullName;
        await File.WriteAllTextAsync(Path.Combine(incoming, "old"), "", TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(Path.Combine(incoming, "old"), DateTime.UtcNow.AddDays(-2));
        await File.WriteAllTextAsync(Path.Combine(incoming, "new"), "", TestContext.Current.CancellationToken);

        stage.StartPredictor();

        Assert.Equal(["new"], Directory.GetFiles(incoming).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Over_its_limit_the_cache_loses_what_was_longest_unused_and_nothing_that_is_held_or_was_used_within_the_hour()
    {
        await using var stage = await Stage.SetAsync(("Predictor:CacheLimitBytes", "1500000"));
        string[] names = ["held", "oldest", "older", "fresh"];
        foreach (var (name, seed) in names.Select((name, seed) => (name, seed)))
        {
            stage.Registry.Serve(name, OnnxModels.OfSize(600_000, seed));
            await stage.ReadyAsync(name);
        }

        var blobs = names.ToDictionary(name => name, name => Path.Combine(stage.CacheFolder, "sha256", stage.Registry.FindVersion(name).Files[0].Digest[VersionDigest.Prefix.Length..]));
        foreach (var name in names[1..])
        {
            stage.Registry.Withdraw(name);
        }

        var served = stage.Predictor.Services.GetRequiredService<ServedVersions>();
        await Eventually.BecomesTrueAsync(() => served.All.Count() == 1);
        foreach (var (name, hours) in new[] { ("held", 5), ("oldest", 3), ("older", 2) })
        {
            File.SetLastWriteTimeUtc(blobs[name], DateTime.UtcNow.AddHours(-hours));
        }

        Array.ForEach(Directory.GetDirectories(Path.Combine(stage.CacheFolder, "versions")), folder => Directory.SetLastWriteTimeUtc(folder, DateTime.UtcNow.AddHours(-2)));

        stage.Predictor.Services.GetRequiredService<CacheSweep>().Tick();

        // 2.4 MB of 1.5: the two oldest that are not held go, and are then within it.
        Assert.Equal(["held", "fresh"], names.Where(name => File.Exists(blobs[name])));
        Assert.Single(Directory.GetDirectories(Path.Combine(stage.CacheFolder, "versions")));
        Assert.Equal(200, (await stage.Predictor.InferAsync("held", """{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}""")).Status);

        // What went is fetched when it is wanted again.
        stage.Registry.Assign("oldest", 1);
        await stage.ReadyAsync("oldest");
    }

    private static IEnumerable<string> FilesIn(Stage stage) => Directory.EnumerateFiles(stage.CacheFolder, "*", SearchOption.AllDirectories);
}
