using Sluice.Testing;

namespace Sluice.EndToEnd.Tests.Faults;

/// <summary>What stable answered is asked of a real canary too, and the answers are compared.</summary>
[Collection(nameof(SharedFleet))]
public sealed class MirrorTests(Fleet fleet)
{
    [Theory]
    [InlineData("mirror-same", 1, false)] // the same artifact once more
    [InlineData("mirror-other", 5, true)] // without labels the scores count, and those of another model are others
    public async Task Answers_of_a_canary_agree_or_not(string model, int canary, bool disagrees)
    {
        var known = await fleet.ServeAsync(model, canaryShare: 0, 1, canary);
        await fleet.StartAsync(model, 2, mirrorShare: 10_000, [1]); // one user's request in ten thousand
        await fleet.EveryGatewayAsync("sluice_gateway_route_weight_ratio", 0.0001, ("model", model), ("version", "2"));
        await known.LearnAsync(fleet.Users, model, 2);
        var traffic = Traffic.Start(fleet.Users, model, known);

        await Eventually.BecomesTrueAsync(async () => await CountedAsync(disagrees ? "disagree" : "agree") > 50, TimeSpan.FromSeconds(60));

        var received = await traffic.EndAsync();
        Assert.Empty(received.Where(answer => answer.Problem is not null).Select(answer => answer.Problem));
        Assert.Equal(disagrees, await CountedAsync("disagree") > 0);
        Assert.Equal(0, await CountedAsync("error"));
        await fleet.RollBackAsync(model);

        Task<double> CountedAsync(string result) => fleet.CountedAsync("sluice_gateway_mirror_total", ("model", model), ("result", result));
    }
}
