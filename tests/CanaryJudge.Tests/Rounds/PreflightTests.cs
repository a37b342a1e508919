using Sluice.Contracts;

namespace Sluice.CanaryJudge.Tests.Rounds;

/// <summary>Before the first share.</summary>
public sealed class PreflightTests : CourtRoom
{
    [Fact]
    public async Task No_share_is_given_to_a_version_whose_gateways_are_not_all_seen()
    {
        using var court = new Court(AnalysisRule.Sequential, "g1", "g2");
        court.Unreadable.Add("g2");
        for (var looks = 0; looks < 10; looks++)
        {
            await court.LookAsync(Stable);
        }

        var hold = Assert.Single(court.Registry.Preflights);
        Assert.Equal((Verdict.Hold, HoldKind.Blind), (hold.Verdict, hold.Hold));
        Assert.Contains("Not begun at 00:00:40: nothing reliable was seen for", hold.Reason, StringComparison.Ordinal);
        Assert.Contains("gateway g2: it is down", hold.Reason, StringComparison.Ordinal);

        court.Unreadable.Clear();
        await court.LookAsync(Stable);
        Assert.True(court.Registry.Rollout.IsCleared);
        Assert.Contains("every gateway shows both versions, the latency limit is an edge, 0.0 % of stable's requests failed lately", court.Registry.Rollout.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nor_while_stable_is_sick_and_what_was_cleared_is_not_when_it_falls_sick_before_the_first_share()
    {
        await _court.LookAsync(Stable);
        await _court.LookAsync(Stable);
        Assert.True(_court.Registry.Rollout.IsCleared);

        await _court.LookAsync(new(100, Failed: 60));
        Assert.Equal((HoldKind.StableSick, false), (_court.Registry.Rollout.Hold?.Kind, _court.Registry.Rollout.IsCleared));
        await _court.LookAsync(new(100, Failed: 60));
        Assert.Equal(2, _court.Registry.Preflights.Count); // said once

        for (var looks = 0; looks < 6; looks++)
        {
            await _court.LookAsync(Stable); // until it was well for half a minute
        }

        Assert.True(_court.Registry.Rollout.IsCleared);
    }

    [Fact]
    public async Task Nor_where_the_limit_on_latency_is_no_edge()
    {
        _court.Registry.Happens("start", rollout => rollout with { Plan = rollout.Plan with { Analysis = new(MaxLatencySeconds: 0.3) } });
        await _court.LookAsync(Stable);
        await _court.LookAsync(Stable);

        Assert.Contains("the latency limit is no edge of the gateways' histograms", Assert.Single(_court.Registry.Preflights).Reason, StringComparison.Ordinal);
        Assert.False(_court.Registry.Rollout.IsCleared);
    }
}
