using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;

namespace Sluice.Predictor.Tests.Samples;

/// <summary>A predictor that has all samples ready.</summary>
public sealed class ServedSamples : IAsyncLifetime
{
    private Stage _stage = null!;

    public async ValueTask InitializeAsync()
    {
        _stage = await Stage.SetAsync();
        foreach (var versions in Sample.All.GroupBy(sample => sample.Model, sample => sample.Version))
        {
            foreach (var version in versions)
            {
                _stage.Registry.Register(versions.Key, version, Sample.Graph(versions.Key, version));
            }

            _stage.Registry.Assign(versions.Key, [.. versions]);
        }

        foreach (var (model, version) in Sample.All)
        {
            await _stage.ReadyAsync(model, version);
        }
    }

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    /// <summary>What a version answers to rows in one request.</summary>
    public Task<Answer> InferAsync(string model, int version, params float[][] rows)
    {
        var request = new { inputs = new[] { new { name = "features", shape = new[] { rows.Length, rows[0].Length }, datatype = Datatype.Fp32, data = rows } } };
        return _stage.Predictor.PostAsync($"/v2/models/{model}/versions/{version}/infer", JsonSerializer.Serialize(request));
    }

    /// <summary>The labels and probabilities of rows that a version must answer.</summary>
    public async Task<(long[] Labels, double[] Probabilities)> PredictAsync(string model, int version, params float[][] rows)
    {
        var answer = await InferAsync(model, version, rows);
        Assert.True(answer.Status == 200, answer.Text);
        var outputs = answer.Json.GetProperty("outputs").EnumerateArray().ToDictionary(output => output.GetProperty("name").GetString()!, output => output.GetProperty("data"));
        return (outputs["label"].Deserialize<long[]>()!, outputs["probabilities"].Deserialize<double[]>()!);
    }
}
