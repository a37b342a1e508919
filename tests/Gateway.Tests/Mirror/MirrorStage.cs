using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Gateway.Holding;
using Sluice.Gateway.Mirror;
using Sluice.Gateway.Tests.Neighbours;

namespace Sluice.Gateway.Tests.Mirror;

/// <summary>A stage with version 1 of <c>wine</c> stable, and version 2 on a replica of the canary's pool, to which a share is copied.</summary>
internal sealed class MirrorStage : IAsyncDisposable
{
    private MirrorStage(Stage stage) => (Stage, Counts) = (stage, new Counts(stage.Gateway));

    public Stage Stage { get; }

    public Counts Counts { get; }

    public FakePredictor Stable => Stage.Predictor(0);

    public FakePredictor Canary => Stage.Predictor(1);

    public HeldBudget Budget => Stage.Gateway.Services.GetRequiredService<HeldBudget>();

    /// <summary>Copies whose end was counted.</summary>
    public double Ended => Counts.Of(MetricNames.GatewayMirror, ("model", "wine"));

    public static async Task<MirrorStage> SetAsync(int share = Weight.Whole, string[]? labels = null, params (string Key, string Value)[] settings)
    {
        var stage = await Stage.SetAsync(settings);
        stage.Registry.Register("wine", 1, labels ?? []);
        stage.Registry.Register("wine", 2, labels ?? []);
        stage.Registry.Report(await stage.AddPredictorAsync(), ("wine", 1, VersionState.Ready));
        var canary = await stage.AddPredictorAsync();
        canary.Pool = Pools.Canary;
        stage.Registry.Report(canary, ("wine", 2, VersionState.Ready));
        stage.Registry.Serve(Serving(share));
        await stage.CaughtUpAsync();
        var mirror = new MirrorStage(stage);
        mirror.Stable.Answer = mirror.Canary.Answer = Answering("""{"outputs":[{"name":"y","datatype":"FP32","shape":[1,3],"data":[0.1,0.7,0.2]}]}""");
        return mirror;
    }

    public static ServingState Serving(int share, int? canary = 2, long generation = 2) => new()
    {
        Model = "wine",
        Generation = generation,
        Stable = 1,
        Canary = canary,
        MirrorShare = new Weight(share),
        Rollout = "wine.1",
    };

    /// <summary>Answers with JSON.</summary>
    public static RequestDelegate Answering(string json, int status = 200) => Answering(Encoding.UTF8.GetBytes(json), ("Content-Type", "application/json"), (":status", $"{status}"));

    /// <summary>Answers with these bytes and headers.</summary>
    public static RequestDelegate Answering(byte[] body, params (string Name, string Value)[] headers) => async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        foreach (var (name, value) in headers)
        {
            if (name == ":status")
            {
                context.Response.StatusCode = int.Parse(value, null);
            }
            else
            {
                context.Response.Headers[name] = value;
            }
        }

        await context.Response.Body.WriteAsync(body);
    };

    public double Of(MirrorResult result) => Counts.Of(MetricNames.GatewayMirror, ("model", "wine"), ("result", result.Label()));

    public async Task InferAsync(int times = 1, string path = "/v2/models/wine/infer", string body = "{}")
    {
        for (var i = 0; i < times; i++)
        {
            using var answer = await Stage.Http.PostAsync(path, RunningGateway.Json(body));
            Assert.Equal(200, (int)answer.StatusCode);
            Assert.Equal("1", answer.Headers.GetValues(SluiceHeaders.Version).Single());
        }
    }

    public async ValueTask DisposeAsync()
    {
        Counts.Dispose();
        await Stage.DisposeAsync();
    }
}
