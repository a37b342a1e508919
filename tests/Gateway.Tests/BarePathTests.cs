using System.Net;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;

namespace Sluice.Gateway.Tests;

/// <summary>All forms of the path of an inference, and which model the bare ones mean.</summary>
public sealed class BarePathTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v2/models/wine/infer", "/v2/models/wine/versions/1/infer")]
    [InlineData("/v2/models/wine/versions/1/infer", "/v2/models/wine/versions/1/infer")]
    [InlineData("/v1/models/wine:predict", "/v1/models/wine/versions/1:predict")]
    [InlineData("/v1/models/wine/versions/1:predict", "/v1/models/wine/versions/1:predict")]
    [InlineData("/models/wine/invocations", "/models/wine/versions/1/invocations")]
    [InlineData("/models/wine/versions/1/invocations", "/models/wine/versions/1/invocations")]
    [InlineData("/models/wine/predict", "/models/wine/versions/1/predict")]
    [InlineData("/models/wine/versions/1/predict", "/models/wine/versions/1/predict")]
    [InlineData("/invocations", "/models/wine/versions/1/invocations")]
    [InlineData("/predict", "/models/wine/versions/1/predict")]
    public async Task A_replica_is_asked_by_the_path_of_the_version_in_the_callers_protocol(string path, string upstream)
    {
        await using var stage = await Stage.SetWithWineAsync();

        using var answer = await stage.Http.PostAsync(path + "?a=b", RunningGateway.Json("{}"), Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var seen = Assert.Single(stage.Predictor().Seen);
        Assert.Equal((upstream, "?a=b"), (seen.Path, seen.Query));
    }

    [Theory]
    [InlineData(null, null, HttpStatusCode.BadRequest, "beer, wine are served")]
    [InlineData("wine", null, HttpStatusCode.OK, "")]
    [InlineData(null, "beer", HttpStatusCode.OK, "")]
    [InlineData("wine", "beer", HttpStatusCode.OK, "")]
    [InlineData("cider", "beer", HttpStatusCode.NotFound, "no model 'cider'")]
    [InlineData(null, "cider", HttpStatusCode.NotFound, "no model 'cider'")]
    [InlineData("a b", null, HttpStatusCode.NotFound, "header x-sluice-model names no model")]
    public async Task A_bare_path_means_the_model_of_the_header_else_of_the_settings(string? header, string? setting, HttpStatusCode status, string words)
    {
        await using var stage = await Stage.SetWithWineAsync(1, setting is null ? [] : [("Gateway:DefaultModel", setting)]);
        stage.Registry.Register("beer", 1);
        stage.Registry.Serve("beer", stable: 1);
        stage.Registry.Register("not-served", 1);
        stage.Registry.Report(stage.Predictor(), ("wine", 1, VersionState.Ready), ("beer", 1, VersionState.Ready));
        await stage.CaughtUpAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/predict") { Content = RunningGateway.Json("{}") };
        if (header is not null)
        {
            request.Headers.Add(SluiceHeaders.Model, header);
        }

        using var answer = await stage.Http.SendAsync(request, Token);

        if (status == HttpStatusCode.OK)
        {
            Assert.Equal(status, answer.StatusCode);
            Assert.StartsWith($"/models/{header ?? setting}/versions/", Assert.Single(stage.Predictor().Seen).Path, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains(words, await Answers.AreErrorAsync(answer, status, "client"), StringComparison.Ordinal);
            Assert.Empty(stage.Predictor().Seen);
        }
    }

    [Fact]
    public async Task A_bare_path_of_MLflow_is_refused_in_its_form()
    {
        await using var stage = await Stage.SetWithWineAsync();
        stage.Registry.Register("beer", 1);
        stage.Registry.Serve("beer", stable: 1);
        await stage.CaughtUpAsync();

        using var answer = await stage.Http.PostAsync("/invocations", RunningGateway.Json("{}"), Token);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token)).RootElement;
        Assert.Equal("BAD_REQUEST", body.GetProperty("error_code").GetString());
        Assert.Contains("beer, wine", body.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_any_model_a_bare_path_is_told_so()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Register("wine", 1);
        await stage.CaughtUpAsync();

        using var answer = await stage.Http.PostAsync("/predict", RunningGateway.Json("{}"), Token);

        Assert.Contains("No model is served", await Answers.AreErrorAsync(answer, HttpStatusCode.ServiceUnavailable, "capacity"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_is_no_models_name_is_refused_at_start()
    {
        await Assert.ThrowsAnyAsync<Exception>(async () => await Stage.SetAsync(("Gateway:DefaultModel", "a b")));
        await Assert.ThrowsAnyAsync<Exception>(async () => await Stage.SetAsync(("Gateway:LatencyEdges:0", "1"), ("Gateway:LatencyEdges:1", "0.5")));
    }
}
