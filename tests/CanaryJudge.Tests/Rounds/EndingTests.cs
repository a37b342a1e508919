namespace Sluice.CanaryJudge.Tests.Rounds;

/// <summary>Whether a canary that was rolled back gets no requests any more.</summary>
public sealed class EndingTests : CourtRoom
{
    [Fact]
    public async Task Requests_of_a_canary_that_do_not_stand_still_are_told()
    {
        await PrepareAsync(_court);
        await _court.LookUntilAsync(() => _court.Registry.Rollout.IsDecided, Stable, Bad, most: 10);

        for (var looks = 0; looks < 15; looks++)
        {
            await _court.LookAsync(Stable, new(1));
        }

        Assert.Single(_court.Logged, line => line.Contains("Do callers ask for it by its number?", StringComparison.Ordinal));
        Assert.DoesNotContain(_court.Logged, line => line.Contains("stand still", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a restart")]
    [InlineData("a lost answer")]
    [InlineData("a lease that another had")]
    public async Task Whether_a_canarys_requests_stand_still_is_found_out_in_spite_of(string what)
    {
        await PrepareAsync(_court);
        await _court.LookUntilAsync(() => _court.Registry.Rollout.IsDecided, Stable, Bad, most: 10);
        switch (what)
        {
            case "a restart":
                _court.Restart();
                break;
            case "a lost answer":
                _court.Registry.Before = request => Lose(request, FakeRegistry.Id, HttpMethod.Get);
                break;
            default:
                _court.Registry.Holder = "another";
                break;
        }

        await _court.LookAsync(Stable, Bad);
        await _court.LookAsync(Stable);
        Assert.Equal(what == "a restart", _court.Logged.Any(line => line.Contains("stand still", StringComparison.Ordinal)));
        (_court.Registry.Before, _court.Registry.Holder) = (null, what == "a lost answer" ? _court.Registry.Holder : null);
        await _court.LookAsync(Stable);
        await _court.LookAsync(Stable);
        Assert.Single(_court.Logged, line => line.Contains("stand still", StringComparison.Ordinal));
    }

    [Fact]
    public async Task That_of_a_rollback_of_long_ago_is_not_asked_any_more()
    {
        await PrepareAsync(_court);
        await _court.LookUntilAsync(() => _court.Registry.Rollout.IsDecided, Stable, Bad, most: 10);
        _court.Time.Advance(TimeSpan.FromHours(1));
        _court.Restart();
        await _court.LookAsync(Stable);
        await _court.LookAsync(Stable);

        Assert.DoesNotContain(_court.Logged, line => line.Contains("stand still", StringComparison.Ordinal));
    }
}
