using System.Net;
using System.Text.Json;
using static Sluice.Conformance.Tests.ConformanceModels;
using static Sluice.Conformance.Tests.ServerUnderTest;

namespace Sluice.Conformance.Tests;

/// <summary>Open Inference Protocol v2: health and metadata.</summary>
public sealed class V2EndpointTests
{
    private readonly ServerUnderTest _server;

    public V2EndpointTests(ServerUnderTest server)
    {
        Require("v2");
        _server = server;
    }

    [Theory]
    [InlineData("/v2/health/live")]
    [InlineData("/v2/health/ready")]
    [InlineData($"/v2/models/{Pair}/ready")]
    [InlineData($"/v2/models/{Pair}/versions/1/ready")]
    public async Task Health_is_a_200(string path) => Assert.Equal(200, (await _server.GetAsync(path)).Status);

    [Fact]
    public async Task Model_says_by_name_that_it_is_ready()
    {
        var ready = (await _server.GetAsync($"/v2/models/{Pair}/ready")).Json;

        Assert.Equal(Pair, ready.GetProperty("name").GetString());
        Assert.True(ready.GetProperty("ready").GetBoolean());
    }

    [Fact]
    public async Task Server_names_itself_its_version_and_its_extensions()
    {
        var server = (await _server.GetAsync("/v2")).Json;

        Assert.NotEmpty(server.GetProperty("name").GetString()!);
        Assert.NotEmpty(server.GetProperty("version").GetString()!);
        Assert.Contains("binary_tensor_data", server.GetProperty("extensions").EnumerateArray().Select(each => each.GetString()));
    }

    [Theory]
    [InlineData($"/v2/models/{Pair}")]
    [InlineData($"/v2/models/{Pair}/versions/1")]
    public async Task Model_describes_its_tensors_with_minus_one_for_any_size(string path)
    {
        var model = (await _server.GetAsync(path)).Json;

        Assert.Equal(Pair, model.GetProperty("name").GetString());
        Assert.Contains("onnx", model.GetProperty("platform").GetString(), StringComparison.Ordinal);
        Assert.Equal(["a FP32 [-1,2]", "b FP32 [-1,2]"], model.GetProperty("inputs").EnumerateArray().Select(Text).Order(StringComparer.Ordinal));
        Assert.Equal(["difference FP32 [-1,2]", "sum FP32 [-1,2]"], model.GetProperty("outputs").EnumerateArray().Select(Text).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_datatype_has_its_name()
    {
        foreach (var datatype in Datatypes)
        {
            Assert.Equal($"x {datatype} [-1,2]", Text((await _server.GetAsync($"/v2/models/{Identity(datatype)}")).Json.GetProperty("inputs")[0]));
        }
    }

    [Theory]
    [InlineData("/v2/models/conformance-nothing")]
    [InlineData("/v2/models/conformance-nothing/ready")]
    [InlineData("/v2/models/CONFORMANCE-PAIR")] // names are case-sensitive
    [InlineData($"/v2/models/{Pair}/versions/999")]
    public async Task Unknown_model_is_a_404(string path) => Refused(await _server.GetAsync(path), HttpStatusCode.NotFound);

    [Fact]
    public async Task Wrong_method_is_a_405() => Assert.Equal(405, (await _server.GetAsync($"/v2/models/{Pair}/infer")).Status);

    [Fact]
    public async Task Index_lists_each_version_with_its_state_and_a_reason_for_what_is_not_ready()
    {
        var index = (await _server.PostAsync("/v2/repository/index", "{}")).Json.EnumerateArray().ToArray();

        Assert.Contains(index, entry => entry.GetProperty("name").GetString() == Pair && entry.GetProperty("state").GetString() == "READY");
        foreach (var entry in index.Where(entry => entry.GetProperty("state").GetString() != "READY"))
        {
            Assert.Contains(entry.GetProperty("state").GetString(), new[] { "LOADING", "UNLOADING", "UNAVAILABLE" });
            Assert.NotEmpty(entry.GetProperty("reason").GetString()!);
        }

        Assert.All((await _server.PostAsync("/v2/repository/index", """{"ready":true}""")).Json.EnumerateArray(), entry => Assert.Equal("READY", entry.GetProperty("state").GetString()));
    }

    [Theory]
    [InlineData($"/v2/models/{Pair}/stats")]
    [InlineData($"/v2/models/{Pair}/versions/1/stats")]
    [InlineData("/v2/models/stats")]
    public async Task Statistics_have_the_durations_of_the_extension(string path)
    {
        await _server.RequireExtensionAsync("statistics");
        var stats = (await _server.GetAsync(path)).Json.GetProperty("model_stats").EnumerateArray().Single(each => each.GetProperty("name").GetString() == Pair);

        Assert.True(stats.GetProperty("execution_count").GetInt64() <= stats.GetProperty("inference_count").GetInt64());
        foreach (var duration in new[] { "success", "fail", "queue", "compute_input", "compute_infer", "compute_output", "cache_hit" })
        {
            Assert.True(stats.GetProperty("inference_stats").GetProperty(duration).GetProperty("count").GetInt64() >= 0);
            Assert.True(stats.GetProperty("inference_stats").GetProperty(duration).GetProperty("ns").GetInt64() >= 0);
        }

        Assert.Equal(JsonValueKind.Array, stats.GetProperty("batch_stats").ValueKind);
    }

    private static string Text(JsonElement tensor) =>
        $"{tensor.GetProperty("name").GetString()} {tensor.GetProperty("datatype").GetString()} {tensor.GetProperty("shape").GetRawText()}";
}
