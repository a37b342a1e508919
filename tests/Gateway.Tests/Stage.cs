using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>A registry, some predictors and a gateway that go with the test.</summary>
public sealed class Stage : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<FakePredictor> _predictors = [];

    private Stage(FakeRegistry registry) => Registry = registry;

    public FakeRegistry Registry { get; }

    public RunningGateway Gateway { get; private set; } = null!;

    public string StateFile => _folder.PathOf("state.json");

    public HttpClient Http => Gateway.Http;

    /// <summary>Starts all but predictors.</summary>
    public static async Task<Stage> SetAsync(params (string Key, string Value)[] settings)
    {
        var stage = new Stage(await FakeRegistry.RunAsync());
        stage.Gateway = RunningGateway.Start(stage.Registry.Address, stage.StateFile, settings);
        return stage;
    }

    /// <summary>Starts all, with version 1 of the model <c>wine</c> stable and ready on so many predictors.</summary>
    public static async Task<Stage> SetWithWineAsync(int predictors = 1, params (string Key, string Value)[] settings)
    {
        var stage = await SetAsync(settings);
        stage.Registry.Register("wine", 1);
        stage.Registry.Serve("wine", stable: 1);
        for (var i = 0; i < predictors; i++)
        {
            stage.Registry.Report(await stage.AddPredictorAsync(), ("wine", 1, VersionState.Ready));
        }

        await stage.CaughtUpAsync();
        return stage;
    }

    /// <summary>
    /// Starts all, with version 1 of the model <c>wine</c> stable on predictor 0 (and 1), and version 2 as the canary with that share on the last one.
    /// </summary>
    public static async Task<Stage> SetWithCanaryAsync(int basisPoints, int stables = 1, params (string Key, string Value)[] settings)
    {
        var stage = await SetWithWineAsync(stables, settings);
        stage.Registry.Register("wine", 2);
        stage.Registry.Report(await stage.AddPredictorAsync(), ("wine", 2, VersionState.Ready));
        stage.Registry.Canary("wine", stable: 1, canary: 2, basisPoints);
        await stage.CaughtUpAsync();
        return stage;
    }

    public FakePredictor Predictor(int index = 0) => _predictors[index];

    public async Task<FakePredictor> AddPredictorAsync()
    {
        var predictor = await FakePredictor.StartAsync($"predictor-{_predictors.Count}");
        _predictors.Add(predictor);
        return predictor;
    }

    public Task CaughtUpAsync() => Gateway.CaughtUpAsync(Registry);

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        foreach (var predictor in _predictors)
        {
            await predictor.DisposeAsync();
        }

        await Registry.DisposeAsync();
        _folder.Dispose();
    }
}
