using System.Net;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.ServiceDefaults;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>What the gateway answers itself.</summary>
public sealed class MetadataTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v2/health/live", """{"live":true}""")]
    [InlineData("/v2/health/ready", """{"ready":true}""")]
    [InlineData("/v2", """{"name":"sluice","version":"0.1.0","extensions":[]}""")]
    [InlineData("/v2/models/wine", """{"name":"wine","versions":["1","3"],"platform":"onnx_onnxv1","inputs":[{"name":"x","datatype":"FP32","shape":[-1,13]}],"outputs":[{"name":"y","datatype":"FP32","shape":[-1,3]}]}""")]
    [InlineData("/v2/models/wine/ready", """{"name":"wine","ready":true}""")]
    [InlineData("/v2/models/wine/versions/3/ready", """{"name":"wine","ready":true}""")]
    [InlineData("/", """{"name":"sluice","version":"0.1.0","models":["wine"],"ask":["GET /v2/models/wine","POST /v2/models/wine/infer","POST /models/wine/invocations","GET /api/models"]}""")]
    public async Task Health_and_metadata_are_answered_from_what_is_known(string path, string expected)
    {
        await using var stage = await SetAsync();

        using var answer = await stage.Http.GetAsync(path, Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(expected, await answer.Content.ReadAsStringAsync(Token));
        Assert.False(answer.Headers.Contains("Server"));
        Assert.Empty(stage.Predictor().Seen);
    }

    [Fact]
    public async Task A_version_that_is_not_ready_has_metadata_and_is_not_ready()
    {
        await using var stage = await SetAsync();

        using var metadata = await stage.Http.GetAsync("/v2/models/wine/versions/2", Token);
        using var ready = await stage.Http.GetAsync("/v2/models/wine/versions/2/ready", Token);

        Assert.Equal(HttpStatusCode.OK, metadata.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("""{"name":"wine","ready":false}""", await ready.Content.ReadAsStringAsync(Token));
    }

    [Theory]
    [InlineData("/v2/models/beer")]
    [InlineData("/v2/models/beer/ready")]
    [InlineData("/v2/models/wine/versions/9")]
    [InlineData("/v2/models/wine/versions/one/ready")]
    public async Task Metadata_of_what_is_not_there_is_404(string path)
    {
        await using var stage = await SetAsync();

        using var answer = await stage.Http.GetAsync(path, Token);

        await Answers.AreErrorAsync(answer, HttpStatusCode.NotFound, "client");
    }

    [Fact]
    public async Task Before_any_state_was_read_nothing_is_ready_and_no_model_is_called_unknown()
    {
        using var folder = new TemporaryFolder();
        var nobody = new Uri($"http://127.0.0.1:{FreePort.Take(1)[0]}");
        await using var gateway = RunningGateway.Start(nobody, folder.PathOf("state.json"));

        using var management = await gateway.Http.GetAsync(new Uri(gateway.Management, Management.ReadyPath), Token);
        using var live = await gateway.Http.GetAsync(new Uri(gateway.Management, Management.LivePath), Token);
        using var ready = await gateway.Http.GetAsync("/v2/health/ready", Token);
        using var infer = await gateway.InferAsync("wine");
        using var metadata = await gateway.Http.GetAsync("/v2/models/wine", Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, management.StatusCode);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        await Answers.AreErrorAsync(infer, HttpStatusCode.ServiceUnavailable, "capacity");
        await Answers.AreErrorAsync(metadata, HttpStatusCode.ServiceUnavailable, "capacity");
    }

    private static async Task<Stage> SetAsync()
    {
        var stage = await Stage.SetWithWineAsync();
        stage.Registry.Register("wine", 2);
        stage.Registry.Register("wine", 3);
        stage.Registry.Report(stage.Predictor(), ("wine", 1, VersionState.Ready), ("wine", 3, VersionState.Ready));
        await stage.CaughtUpAsync();
        return stage;
    }
}
