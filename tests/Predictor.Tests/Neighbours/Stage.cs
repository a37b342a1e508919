using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Neighbours;

/// <summary>A registry and a predictor that go with the test.</summary>
public sealed class Stage : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private Stage(FakeRegistry registry) => Registry = registry;

    public FakeRegistry Registry { get; }

    public RunningPredictor Predictor { get; private set; } = null!;

    public string Folder => _folder.Path;

    public string CacheFolder => _folder.PathOf("cache");

    public static async Task<Stage> SetAsync(params (string Key, string Value)[] settings)
    {
        var stage = new Stage(await FakeRegistry.RunAsync());
        stage.StartPredictor(settings);
        return stage;
    }

    /// <summary>A stage on which only the registry stands.</summary>
    public static async Task<Stage> SetWithoutPredictorAsync() => new(await FakeRegistry.RunAsync());

    public RunningPredictor StartPredictor(params (string Key, string Value)[] settings) =>
        Predictor = RunningPredictor.Start(Registry.Address, Folder, settings);

    public Task ReadyAsync(string model, int version = 1) => Eventually.BecomesTrueAsync(() => Predictor.IsReadyAsync(model, version));

    public async Task<string> FailureAsync(string model, int version = 1)
    {
        await Eventually.BecomesTrueAsync(() => Registry.LastWord(model, version)?.State == VersionState.Failed);
        return Registry.LastWord(model, version)!.Reason!;
    }

    public async ValueTask DisposeAsync()
    {
        if (Predictor is not null)
        {
            await Predictor.DisposeAsync();
        }

        await Registry.DisposeAsync();
        _folder.Dispose();
    }
}
