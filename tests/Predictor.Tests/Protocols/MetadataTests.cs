using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Protocols;

public sealed class MetadataTests(ServedModels models) : IClassFixture<ServedModels>
{
    private readonly RunningPredictor _predictor = models.Predictor;

    [Fact]
    public async Task Server_tells_its_name_and_only_what_it_can()
    {
        var answer = await _predictor.GetAsync("/v2");

        Assert.Equal("sluice", answer.Json.GetProperty("name").GetString());
        Assert.Equal("""["binary_tensor_data","statistics","parameters","model_repository(index)"]""", answer.Json.GetProperty("extensions").GetRawText());
        Assert.Equal("""{"live":true}""", (await _predictor.GetAsync("/v2/health/live")).Text);
        Assert.Equal("""{"ready":true}""", (await _predictor.GetAsync("/v2/health/ready")).Text);
    }

    [Theory]
    [InlineData("/v2/models/two")]
    [InlineData("/v2/models/two/versions/1")]
    public async Task Model_tells_its_tensors(string path)
    {
        var answer = await _predictor.GetAsync(path);

        Assert.StartsWith(
            """{"name":"two","versions":["1"],"platform":"onnx_onnxv1","inputs":[{"name":"a","datatype":"FP32","shape":[-1,2]},{"name":"b","datatype":"FP32","shape":[-1,2]}],"outputs":[{"name":"sum","datatype":"FP32","shape":[-1,2]},{"name":"difference","datatype":"FP32","shape":[-1,2]}],""",
            answer.Text,
            StringComparison.Ordinal);
        var parameters = answer.Json.GetProperty("parameters");
        Assert.Equal(answer.Header(SluiceHeaders.Digest), parameters.GetProperty("digest").GetString());
        Assert.Equal("cpu", parameters.GetProperty("device").GetString());
        Assert.Contains("Predictor:Provider", parameters.GetProperty("deviceReason").GetString(), StringComparison.Ordinal);
        Assert.True(parameters.GetProperty("batching").GetBoolean());
        Assert.Equal(32, parameters.GetProperty("maxBatchSize").GetInt32());
        Assert.StartsWith("sha256:", answer.Header(SluiceHeaders.Digest));
        Assert.Equal("""{"name":"two","ready":true}""", (await _predictor.GetAsync(path + "/ready")).Text);
    }

    [Theory]
    [InlineData("/v2/models/nothing")]
    [InlineData("/v2/models/two/versions/2")]
    [InlineData("/v2/models/nothing/ready")]
    public async Task Unknown_model_has_none(string path) => V2Tests.AssertRefused(await _predictor.GetAsync(path), 404, "is unknown");

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/metrics")]
    public async Task Management_is_not_on_the_public_port(string path) => Assert.Equal(404, (await _predictor.GetAsync(path)).Status);

    [Fact]
    public async Task Idle_predictor_is_ready_as_a_process_but_has_nothing_to_serve()
    {
        await using var stage = await Stage.SetAsync();
        await Eventually.BecomesTrueAsync(async () => await stage.Predictor.HealthAsync() == System.Net.HttpStatusCode.OK);

        Assert.Equal(503, (await stage.Predictor.GetAsync("/v2/health/ready")).Status);
        Assert.Equal(200, (await stage.Predictor.GetAsync("/v2/health/live")).Status);
    }
}
