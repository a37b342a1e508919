using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Predictor.Versions;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Proofs;

/// <summary>Ready means: it gave the answers it was registered with, here, and still does.</summary>
public sealed class GoldenProofTests
{
    private const string One = """{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}""";

    [Fact]
    public async Task Version_whose_golden_vectors_hold_is_ready()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("m", OnnxModels.Scale(2, -1), golden: [Vector([1, 2], [2, 4]), Vector([0.5f], [1.0009f], absolute: 0.001)]);

        await stage.ReadyAsync("m");
    }

    [Theory]
    [InlineData(new[] { 3f }, "y[0] is 2, expected is 3")]
    [InlineData(new[] { 2f, 2f }, "y is FP32 [1], expected is FP32 [2]")]
    public async Task Version_that_gives_another_answer_is_never_ready_and_says_which(float[] expected, string problem)
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("m", OnnxModels.Scale(2, -1), golden: [Vector([1], [2]), Vector([1], expected)]);

        var reason = await stage.FailureAsync("m");

        Assert.Contains("golden vector 2 of 2", reason, StringComparison.Ordinal);
        Assert.Contains(problem, reason, StringComparison.Ordinal);
        Assert.Equal(503, (await stage.Predictor.InferAsync("m", One)).Status);
    }

    [Fact]
    public async Task Number_that_is_none_is_no_golden_answer()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("root", OnnxModels.SquareRoot(), golden: [Vector([-1], [0], absolute: 1e30)]);

        Assert.Contains("NaN", await stage.FailureAsync("root"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Vectors_are_fetched_and_verified_like_the_model()
    {
        await using var stage = await Stage.SetAsync();
        var version = stage.Registry.Serve("m", OnnxModels.Scale(2, -1), golden: [Vector([1], [2])]);
        await stage.ReadyAsync("m");

        Assert.Contains(version.Golden!.Digest, stage.Registry.Fetches);
        Assert.Equal(2, Directory.GetFiles(Path.Combine(stage.CacheFolder, "sha256")).Length);
    }

    [Fact]
    public async Task Version_that_no_longer_gives_its_answers_is_taken_out_and_loaded_anew()
    {
        await using var stage = await Stage.SetAsync(("Predictor:ProofInterval", "1.00:00:00"));

        stage.Registry.Serve("m", OnnxModels.Scale(2, -1), golden: [Vector([1], [2])]);
        await stage.ReadyAsync("m");
        var loop = stage.Predictor.Services.GetRequiredService<ProofLoop>();
        loop.Tick();
        Assert.Equal(VersionState.Ready, stage.Registry.LastWord("m")?.State);

        // As if the device now computed something else: what it gives is no longer what is expected.
        var loaded = stage.Predictor.Services.GetRequiredService<ServedVersions>().All.Single().Loaded!;
        ((IList<GoldenVector>)loaded.Vectors)[0] = Vector([1], [3]);
        loop.Tick();

        await Eventually.BecomesTrueAsync(() => stage.Registry.Reports.Any(each => each.Report.Versions.Any(
            version => version is { Model: "m", State: VersionState.Failed, Reason: { } reason } && reason.Contains("golden vector 1 of 1", StringComparison.Ordinal))));

        // Loaded anew, it is proved by the vectors that were registered.
        await stage.ReadyAsync("m");
    }

    private static GoldenVector Vector(float[] x, float[] y, double absolute = 0) =>
        new(Tensors("x", x), Tensors("y", y), new GoldenTolerance(absolute, 0));

    private static Dictionary<string, GoldenTensor> Tensors(string name, float[] values) => new()
    {
        [name] = new GoldenTensor(
            [values.Length],
            JsonDocument.Parse($"[{string.Join(',', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}]").RootElement),
    };
}
