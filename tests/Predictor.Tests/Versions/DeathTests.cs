using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Predictor.Tests.Reports;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Versions;

/// <summary>A version whose load ends the process does so twice, and no more: the replica comes back and serves the others.</summary>
public sealed class DeathTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task After_two_deaths_in_its_load_a_version_is_left_out_and_the_others_are_served()
    {
        await using var stage = await Stage.SetWithoutPredictorAsync();

        // Its golden vector takes minutes: time to end the process in the middle of the load.
        stage.Registry.Serve("deadly", OnnxModels.Slow(), golden: [Vector(rounds: 1_000_000_000)]);
        for (var death = 0; death < 2; death++)
        {
            await using var process = ProcessTests.Start(RunningPredictor.SettingsOf(stage.Registry.Address, stage.Folder, FreePort.Take(2)));
            await Eventually.BecomesTrueAsync(() => Marks(stage).Length == death + 1, Patience);
            process.Kill();
            await process.WaitForExitAsync(Patience);
        }

        stage.Registry.Serve("good", OnnxModels.Scale(2, -1));
        await using var last = ProcessTests.Start(RunningPredictor.SettingsOf(stage.Registry.Address, stage.Folder, FreePort.Take(2)));

        await Eventually.BecomesTrueAsync(() => stage.Registry.LastWord("good")?.State == VersionState.Ready, Patience);
        await Eventually.BecomesTrueAsync(() => stage.Registry.LastWord("deadly")?.State == VersionState.Failed, Patience);
        Assert.Contains("ended the process 2 times", stage.Registry.LastWord("deadly")!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_death_is_forgiven_and_forgotten_once_the_version_is_loaded()
    {
        await using var stage = await Stage.SetWithoutPredictorAsync();
        var version = stage.Registry.Serve("m", OnnxModels.Scale(2, -1));
        var folder = Directory.CreateDirectory(Path.Combine(stage.CacheFolder, "loading")).FullName;
        var mark = Path.Combine(folder, $"{version.Digest[VersionDigest.Prefix.Length..]}.{Environment.MachineName}.{int.MaxValue}.1.x.mark");
        await File.WriteAllBytesAsync(mark, [], TestContext.Current.CancellationToken);

        stage.StartPredictor();
        await stage.ReadyAsync("m");

        Assert.Empty(Marks(stage));
    }

    private static string[] Marks(Stage stage) =>
        Directory.Exists(Path.Combine(stage.CacheFolder, "loading")) ? Directory.GetFiles(Path.Combine(stage.CacheFolder, "loading")) : [];

    private static GoldenVector Vector(long rounds) => new(
        new Dictionary<string, GoldenTensor> { ["x"] = new([1], JsonSerializer.SerializeToElement(new[] { rounds })) },
        new Dictionary<string, GoldenTensor> { ["y"] = new([1], JsonSerializer.SerializeToElement(new[] { 1f })) },
        new GoldenTolerance(0, 0));
}
