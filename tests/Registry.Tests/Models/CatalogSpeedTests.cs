using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Registry.Models;
using Sluice.Registry.Store;

namespace Sluice.Registry.Tests.Models;

/// <summary>Lists and searches at 1,000 models of 3 versions.</summary>
public sealed class CatalogSpeedTests(ITestOutputHelper output)
{
    private const int Count = 1000;

    private static readonly ModelSignature Signature = new([new("x", Datatype.Fp32, [-1, 4])], [new("y", Datatype.Fp32, [-1, 3])]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_list_or_search_takes_single_digit_milliseconds()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") is null, "a measurement, which other tests would disturb: ./test.sh --long");
        await using var registry = new RunningRegistry();
        await FillAsync(registry.Services.GetRequiredService<IStore>());

        await MeasureAsync(registry, "list 100", "/api/models", 100);
        await MeasureAsync(registry, "list 1000", "/api/models?limit=1000", 1000, atMost: 150);
        await MeasureAsync(registry, "search by name", "/api/models?name=DEL-0999", 1);
        await MeasureAsync(registry, "search by tag", "/api/models?tag=team%3Dteam-7&limit=1000", 100);
        await MeasureAsync(registry, "search by alias", "/api/models?alias=only-500", 1);
        await MeasureAsync(registry, "one model's versions", "/api/models/model-0500/versions", 3);

        // Every write makes the next list read the store again.
        var slow = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            (await registry.Http.PatchAsync("/api/models/model-0001", Calls.Json($$"""{"description": "{{i}}"}"""), Token)).Dispose();
            slow.Add(await TimeAsync(registry, "/api/models", 100));
        }

        output.WriteLine($"list 100 right after a write: median {slow.Order().ElementAt(10):0.0} ms");
    }

    private async Task MeasureAsync(RunningRegistry registry, string what, string path, int expected, double atMost = 10)
    {
        var times = new List<double>();
        for (var i = 0; i < 50; i++)
        {
            times.Add(await TimeAsync(registry, path, expected));
        }

        times.Sort();
        output.WriteLine($"{what}: median {times[25]:0.0} ms, 90th percentile {times[45]:0.0} ms");
        Assert.InRange(times[25], 0, atMost);
    }

    private static async Task<double> TimeAsync(RunningRegistry registry, string path, int expected)
    {
        var start = Stopwatch.GetTimestamp();
        var bytes = await registry.Http.GetByteArrayAsync(path, Token);
        var took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        using var list = System.Text.Json.JsonDocument.Parse(bytes);
        Assert.Equal(expected, list.RootElement.GetArrayLength());
        return took;
    }

    private static async Task FillAsync(IStore store)
    {
        for (var n = 0; n < Count; n += 100)
        {
            var batch = new StoreBatch();
            foreach (var i in Enumerable.Range(n, 100))
            {
                var name = $"model-{i:0000}";
                batch.Put(StoreKeys.Model(name), ModelRecords.ToBytes(new ModelRecord(name, 3, DateTimeOffset.UnixEpoch)
                {
                    Description = "One of a thousand models.",
                    Tags = new Dictionary<string, string> { ["team"] = $"team-{i % 10}", ["data"] = "generated" },
                    Aliases = new Dictionary<string, int> { ["champion"] = 2, [$"only-{i}"] = 1 },
                }));
                foreach (var version in Enumerable.Range(1, 3))
                {
                    batch.Put(StoreKeys.Version(name, version), VersionRecords.ToBytes(NewVersion(name, version)));
                }
            }

            Assert.True((await store.CommitAsync(batch, Token)).Succeeded);
        }
    }

    private static ModelVersion NewVersion(string model, int version)
    {
        ModelFile[] files = [new("model.onnx", VersionDigest.Prefix + new string('0', 64), 1000)];
        return new ModelVersion
        {
            Model = model,
            Version = version,
            Digest = VersionDigest.Of(files),
            ModelPath = "model.onnx",
            Files = files,
            Signature = Signature,
            Opset = 17,
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
    }
}
