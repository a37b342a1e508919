using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Versions;

public sealed class ServingTests
{
    private const string OneRow = """{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[3]}]}""";

    [Fact]
    public async Task Assigned_version_is_fetched_proved_and_answers()
    {
        await using var stage = await Stage.SetAsync();
        var version = stage.Registry.Serve("double", OnnxModels.Scale(2, -1));
        await stage.ReadyAsync("double");

        var answer = await stage.Predictor.InferAsync("double", OneRow);

        Assert.Equal(200, answer.Status);
        Assert.Equal(6, answer.Json.GetProperty("outputs")[0].GetProperty("data")[0].GetDouble());
        Assert.Equal("1", answer.Header(SluiceHeaders.Version));
        Assert.Equal(version.Digest, answer.Header(SluiceHeaders.Digest));
        Assert.Equal("ok", answer.Header(SluiceHeaders.Fault));
    }
}
