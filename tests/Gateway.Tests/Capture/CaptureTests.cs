using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Gateway.Holding;
using Sluice.Gateway.Tests.Mirror;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Capture;

/// <summary>Requests and answers in files: what is written of them, and what is not.</summary>
public sealed class CaptureTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_is_one_line_with_both_bodies_and_without_credentials()
    {
        await using var capture = await CaptureStage.SetAsync();
        var key = new TestKey("acme");
        capture.Stage.Registry.Key(key.Key);
        await capture.Stage.CaughtUpAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/wine/infer?token=secret") { Content = RunningGateway.Json("{\"inputs\":[\n1.50,\n2]}") };
        request.Headers.Add("Authorization", key.Bearer);
        request.Headers.Add("Cookie", "a=secret");
        request.Headers.Add("x-user", "secret");

        (await capture.Stage.Http.SendAsync(request, Token)).Dispose();
        await Eventually.BecomesTrueAsync(() => capture.Of("written") == 1);

        var line = Assert.Single(capture.Lines());
        Assert.DoesNotContain("secret", line.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(key.Primary, line.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(("wine", 1, "predictor-0", "v2"), (Text("model"), line.GetProperty("version").GetInt32(), Text("replica"), Text("protocol")));
        Assert.Equal(("/v2/models/wine/infer", 200, "ok"), (Text("path"), line.GetProperty("status").GetInt32(), Text("fault")));
        Assert.True(line.GetProperty("durationMs").GetDouble() > 0);
        Assert.InRange(line.GetProperty("time").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow);
        Assert.NotEmpty(Text("id"));
        Assert.Equal("application/json; charset=utf-8", line.GetProperty("request").GetProperty("contentType").GetString());
        Assert.Equal("""{"inputs":[1.50,2]}""", line.GetProperty("request").GetProperty("body").GetRawText());
        Assert.Equal(21, line.GetProperty("request").GetProperty("bytes").GetInt32());
        Assert.Equal("""{"replica":"predictor-0","version":"1"}""", line.GetProperty("answer").GetProperty("body").GetRawText());

        string Text(string name) => line.GetProperty(name).GetString()!;
    }

    [Fact]
    public async Task Binary_bodies_are_base64_and_large_ones_are_left_out_with_their_size()
    {
        await using var capture = await CaptureStage.SetAsync(("Gateway:Capture:MaxBodyBytes", "100"));
        capture.Stage.Predictor().Answer = MirrorStage.Answering([1, 2, 3], ("Inference-Header-Content-Length", "0"));
        await capture.WriteAsync(body: new string(' ', 101));
        capture.Stage.Predictor().Answer = MirrorStage.Answering(new byte[101]);
        await capture.WriteAsync(body: "no json");

        var (first, second) = (capture.Lines()[0], capture.Lines()[1]);
        Assert.Equal(("size", 101), (first.GetProperty("request").GetProperty("leftOut").GetString(), first.GetProperty("request").GetProperty("bytes").GetInt32()));
        Assert.Equal([1, 2, 3], first.GetProperty("answer").GetProperty("base64").GetBytesFromBase64());
        Assert.Equal("no json"u8.ToArray(), second.GetProperty("request").GetProperty("base64").GetBytesFromBase64());
        Assert.Equal("size", second.GetProperty("answer").GetProperty("leftOut").GetString());
    }

    [Fact]
    public async Task What_failed_is_captured_with_whose_fault_it_was()
    {
        await using var capture = await CaptureStage.SetAsync(("Gateway:RequestTimeout", "00:00:00.300"));
        capture.Stage.Predictor().Answer = MirrorStage.Answering("""{"error":"e"}""", 500);
        await capture.WriteAsync();
        capture.Stage.Predictor().Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        await capture.WriteAsync();

        Assert.Equal([("500", "model"), ("504", "deadline")], capture.Lines().Select(line => (line.GetProperty("status").GetRawText(), line.GetProperty("fault").GetString()!)));
    }

    [Fact]
    public async Task The_answer_is_the_one_that_the_caller_got_and_names_who_gave_it()
    {
        await using var capture = await CaptureStage.SetAsync();
        capture.Stage.Registry.Register("wine", 2);
        capture.Stage.Registry.Report(await capture.Stage.AddPredictorAsync(), ("wine", 2, VersionState.Ready));
        capture.Stage.Registry.Canary("wine", stable: 1, canary: 2, Weight.Whole);
        await capture.Stage.CaughtUpAsync();

        await capture.WriteAsync();
        capture.Stage.Predictor(1).Answer = MirrorStage.Answering("""{"error":"e"}""", 500);
        await capture.WriteAsync();

        Assert.Equal(
            [(2, "predictor-1"), (1, "predictor-0")],
            capture.Lines().Select(line => (line.GetProperty("version").GetInt32(), line.GetProperty("answer").GetProperty("body").GetProperty("replica").GetString())));
        Assert.Equal(["predictor-1", "predictor-0"], capture.Lines().Select(line => line.GetProperty("replica").GetString()));
    }

    [Theory]
    [InlineData("sizes", true)]
    [InlineData("none", false)]
    public async Task Bodies_may_be_left_out_altogether(string bodies, bool sizes)
    {
        await using var capture = await CaptureStage.SetAsync(("Gateway:Capture:Bodies", bodies));
        await capture.WriteAsync(body: """{"private":1}""");

        var line = Assert.Single(capture.Lines());
        Assert.DoesNotContain("private", line.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("predictor-0\"}", line.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(sizes, line.GetProperty("request").TryGetProperty("bytes", out _));
    }

    [Theory]
    [InlineData("/v2/models/wine/infer", """{"inputs":[{"name":"age","data":[41]},{"name":"b","data":[7]}]}""", """{"inputs":[{"name":"age","data":"[redacted]"},{"name":"b","data":[7]}]}""")]
    [InlineData("/v1/models/wine:predict", """{"instances":[{"x":1,"age":41}]}""", """{"instances":[{"x":"[redacted]","age":"[redacted]"}]}""")]
    [InlineData("/v1/models/wine:predict", """{"instances":[[41]]}""", null)] // rows of the input x, that is not to be kept
    [InlineData("/models/wine/invocations", """{"dataframe_split":{"columns":["x","b","age"],"data":[[1,2,41]]}}""", """{"dataframe_split":{"columns":["x","b","age"],"data":[["[redacted]",2,"[redacted]"]]}}""")]
    [InlineData("/models/wine/predict", """{"x":[41],"parameters":{"user":"u","k":1}}""", """{"x":"[redacted]","parameters":{"user":"[redacted]","k":1}}""")]
    [InlineData("/models/wine/predict", "x,age\n1,41", null)]
    public async Task What_is_redacted_is_in_no_file(string path, string body, string? written)
    {
        await using var capture = await CaptureStage.SetAsync(
            ("Gateway:Capture:Redact:0", "age"), ("Gateway:Capture:Redact:1", "x"), ("Gateway:Capture:Redact:2", "/parameters/user"));
        await capture.WriteAsync(body: body, path: path);

        var request = Assert.Single(capture.Lines()).GetProperty("request");
        if (written is not null)
        {
            Assert.Equal(written, request.GetProperty("body").GetRawText());
        }
        else
        {
            Assert.Equal("redacted", request.GetProperty("leftOut").GetString());
            Assert.False(request.TryGetProperty("body", out _) || request.TryGetProperty("base64", out _));
        }
    }

    [Fact]
    public async Task The_share_and_the_models_say_what_is_captured()
    {
        await using var capture = await CaptureStage.SetAsync(("Gateway:Capture:Share", "0.3"), ("Gateway:Capture:Models:0", "wine"), ("Gateway:Capture:Queue", "100000"));
        capture.Stage.Registry.Register("other", 1);
        capture.Stage.Registry.Serve("other", stable: 1);
        capture.Stage.Registry.Report("another", capture.Stage.Predictor().Address, ("other", 1, VersionState.Ready));
        await capture.Stage.CaughtUpAsync();

        for (var i = 0; i < 1000; i++)
        {
            (await capture.PostAsync("{}")).Dispose();
            if (i % 10 == 0)
            {
                (await capture.PostAsync("{}", "/v2/models/other/infer")).Dispose();
            }
        }

        // Eight standard deviations of a fair draw: 300, 14.5 more or less.
        await Eventually.BecomesTrueAsync(() => capture.Of("written") == capture.Lines().Length);
        Assert.InRange(capture.Lines().Length, 184, 416);
        Assert.All(capture.Lines(), line => Assert.Equal("wine", line.GetProperty("model").GetString()));
        Assert.Equal(0, capture.Stage.Gateway.Services.GetRequiredService<HeldBudget>().Taken);
    }

    [Fact]
    public async Task Without_a_folder_nothing_is_captured_and_no_series_is_there()
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:Capture:Share", "1"));
        using var counts = new Counts(stage.Gateway);
        (await stage.Gateway.InferAsync("wine")).Dispose();

        Assert.DoesNotContain(counts.Page(), sample => sample.Name.StartsWith("sluice_gateway_captured", StringComparison.Ordinal));
    }
}
