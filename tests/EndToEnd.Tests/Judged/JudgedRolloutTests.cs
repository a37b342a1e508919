using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests.Judged;

/// <summary>
/// The judge at work in the running system, by what a real Prometheus scrapes where there is one: a good version is promoted, a bad one goes back, by
/// themselves and without a failed request.
/// </summary>
[Collection(nameof(SharedSluice))]
public sealed class JudgedRolloutTests(RunningSluice sluice)
{
    [Fact]
    public async Task A_good_version_is_promoted_and_a_bad_one_rolled_back_with_the_figures_on_record()
    {
        await Stories.GoodAndBadAsync(new JudgedModel(sluice.Gateway, sluice.Registry, "judged"));

        // Nobody else asks it anything. Without the program Metrics=auto means the gateways' own pages, which has a test of its own in the long runs.
        Assert.Equal(PrometheusServer.IsInstalled, await WasAskedAsync());
    }

    private async Task<bool> WasAskedAsync()
    {
        if (!PrometheusServer.IsInstalled)
        {
            return false;
        }

        using var http = new HttpClient();
        var page = await http.GetStringAsync(new Uri($"http://127.0.0.1:{sluice.Ports[5]}/metrics"), TestContext.Current.CancellationToken);
        return page.Contains("""prometheus_http_requests_total{code="200",handler="/api/v1/query"} """, StringComparison.Ordinal);
    }
}

/// <summary>What several ways of running Sluice have to do alike.</summary>
internal static class Stories
{
    /// <summary>Sample 2 is promoted and sample 4, which fails on every fourth row, rolled back.</summary>
    public static async Task GoodAndBadAsync(JudgedModel model)
    {
        await model.ServeAsync(1, 2, 4);
        await model.WithTrafficAsync(async () =>
        {
            var promoted = await model.RollOutAsync(2);
            Assert.True(promoted.Phase == RolloutPhase.Promoted, promoted.Reason);
            var proof = await model.LastVerdictAsync(promoted);
            Assert.Equal(Verdict.Advance, proof.Verdict);
            Assert.NotNull(proof.Tier); // A or B: how a busy machine's latencies compare, is luck

            var rolledBack = await model.RollOutAsync(3);
            Assert.True(rolledBack.Phase == RolloutPhase.RolledBack, rolledBack.Reason);
            var verdict = await model.LastVerdictAsync(rolledBack);
            Assert.Equal(Verdict.RollBack, verdict.Verdict);
            Assert.Contains("canary requests", rolledBack.Reason, StringComparison.Ordinal);
            await model.AnswersOnlyAsync("2");
        });

        Assert.Contains(model.Answers, answer => answer.Version == "3"); // it was tried, or nothing was shown
    }
}
