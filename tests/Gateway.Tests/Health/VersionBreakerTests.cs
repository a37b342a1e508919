using Sluice.Contracts;
using Sluice.Gateway.Health;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Health;

/// <summary>When a version's breaker lets a request through.</summary>
public sealed class VersionBreakerTests
{
    private readonly ManualTime _time = new();
    private readonly VersionBreaker _breaker;

    public VersionBreakerTests() => _breaker = new VersionBreaker(_time);

    [Theory]
    [InlineData(19, 0, false)] // too few to say
    [InlineData(20, 0, true)]
    [InlineData(20, 20, false)] // half is not most
    [InlineData(21, 20, true)]
    public void It_opens_when_most_of_enough_attempts_failed(int failures, int successes, bool opens)
    {
        for (var i = 0; i < successes; i++)
        {
            _breaker.Note(FaultClass.Ok);
        }

        for (var i = 0; i < failures; i++)
        {
            _breaker.Note(FaultClass.Model);
        }

        Assert.Equal(opens, _breaker.OpenSince is not null);
        Assert.Equal(opens ? 5 : 100, Admitted(100));
    }

    [Fact]
    public void Failures_of_long_ago_do_not_count()
    {
        Note(FaultClass.Gateway, 19);
        _time.Advance(TimeSpan.FromSeconds(10));

        Note(FaultClass.Gateway, 19);

        Assert.Null(_breaker.OpenSince);
    }

    [Fact]
    public void What_clients_do_says_nothing()
    {
        Note(FaultClass.Client, 100);
        Note(FaultClass.Cancelled, 100);

        Assert.Null(_breaker.OpenSince);
    }

    [Fact]
    public void While_twenty_attempts_are_late_few_go_through_and_it_stays_closed()
    {
        for (var i = 0; i < 20; i++)
        {
            Assert.True(_breaker.Admits());
            _breaker.BeginLate();
        }

        Assert.Equal(5, Admitted(100));
        Assert.Null(_breaker.OpenSince);

        _breaker.EndLate(); // nineteen: the next ones may try
        _breaker.Note(FaultClass.Ok);
        Assert.Equal(100, Admitted(100));
    }

    private void Note(FaultClass outcome, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _breaker.Note(outcome);
        }
    }

    private int Admitted(int requests) => Enumerable.Range(0, requests).Count(_ => _breaker.Admits());
}
