using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Predictor.Versions;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Versions;

/// <summary>Run alone: other tests of this process use memory too.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

[Collection(Alone.Name)]
public sealed class MemoryTests
{
    private const int Megabyte = 1024 * 1024;

    [Fact]
    public async Task Memory_comes_back_when_versions_go()
    {
        await using var stage = await Stage.SetAsync();
        var version = stage.Registry.Register("m", 1, OnnxModels.OfSize(8 * Megabyte));
        var loader = stage.Predictor.Services.GetRequiredService<VersionLoader>();

        // The system's allocator keeps what it was once given, up to a limit that the first hundred rounds find.
        await LoadAndUnloadAsync(100);
        var before = WorkingSet();
        await LoadAndUnloadAsync(100);

        // A model that was not freed would be there a hundred times: 800 MB.
        Assert.InRange((WorkingSet() - before) / Megabyte, -10_000, 40);

        async Task LoadAndUnloadAsync(int rounds)
        {
            for (var i = 0; i < rounds; i++)
            {
                var loaded = await loader.LoadAsync(version, TestContext.Current.CancellationToken);
                await loaded.CloseAsync();
            }
        }
    }

    [Fact]
    public async Task Two_hundred_small_models_are_served_by_one_process_for_a_few_megabytes_each()
    {
        const int Models = 200;
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("first", OnnxModels.Scale(0.5f, -1));
        await stage.ReadyAsync("first");
        var before = WorkingSet();
        for (var i = 0; i < Models; i++)
        {
            stage.Registry.Register($"m{i}", 1, OnnxModels.Scale(i, -1));
        }

        for (var i = 0; i < Models; i++)
        {
            stage.Registry.Assign($"m{i}", 1);
        }

        var served = stage.Predictor.Services.GetRequiredService<ServedVersions>();
        await Eventually.BecomesTrueAsync(() => served.All.Count(version => version.State == VersionState.Ready) == Models + 1, TimeSpan.FromSeconds(120));

        for (var i = 0; i < Models; i++)
        {
            var answer = await stage.Predictor.InferAsync($"m{i}", """{"inputs":[{"name":"x","shape":[2],"datatype":"FP32","data":[1,2]}]}""");
            Assert.Contains($"[{i},{2 * i}]", answer.Text, StringComparison.Ordinal);
        }

        Assert.InRange((WorkingSet() - before) / Megabyte, -10_000, Models * 2);
        Assert.Equal(Models + 1, stage.Registry.Reports.Last().Report.Versions.Count);
    }

    [Fact]
    public async Task Memory_comes_back_after_large_and_bad_requests()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("line", OnnxModels.Identity(Datatype.Fp32, -1));
        await stage.ReadyAsync("line");
        var good = $$"""{"inputs":[{"name":"x","shape":[400000],"datatype":"FP32","data":[{{string.Join(',', Enumerable.Repeat("1.5", 400_000))}}]}]}""";
        var bad = good.Replace("[400000]", "[400001]", StringComparison.Ordinal);

        await AskAsync(30);
        var before = WorkingSet();
        await AskAsync(50);

        // Each round has tensors of 3 MB and bodies of 5 MB: the smallest of them, kept, would be 150 MB. The allocators' own swing was seen at 56 MB
        // on a busy machine.
        Assert.InRange((WorkingSet() - before) / Megabyte, -10_000, 100);

        async Task AskAsync(int rounds)
        {
            for (var i = 0; i < rounds; i++)
            {
                Assert.Equal(200, (await stage.Predictor.InferAsync("line", good)).Status);
                Assert.Equal(400, (await stage.Predictor.InferAsync("line", bad)).Status);
            }
        }
    }

    private static long WorkingSet()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return Environment.WorkingSet;
    }
}
