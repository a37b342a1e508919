using System.Net;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;

namespace Sluice.Gateway.Tests;

/// <summary>What callers read when a request goes no further than the gateway.</summary>
public sealed class ErrorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v2/models/beer/infer", "no model 'beer'")]
    [InlineData("/v2/models/wine/versions/9/infer", "no version 9")]
    [InlineData("/v2/models/wine/versions/one/infer", "whole number")]
    [InlineData("/v2/models/%3Cscript%3E/infer", "The path names no model")]
    [InlineData("/v2/models/wine%2Fversions%2F1/infer", "The path names no model")]
    [InlineData("/v2/models/unset/infer", "no stable version")]
    [InlineData("/v2/other", "nothing at this path")]
    public async Task What_is_not_there_is_404_in_the_form_of_v2(string path, string reason)
    {
        await using var stage = await Stage.SetWithWineAsync();
        stage.Registry.Serve("unset", stable: null);
        await stage.CaughtUpAsync();

        using var answer = await stage.Http.PostAsync(path, null, Token);

        Assert.Contains(reason, await Answers.AreErrorAsync(answer, HttpStatusCode.NotFound, "client"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/models/beer/invocations")]
    [InlineData("/models/wine/versions/9/invocations")]
    [InlineData("/models/wine/other")]
    public async Task What_is_not_there_is_404_in_the_form_of_MLflow(string path)
    {
        await using var stage = await Stage.SetWithWineAsync();

        using var answer = await stage.Http.PostAsync(path, null, Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token)).RootElement;
        Assert.Equal("RESOURCE_DOES_NOT_EXIST", body.GetProperty("error_code").GetString());
        Assert.NotEmpty(body.GetProperty("message").GetString()!);
        Assert.Equal("client", answer.Headers.GetValues(SluiceHeaders.Fault).Single());
    }

    [Theory]
    [InlineData("/v2/models/wine/infer")]
    [InlineData("/v2/models/wine/versions/2/infer")]
    public async Task A_version_that_nobody_has_ready_is_503_and_says_when_to_come_back(string path)
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Register("wine", 1);
        stage.Registry.Register("wine", 2);
        stage.Registry.Serve("wine", stable: 1);
        await stage.CaughtUpAsync();

        using var answer = await stage.Http.PostAsync(path, null, Token);

        Assert.Contains("No replica has version", await Answers.AreErrorAsync(answer, HttpStatusCode.ServiceUnavailable, "capacity"), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task A_wrong_method_is_405_and_names_the_right_one()
    {
        await using var stage = await Stage.SetWithWineAsync();

        using var infer = await stage.Http.GetAsync("/v2/models/wine/infer", Token);
        using var metadata = await stage.Http.PostAsync("/v2/models/wine", null, Token);

        await Answers.AreErrorAsync(infer, HttpStatusCode.MethodNotAllowed, "client");
        Assert.Equal(["POST"], infer.Content.Headers.Allow);
        await Answers.AreErrorAsync(metadata, HttpStatusCode.MethodNotAllowed, "client");
        Assert.Equal(["GET"], metadata.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("1.5")]
    [InlineData("soon")]
    [InlineData("")]
    [InlineData("99999999999999999999")]
    public async Task A_timeout_that_is_none_is_400_and_names_the_header(string timeout)
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/wine/infer");
        request.Headers.TryAddWithoutValidation(SluiceHeaders.TimeoutMilliseconds, timeout);

        using var answer = await stage.Http.SendAsync(request, Token);

        Assert.Contains(SluiceHeaders.TimeoutMilliseconds, await Answers.AreErrorAsync(answer, HttpStatusCode.BadRequest, "client"), StringComparison.Ordinal);
        Assert.Empty(stage.Predictor().Seen);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_above_the_limit_is_413_with_its_length_declared_or_not(bool declared)
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:MaxRequestBodyBytes", "1000"));
        using var body = new ByteArrayContent(new byte[1001]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/wine/infer") { Content = body };
        request.Headers.TransferEncodingChunked = !declared;

        using var answer = await stage.Http.SendAsync(request, Token);

        Assert.Contains("1000 bytes", await Answers.AreErrorAsync(answer, HttpStatusCode.RequestEntityTooLarge, "client"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_at_the_limit_is_taken()
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:MaxRequestBodyBytes", "1000"));

        using var answer = await stage.Http.PostAsync("/v2/models/wine/infer", new ByteArrayContent(new byte[1000]), Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task An_error_of_the_replica_is_passed_on_as_it_is()
    {
        await using var stage = await Stage.SetWithWineAsync();
        stage.Predictor().Answer = async context =>
        {
            context.Response.StatusCode = 400;
            context.Response.ContentType = "application/json";
            context.Response.Headers[SluiceHeaders.Fault] = "client";
            await context.Response.Body.WriteAsync("""{"error":"inputs[0].shape: expected [-1, 13]"}"""u8.ToArray());
        };

        using var answer = await stage.Gateway.InferAsync("wine");

        Assert.Equal("inputs[0].shape: expected [-1, 13]", await Answers.AreErrorAsync(answer, HttpStatusCode.BadRequest, "client"));
    }

    [Fact]
    public async Task Other_paths_answer_with_problem_details()
    {
        await using var stage = await Stage.SetWithWineAsync();

        using var answer = await stage.Http.GetAsync("/nothing", Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("POST /v2/models/%00/infer HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("POST /v2/models/%zz/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("POST /v2/models/%C3%28/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("POST /v2/models/../../../etc/passwd HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("POST //v2//models//wine//infer HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("POST /v2/models/wine/versions/99999999999999999999/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("POST /v2/models/wine/infer HTTP/1.1\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("POST /v2/models/wine/infer HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST /v2/models/wine/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("POST /v2/models/wine/infer HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n")]
    [InlineData("POST /v2/models/wine/infer HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nnot hex\r\n")]
    [InlineData("GARBAGE\r\n\r\n")]
    [InlineData("CONNECT /v2/models/wine/infer HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("TRACE /v2/models/wine/infer HTTP/1.1\r\nHost: a\r\n\r\n")]
    public async Task A_malformed_request_is_a_4xx(string request)
    {
        await using var stage = await Stage.SetWithWineAsync();

        Assert.InRange(await RawHttp.StatusAsync(stage.Gateway.Address, request), 400, 499);
    }

    [Fact]
    public async Task A_version_of_HTTP_that_there_is_not_is_505()
    {
        await using var stage = await Stage.SetWithWineAsync();

        Assert.Equal(505, await RawHttp.StatusAsync(stage.Gateway.Address, "POST /v2/models/wine/infer HTTP/3.7\r\nHost: a\r\n\r\n"));
    }

    [Theory]
    [InlineData(20_000, 10)]
    [InlineData(10, 40_000)]
    public async Task A_huge_path_or_header_is_a_4xx(int path, int header)
    {
        await using var stage = await Stage.SetWithWineAsync();
        var request = $"POST /v2/models/{new string('a', path)}/infer HTTP/1.1\r\nHost: a\r\nX-Long: {new string('b', header)}\r\nContent-Length: 0\r\n\r\n";

        Assert.InRange(await RawHttp.StatusAsync(stage.Gateway.Address, request), 400, 499);
    }

    [Fact]
    public async Task A_request_to_upgrade_the_connection_is_answered_as_any_other()
    {
        await using var stage = await Stage.SetWithWineAsync();
        const string Request = "POST /v2/models/wine/infer HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n";

        Assert.Equal(200, await RawHttp.StatusAsync(stage.Gateway.Address, Request));
        Assert.DoesNotContain("Upgrade", Assert.Single(stage.Predictor().Seen).Headers.Keys);
    }
}
