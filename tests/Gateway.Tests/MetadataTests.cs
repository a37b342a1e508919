using System.Net;
using System.Text.Json;
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
    [InlineData("/v2", """{"name":"sluice","version":"0.1.0","extensions":["binary_tensor_data","parameters","model_repository(index)"]}""")]
    [InlineData("/v2/models/wine", """{"name":"wine","versions":["1","3"],"platform":"onnx_onnxv1","inputs":[{"name":"x","datatype":"FP32","shape":[-1,13]}],"outputs":[{"name":"y","datatype":"FP32","shape":[-1,3]}]}""")]
    [InlineData("/v2/models/wine/ready", """{"name":"wine","ready":true}""")]
    [InlineData("/v2/models/wine/versions/3/ready", """{"name":"wine","ready":true}""")]
    [InlineData("/v1/models", """{"models":["wine"]}""")]
    [InlineData("/v1/models/wine", """{"name":"wine","ready":true}""")]
    [InlineData("/v1/models/wine/versions/3", """{"name":"wine","ready":true}""")]
    [InlineData("/ping", "\n")]
    [InlineData("/health", "\n")]
    [InlineData("/version", "0.1.0")]
    [InlineData("/", """{"name":"sluice","version":"0.1.0","models":["wine"],"ask":["GET /v2/models/wine","POST /v2/models/wine/infer","POST /v1/models/wine:predict","POST /models/wine/invocations","POST /models/wine/predict","GET /api/models"]}""")]
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
    [InlineData("/v1/models/beer")]
    [InlineData("/v1/models/wine/versions/9")]
    [InlineData("/v2/models/wine/stats")]
    [InlineData("/v2/models/stats")]
    [InlineData("/v1/wine")]
    public async Task Metadata_of_what_is_not_there_is_404(string path)
    {
        await using var stage = await SetAsync();

        using var answer = await stage.Http.GetAsync(path, Token);

        await Answers.AreErrorAsync(answer, HttpStatusCode.NotFound, "client");
    }

    [Theory]
    [InlineData(null, HttpStatusCode.OK)]
    [InlineData("wine", HttpStatusCode.OK)]
    [InlineData("beer", HttpStatusCode.NotFound)]
    public async Task A_ping_may_name_a_model_and_comes_as_HEAD_too(string? model, HttpStatusCode status)
    {
        await using var stage = await SetAsync();
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
        {
            using var request = new HttpRequestMessage(method, "/ping");
            if (model is not null)
            {
                request.Headers.Add(SluiceHeaders.Model, model);
            }

            using var answer = await stage.Http.SendAsync(request, Token);

            Assert.Equal(status, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("", 4)]
    [InlineData("{}", 4)]
    [InlineData("""{"ready":false}""", 4)]
    [InlineData("""{"ready":true}""", 2)]
    public async Task The_index_lists_every_version_and_where_it_stands(string query, int versions)
    {
        await using var stage = await SetAsync();
        stage.Registry.Register("wine", 4);
        stage.Registry.Report(
            stage.Predictor(), ("wine", 1, VersionState.Ready), ("wine", 2, VersionState.Failed), ("wine", 3, VersionState.Ready), ("wine", 4, VersionState.Loading));
        await stage.CaughtUpAsync();

        using var answer = await stage.Http.PostAsync("/v2/repository/index", new StringContent(query), Token);

        var index = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token)).RootElement.EnumerateArray()
            .Select(entry => $"{entry.GetProperty("name")} {entry.GetProperty("version")} {entry.GetProperty("state")}").ToList();
        Assert.Equal(versions, index.Count);
        Assert.Equal(versions == 2 ? ["wine 1 READY", "wine 3 READY"] : ["wine 1 READY", "wine 2 UNAVAILABLE", "wine 3 READY", "wine 4 LOADING"], index);
    }

    [Theory]
    [InlineData("/v2/repository/index", "[", HttpStatusCode.BadRequest)]
    [InlineData("/v2/repository/index", "[[]]", HttpStatusCode.BadRequest)]
    [InlineData("/v2/repository/models/wine/load", "", HttpStatusCode.Forbidden)]
    [InlineData("/v2/repository/models/wine/unload", "{}", HttpStatusCode.Forbidden)]
    [InlineData("/v1/models/wine:explain", "{}", HttpStatusCode.NotFound)]
    public async Task What_is_not_for_the_caller_to_do_is_refused(string path, string body, HttpStatusCode status)
    {
        await using var stage = await SetAsync();

        using var answer = await stage.Http.PostAsync(path, RunningGateway.Json(body), Token);

        await Answers.AreErrorAsync(answer, status, "client");
    }

    [Fact]
    public async Task A_query_of_the_index_is_no_upload()
    {
        await using var stage = await SetAsync();

        using var answer = await stage.Http.PostAsync("/v2/repository/index", new ByteArrayContent(new byte[100_000]), Token);

        await Answers.AreErrorAsync(answer, HttpStatusCode.RequestEntityTooLarge, "client");
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
