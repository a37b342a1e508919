using Sluice.Predictor.Grpc;
using Sluice.Predictor.Inference;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Grpc;

public sealed class CallerPatienceTests
{
    private readonly ManualTime _time = new();

    [Theory]
    [InlineData(1000, 0, true)]
    [InlineData(1000, 899, true)]
    [InlineData(1000, 900, false)] // its own clock ran out, a moment before ours
    [InlineData(1000, 1001, false)]
    [InlineData(40, 10, true)]
    [InlineData(40, 20, false)]
    public async Task Who_leaves_at_the_very_end_was_not_answered_in_time(int milliseconds, int after, bool left)
    {
        using var connection = new CancellationTokenSource();
        using var caller = new CallerPatience(_time.GetUtcNow().UtcDateTime.AddMilliseconds(milliseconds), _time, connection.Token);
        _time.Advance(TimeSpan.FromMilliseconds(after));

        await connection.CancelAsync();

        Assert.Equal(left, caller.Left.IsCancellationRequested);
    }

    [Fact]
    public async Task Who_gave_no_deadline_leaves_whenever_it_leaves()
    {
        using var connection = new CancellationTokenSource();
        using var caller = new CallerPatience(DateTime.MaxValue, _time, connection.Token);
        Assert.Null(caller.Remaining(null));

        await connection.CancelAsync();

        Assert.True(caller.Left.IsCancellationRequested);
    }

    [Fact]
    public void The_shorter_time_counts_and_none_is_left_when_it_is_over()
    {
        using var caller = new CallerPatience(_time.GetUtcNow().UtcDateTime.AddSeconds(2), _time, CancellationToken.None);

        Assert.Equal(TimeSpan.FromSeconds(2), caller.Remaining(null));
        Assert.Equal(TimeSpan.FromSeconds(1), caller.Remaining(TimeSpan.FromSeconds(1)));
        Assert.Equal(TimeSpan.FromSeconds(2), caller.Remaining(TimeSpan.FromSeconds(3)));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Throws<InferenceException>(() => caller.Remaining(null));
    }
}
