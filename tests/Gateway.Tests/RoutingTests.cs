using System.Net;

namespace Sluice.Gateway.Tests;

/// <summary>Which replica answers which request, as callers see it.</summary>
public sealed class RoutingTests
{
    [Fact]
    public async Task A_request_reaches_a_replica_of_the_stable_version_and_brings_its_answer()
    {
        await using var stage = await Stage.SetWithWineAsync();

        using var answer = await stage.Gateway.InferAsync("wine");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("""{"replica":"predictor-0","version":"1"}""", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("/v2/models/wine/versions/1/infer", Assert.Single(stage.Predictor().Seen).Path);
    }
}
