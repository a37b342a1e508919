using System.Net;
using static Sluice.Conformance.Tests.ConformanceModels;
using static Sluice.Conformance.Tests.ServerUnderTest;

namespace Sluice.Conformance.Tests;

/// <summary>The V1 protocol. Its paths have a colon.</summary>
public sealed class V1Tests
{
    private readonly ServerUnderTest _server;

    public V1Tests(ServerUnderTest server)
    {
        Require("v1");
        _server = server;
    }

    [Fact]
    public async Task Models_are_listed() => Assert.Contains(
        Pair, (await _server.GetAsync("/v1/models")).Json.GetProperty("models").EnumerateArray().Select(name => name.GetString()));

    [Fact]
    public async Task Model_says_that_it_is_ready_and_an_unknown_one_is_a_404()
    {
        var ready = (await _server.GetAsync($"/v1/models/{Pair}")).Json;

        Assert.Equal(Pair, ready.GetProperty("name").GetString());
        Assert.True(ready.GetProperty("ready").GetBoolean());
        Assert.Equal(404, (await _server.GetAsync("/v1/models/conformance-nothing")).Status);
        Refused(await _server.PostAsync("/v1/models/conformance-nothing:predict", """{"instances":[[1,2]]}"""), HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("conformance-fp32", """{"instances":[[1,2],[3,4]]}""", """{"predictions":[[1,2],[3,4]]}""")]
    [InlineData("conformance-fp32", """{"inputs":[[1,2]]}""", """{"outputs":[[1,2]]}""")]
    [InlineData("conformance-bytes", """{"instances":[["a",{"b64":"Yg=="}]]}""", """{"predictions":[["a","b"]]}""")]
    [InlineData(Pair, """{"instances":[{"a":[3,4],"b":[1,2]}]}""", """{"predictions":[{"sum":[4,6],"difference":[2,2]}]}""")]
    [InlineData(Lookup, """{"instances":[0,2]}""", """{"predictions":[10,30]}""")]
    public async Task Instances_get_predictions(string model, string body, string expected)
    {
        Assert.Equal(expected, (await _server.PostAsync($"/v1/models/{model}:predict", body)).Text);
        Assert.Equal(expected, (await _server.PostAsync($"/v1/models/{model}/versions/1:predict", body)).Text);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"instances":[[1,2],[3]]}""")]
    [InlineData("""{"instances":[["a","b"]]}""")]
    [InlineData("""{"instances":[[1,2]],"inputs":[[1,2]]}""")]
    [InlineData("""{"instances":[[1,2]],"signature_name":"other"}""")]
    public async Task Malformed_request_is_a_400(string body) => Refused(await _server.PostAsync("/v1/models/conformance-fp32:predict", body));

    [Fact]
    public async Task Model_that_fails_is_a_500() => Refused(await _server.PostAsync($"/v1/models/{Lookup}:predict", """{"instances":[7]}"""), HttpStatusCode.InternalServerError);
}
